package snapshot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/snapshot"
)

// What a newer operator writes is told from what is broken.
func TestDecodeTellsWhatIsNewer(t *testing.T) {
	encoded := string(sample().Encode())
	for name, tt := range map[string]struct {
		old, replacement string
		newer            bool
	}{
		"newer version":       {`"version":1`, `"version":2`, true},
		"unknown field":       {`"version":1`, `"version":1,"unknown":1`, true},
		"unknown field below": {`"port":8080`, `"port":8080,"unknown":{"a":[1]}`, true},
		"older version":       {`"version":1`, `"version":0`, false},
		"field twice":         {`"port":8080`, `"port":8080,"port":8080`, false},
		"field missing":       {`"port":8080,`, ``, false},
		"white space":         {`"version":1`, `"version": 1`, false},
		"another number":      {`"port":8080`, `"port":-1`, false},
	} {
		t.Run(name, func(t *testing.T) {
			data := strings.Replace(encoded, tt.old, tt.replacement, 1)
			if _, err := snapshot.Decode([]byte(data)); err == nil || errors.Is(err, snapshot.ErrNewer) != tt.newer {
				t.Errorf("newer should be %v: %v", tt.newer, err)
			}
		})
	}
}

func TestDecodeIsTheInverseOfEncode(t *testing.T) {
	small := sample()
	small.Listener.TLS, small.Connections, small.Subscriptions, small.Search.Index, small.HTTP.CORS = nil, nil, nil, nil, nil
	nothingIndexed := sample()
	nothingIndexed.Search.Index.Fields = []string{}
	for _, s := range []*snapshot.Snapshot{sample(), small, nothingIndexed} {
		got, err := snapshot.Decode(s.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(s, got); diff != "" {
			t.Errorf("(-encoded +decoded):\n%s", diff)
		}
	}
}

func TestDecodeRefusesWhatEncodeDoesNotWrite(t *testing.T) {
	encoded := string(sample().Encode())
	replaced := func(old, replacement string) string {
		if !strings.Contains(encoded, old) {
			t.Fatalf("there is no %s", old)
		}
		return strings.Replace(encoded, old, replacement, 1)
	}
	tests := map[string]struct {
		data string
		want error
	}{
		"nothing":               {"", snapshot.ErrMalformed},
		"no JSON":               {"snapshot", snapshot.ErrMalformed},
		"an array":              {"[]", snapshot.ErrMalformed},
		"no version":            {"{}", snapshot.ErrVersion},
		"another version":       {replaced(`"version":1`, `"version":2`), snapshot.ErrVersion},
		"version as text":       {replaced(`"version":1`, `"version":"1"`), snapshot.ErrMalformed},
		"half of it":            {encoded[:len(encoded)/2], snapshot.ErrMalformed},
		"more behind it":        {encoded + "{}", snapshot.ErrMalformed},
		"a line break":          {encoded + "\n", snapshot.ErrMalformed},
		"white space":           {replaced(`"version":1`, `"version": 1`), snapshot.ErrMalformed},
		"unknown field":         {replaced(`"version":1`, `"version":1,"unknown":1`), snapshot.ErrMalformed},
		"unknown field below":   {replaced(`"port":8080`, `"port":8080,"unknown":1`), snapshot.ErrMalformed},
		"field twice":           {replaced(`"port":8080`, `"port":8080,"port":8080`), snapshot.ErrMalformed},
		"field in upper case":   {replaced(`"port":8080`, `"PORT":8080`), snapshot.ErrMalformed},
		"field missing":         {replaced(`"port":8080,`, ``), snapshot.ErrMalformed},
		"fraction":              {replaced(`"port":8080`, `"port":8080.5`), snapshot.ErrMalformed},
		"number too large":      {replaced(`"port":8080`, `"port":99999999999999999999`), snapshot.ErrMalformed},
		"number as text":        {replaced(`"port":8080`, `"port":"TopSecret"`), snapshot.ErrMalformed},
		"other order of fields": {replaced(`"namespace":"default","name":"demo"`, `"name":"demo","namespace":"default"`), snapshot.ErrMalformed},
		"other escapes":         {replaced(`"name":"demo"`, `"name":"\u0064emo"`), snapshot.ErrMalformed},
		"no UTF-8":              {replaced(`"name":"demo"`, "\"name\":\"\xff\""), snapshot.ErrMalformed},
		"empty list":            {replaced(`"subscriptions":[`, `"subscriptions":[],"x":[`), snapshot.ErrMalformed},
		"too large":             {strings.Repeat(" ", snapshot.MaxEncodedSize+1), snapshot.ErrTooLarge},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := snapshot.Decode([]byte(tt.data))
			if s != nil || !errors.Is(err, tt.want) {
				t.Errorf("got %v and error %v, want %v", s, err, tt.want)
			}
			if strings.Contains(fmt.Sprint(err), "TopSecret") {
				t.Errorf("the error shows a value: %v", err)
			}
		})
	}
}

// No number and no duration that is out of all proportion gets through, wherever
// it is, and no choice that does not exist.
func TestDecodeRefusesValuesThatNoGatewayCanRunBy(t *testing.T) {
	for _, extreme := range []int64{math.MinInt64, -1, math.MaxInt64} {
		eachValue(reflect.ValueOf(sample()).Elem(), "", func(path string, _ reflect.Value) {
			s := sample()
			eachValue(reflect.ValueOf(s).Elem(), "", func(other string, v reflect.Value) {
				if other == path && v.CanInt() {
					v.SetInt(extreme)
				}
				if other == path && isChoice(v.Type()) {
					v.SetString("Other")
				}
			})
			if cmp.Equal(s, sample()) {
				return
			}
			if _, err := snapshot.Decode(s.Encode()); !errors.Is(err, snapshot.ErrUnusable) && !errors.Is(err, snapshot.ErrVersion) {
				t.Errorf("%s may be %d or Other: %v", path, extreme, err)
			}
		})
	}
}

// isChoice says whether a type has a few values only. Two of them may have
// others: a type of resources that does not exist matches none.
func isChoice(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[snapshot.PasswordHash](), reflect.TypeFor[snapshot.Content](), reflect.TypeFor[snapshot.SecretContent](),
		reflect.TypeFor[snapshot.ResourceType](), reflect.TypeFor[snapshot.SASLMechanism]():
		return false
	}
	return t.Kind() == reflect.String && t.PkgPath() != ""
}

// eachValue calls f for every value that is no struct, pointer or list, with a
// path.
func eachValue(v reflect.Value, path string, f func(string, reflect.Value)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			eachValue(v.Elem(), path, f)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachValue(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachValue(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	default:
		f(path, v)
	}
}

func TestDecodeRefusesWhatDoesNotFitTogether(t *testing.T) {
	tests := map[string]struct {
		change func(*snapshot.Snapshot)
		want   string
	}{
		"no name":                      {func(s *snapshot.Snapshot) { s.Gateway.Name = "" }, "gateway has no name"},
		"no method":                    {func(s *snapshot.Snapshot) { s.Authentication = snapshot.Authentication{} }, "authentication has no method"},
		"no fields":                    {func(s *snapshot.Snapshot) { s.Search.Index.Fields = nil }, "search.index has no fields"},
		"no origins":                   {func(s *snapshot.Snapshot) { s.HTTP.CORS.AllowedOrigins = nil }, "http.cors.allowedOrigins must be 1 to 64, and are 0"},
		"credentials for all":          {func(s *snapshot.Snapshot) { s.HTTP.CORS.AllowedOrigins = []string{"*"} }, "http.cors.credentials are not for all origins"},
		"other credentials":            {func(s *snapshot.Snapshot) { s.HTTP.CORS.Credentials = "" }, "http.cors.credentials is none of [Enabled Disabled]"},
		"remembered too long":          {func(s *snapshot.Snapshot) { s.HTTP.CORS.MaxAge = 25 * time.Hour }, "http.cors.maxAge must be between 0 and 86400000000000, and is 90000000000000"},
		"too many fields":              {func(s *snapshot.Snapshot) { s.Search.Index.Fields = make([]string, 129) }, "search.index.fields must be at most 128, and are 129"},
		"no key":                       {func(s *snapshot.Snapshot) { s.Listener.TLS.Key = "" }, "listener.tls has no certificate or no key"},
		"connections not sorted":       {func(s *snapshot.Snapshot) { s.Connections[0].Name = "z" }, "connections are not sorted by name"},
		"a Connection twice":           {func(s *snapshot.Snapshot) { s.Connections[1].Name = "cloud" }, "connections are not sorted by name"},
		"subscriptions not sorted":     {func(s *snapshot.Snapshot) { s.Subscriptions[0].Name = "z" }, "subscriptions are not sorted by name"},
		"no Connection":                {func(s *snapshot.Snapshot) { s.Subscriptions[0].Connection = "other" }, "subscriptions[0].connection is not there"},
		"another type":                 {func(s *snapshot.Snapshot) { s.Connections[1].Type = snapshot.ConnectionNATS }, "connections[1].type does not fit what is particular to it"},
		"a message without quality":    {func(s *snapshot.Snapshot) { s.Connections[1].Sources[0].QoS = nil }, "connections[1].sources: type does not fit qos"},
		"no thing to create":           {func(s *snapshot.Snapshot) { implicit(&s.Connections[1].Sources[0]) }, "connections[1].sources: payload does not fit implicitThing"},
		"a signature for no time":      {func(s *snapshot.Snapshot) { sas(s.Connections[5].Credentials.HMAC) }, "connections[5].hmac.ttl must be between 60000000000 and 31536000000000000, and is 0"},
		"a consumer without a name":    {func(s *snapshot.Snapshot) { s.Connections[3].NATS = nil }, "connections[3].type does not fit what is particular to it"},
		"no target":                    {func(s *snapshot.Snapshot) { s.Subscriptions[0].Target = nil }, "subscriptions[0].direction does not fit the target"},
		"longest delay below shortest": {func(s *snapshot.Snapshot) { s.Connections[0].Reconnect.InitialDelay = 2 * time.Minute }, "connections[0].reconnect.maxDelay must be between 120000000000 and 3600000000000, and is 60000000000"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := sample()
			tt.change(s)
			_, err := snapshot.Decode(s.Encode())
			want := "decode snapshot: the snapshot cannot be used: " + tt.want
			if err == nil || err.Error() != want || !errors.Is(err, snapshot.ErrUnusable) {
				t.Errorf("error %v, want %s", err, want)
			}
		})
	}
}

func implicit(s *snapshot.Source) {
	s.Payload, s.ImplicitThing = snapshot.SourceImplicitThing, nil
}

func sas(h *snapshot.HMAC) { h.Algorithm, h.ContentHash = snapshot.HMACAzureSAS, "" }

// FuzzDecode: whatever the bytes, what is decoded is what they are.
func FuzzDecode(f *testing.F) {
	f.Add(sample().Encode())
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`{"version":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := snapshot.Decode(data)
		if (s == nil) != (err != nil) {
			t.Fatalf("snapshot %v with error %v", s, err)
		}
		if err != nil {
			return
		}
		if string(s.Encode()) != string(data) {
			t.Errorf("decoded as %s", s.Encode())
		}
		if !json.Valid(data) {
			t.Error("what was decoded is no JSON")
		}
	})
}
