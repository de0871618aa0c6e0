package protocol

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
)

// decoded returns what a frame decodes to.
func decoded(t testing.TB, frame string) *Envelope {
	t.Helper()
	var env Envelope
	if err := Decode([]byte(frame), &env); err != nil {
		t.Fatalf("%s: %v: %s", frame, err, err.Description)
	}
	return &env
}

// plain is an envelope without its headers.
func plain(e *Envelope) Envelope {
	p := *e
	p.Headers = Headers{}
	return p
}

var compareEnvelopes = cmp.Comparer(func(a, b Headers) bool { return shown(a) == shown(b) })

var modifyTopic = Topic{Namespace: "ns", Name: "n", Group: Things, Channel: Twin, Criterion: Commands, Action: Modify}

func TestDecode(t *testing.T) {
	const topic = `"topic":"ns/n/things/twin/commands/modify"`
	for name, c := range map[string]struct {
		frame string
		want  Envelope
	}{
		"least": {`{` + topic + `,"path":"/"}`, Envelope{Path: "/"}},
		"all": {`{` + topic + `,"headers":{"a":"1"},"path":"/attributes/a","value":{"v":1},"extra":{"x":{}},"status":204,"revision":42,` +
			`"timestamp":"2026-08-18T18:32:56.123456789Z","metadata":{"m":1},"fields":"a,b(c)"}`,
			Envelope{
				Path: "/attributes/a", Value: []byte(`{"v":1}`), Extra: []byte(`{"x":{}}`), Status: 204, Revision: 42, HasRevision: true,
				Timestamp: "2026-08-18T18:32:56.123456789Z", Metadata: []byte(`{"m":1}`), Fields: "a,b(c)", HasFields: true,
			}},
		"in another order, with white space": {"\n{ \"value\" : [ 1 ,2 ] ,\t\"path\":\"\",\r" + topic + " } ", Envelope{Value: []byte("[ 1 ,2 ]")}},
		"null counts as absent, but not as value": {`{` + topic + `,"path":"/","headers":null,"value":null,"extra":null,"status":null,` +
			`"revision":null,"timestamp":null,"metadata":null,"fields":null}`, Envelope{Path: "/", Value: []byte("null")}},
		"unknown members":          {`{"Topic":1,"x":[{}],` + topic + `,"path":"/","Value":2,"":0}`, Envelope{Path: "/"}},
		"the last counts":          {`{"topic":"x","path":"/a","value":1,` + topic + `,"path":"/b","value":2}`, Envelope{Path: "/b", Value: []byte("2")}},
		"names and texts escaped":  {`{"\u0074opic":"ns\/n/things/twin/commands/\u006dodify","pa\u0074h":"\u002f"}`, Envelope{Path: "/"}},
		"status of no HTTP, low":   {`{` + topic + `,"path":"/","status":99}`, Envelope{Path: "/"}},
		"status of no HTTP, high":  {`{` + topic + `,"path":"/","status":600}`, Envelope{Path: "/"}},
		"status, lowest":           {`{` + topic + `,"path":"/","status":100}`, Envelope{Path: "/", Status: 100}},
		"status, highest":          {`{` + topic + `,"path":"/","status":599}`, Envelope{Path: "/", Status: 599}},
		"revision 0":               {`{` + topic + `,"path":"/","revision":0}`, Envelope{Path: "/", HasRevision: true}},
		"revision, largest":        {`{` + topic + `,"path":"/","revision":9223372036854775807}`, Envelope{Path: "/", Revision: 1<<63 - 1, HasRevision: true}},
		"timestamp of second":      {`{` + topic + `,"path":"/","timestamp":"2026-08-18T18:32:56Z"}`, Envelope{Path: "/", Timestamp: "2026-08-18T18:32:56Z"}},
		"timestamp with offset":    {`{` + topic + `,"path":"/","timestamp":"2026-08-18T18:32:56+02:00"}`, Envelope{Path: "/", Timestamp: "2026-08-18T18:32:56+02:00"}},
		"timestamp, most precise":  {`{` + topic + `,"path":"/","timestamp":"2026-08-18T18:32:56.123456789+02:00"}`, Envelope{Path: "/", Timestamp: "2026-08-18T18:32:56.123456789+02:00"}},
		"path that leads nowhere":  {`{` + topic + `,"path":"/foo"}`, Envelope{Path: "/foo"}}, // what things have is not known here
		"value as deep as allowed": {`{` + topic + `,"path":"/","value":` + deep(document.MaxDepth) + `}`, Envelope{Path: "/", Value: []byte(deep(document.MaxDepth))}},
	} {
		c.want.Topic = modifyTopic
		got := decoded(t, c.frame)
		if diff := cmp.Diff(c.want, plain(got), compareEnvelopes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// The paths of messages are not pointers.
func TestDecodeMessagePath(t *testing.T) {
	env := decoded(t, `{"topic":"ns/n/things/live/messages/a//b","path":"/inbox/messages/a//b"}`)
	if env.Path != "/inbox/messages/a//b" || env.Topic.Subject != "a//b" {
		t.Errorf("path %s, subject %s", env.Path, env.Topic.Subject)
	}
}

func TestDecodeHeaders(t *testing.T) {
	const all = `{"correlation-id":"c","etag":"x","ditto-weak-ack":true,"ditto-sudo":"true","a":1}`
	for topic, want := range map[string][]string{
		"ns/n/things/twin/commands/modify": {"correlation-id", "a"},
		"ns/n/things/twin/acks/my:ack":     {"correlation-id", "ditto-weak-ack", "a"},
	} {
		env := decoded(t, `{"topic":"`+topic+`","path":"/","headers":`+all+`}`)
		if diff := cmp.Diff(want, names(env.Headers)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", topic, diff)
		}
	}
}

// What a server tells has headers that clients cannot set, and may have more of them than clients may send.
func TestDecodeTold(t *testing.T) {
	var env Envelope
	const event = `{"topic":"ns/n/things/twin/events/modified","path":"/","headers":{"etag":"x","if-match":"*","entity-revision":7`
	if err := DecodeTold([]byte(event+`},"revision":7}`), &env); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"etag", "if-match", "entity-revision"}, names(env.Headers)); diff != "" || env.Revision != 7 {
		t.Errorf("revision %d (-want +got):\n%s", env.Revision, diff)
	}
	var many strings.Builder
	for i := range 197 {
		fmt.Fprintf(&many, `,"h%d":"x"`, i)
	}
	if err := DecodeTold([]byte(event+many.String()+`}}`), &env); err != nil || env.Headers.Len() != 200 {
		t.Errorf("%d headers of 200: %v", env.Headers.Len(), err)
	}
	if err := DecodeTold([]byte(event+many.String()+`,"one":"more"}}`), &env); err == nil {
		t.Error("201 headers were read")
	}
}

// A frame is not copied: what is in it is found where it is.
func TestDecodeAliases(t *testing.T) {
	frame := []byte(`{"topic":"ns/n/things/twin/commands/modify","path":"/","value":{"a":1},"headers":{"a":"x"}}`)
	var env Envelope
	if err := Decode(frame, &env); err != nil {
		t.Fatal(err)
	}
	if cap(env.Value) != len(env.Value) {
		t.Error("appending to the value would overwrite the frame")
	}
	_, rest, _ := bytes.Cut(frame, []byte(`"value":`))
	copy(rest, `{"b":2}`)
	if string(env.Value) != `{"b":2}` {
		t.Errorf("value is a copy: %s", env.Value)
	}
}

// Nothing remains of what an envelope was before.
func TestDecodeAgain(t *testing.T) {
	env := decoded(t, `{"topic":"ns/n/things/twin/commands/modify","path":"/a","value":1,"status":200,"headers":{"a":"x"},"fields":"f"}`)
	headers := env.Headers
	if err := Decode([]byte(`{"topic":"ns/n/things/twin/events/created","path":"/","headers":{"b":"y"}}`), env); err != nil {
		t.Fatal(err)
	}
	want := Envelope{Topic: modifyTopic, Path: "/"}
	want.Topic.Criterion, want.Topic.Action = Events, Created
	if diff := cmp.Diff(want, plain(env), compareEnvelopes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if shown(headers) != `{"a":"x"}` || shown(env.Headers) != `{"b":"y"}` {
		t.Errorf("headers were %s, are %s", shown(headers), shown(env.Headers))
	}
}

func TestDecodeAllocates(t *testing.T) {
	var env Envelope
	if n := testing.AllocsPerRun(100, func() { _ = Decode(frame510, &env) }); n > 4 {
		t.Errorf("%v allocations for an ordinary command", n)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const (
		topic   = `"topic":"ns/n/things/twin/commands/modify",`
		corr    = `"headers":{"correlation-id":"c","a":"1"},`
		invalid = "json.invalid"
		all     = `{"correlation-id":"c","a":"1"}`
		only    = `{"correlation-id":"c"}`
		none    = `{}`
	)
	for name, c := range map[string]struct {
		frame, code, reason string
		headers             string // that are known nevertheless
	}{
		"no text":               {``, "json.format.invalid", "Send a JSON object", none},
		"white space":           {"\n ", invalid, "at byte 2", none},
		"no JSON":               {`START-SEND-FOO`, invalid, "at byte 0", none},
		"an array":              {`[]`, invalid, "at byte 0", none},
		"a text":                {`"a"`, invalid, "at byte 0", none},
		"cut off":               {`{`, invalid, "at byte 1", none},
		"cut off in a name":     {`{"topic`, invalid, "at byte 7", none},
		"cut off after a name":  {`{"topic"`, invalid, "at byte 8", none},
		"cut off in a value":    {`{"topic":"x`, invalid, "invalid JSON", none},
		"cut off after a value": {`{"topic":"x"`, invalid, "at byte 12", none},
		"comma at the end":      {`{"topic":"x",}`, invalid, "at byte 13", none},
		"no comma":              {`{"topic":"x" "path":""}`, invalid, "at byte 13", none},
		"no name":               {`{1:2}`, invalid, "at byte 1", none},
		"more than one value":   {`{} {}`, invalid, "at byte 3", none},
		"not UTF-8":             {"{\"a\":\"\xff\"}", invalid, "at byte 6", none},
		"too deep":              {`{"value":` + deep(101) + `}`, invalid, "nested too deeply", none},
		"broken after headers":  {`{` + corr + topic + `"path":}`, invalid, "invalid JSON", only},

		"headers of wrong type":  {`{` + topic + `"path":"/","headers":[]}`, invalid, `"headers" must be of type object, not array`, none},
		"wrong header":           {`{"headers":{"correlation-id":"c","a":"1","response-required":"x"},` + topic + `"path":"/"}`, "header.invalid", "true or false", only},
		"wrong header before":    {`{"headers":{"timeout":"x","a":"1","CORRELATION-ID":"c"},` + topic + `"path":"/"}`, "timeout.invalid", "whole number", `{"CORRELATION-ID":"c"}`},
		"escaped correlation id": {`{"headers":{"timeout":"x","c\u006frrelation-id":"c"},` + topic + `"path":"/"}`, "timeout.invalid", "whole number", only},
		"wrong correlation id":   {`{"headers":{"correlation-id":"","a":"1"},` + topic + `"path":"/"}`, "header.invalid", "not empty", none},
		"header before topic":    {`{"path":1,"topic":1,"headers":{"timeout":"x"}}`, "timeout.invalid", "whole number", none},

		"topic missing":       {`{` + corr + `"path":"/"}`, "json.field.missing", `"topic"`, all},
		"topic null":          {`{` + corr + `"path":"/","topic":null}`, "json.field.missing", `"topic"`, all},
		"topic of wrong type": {`{` + corr + `"path":"/","topic":1}`, invalid, `"topic" must be of type string, not number`, all},
		"topic unknown":       {`{` + corr + `"path":"/","topic":"ns/n/things"}`, "protocoladapter:unknown.topicpath", "channel", all},
		"topic before path":   {`{` + corr + `"path":1,"topic":"x"}`, "protocoladapter:unknown.topicpath", "name", all},

		"path missing":       {`{` + topic + corr + `"value":1}`, "json.field.missing", `"path"`, all},
		"path null":          {`{` + topic + corr + `"path":null}`, "json.field.missing", `"path"`, all},
		"path of wrong type": {`{` + topic + corr + `"path":{}}`, invalid, `"path" must be of type string, not object`, all},
		"path with //":       {`{` + topic + corr + `"path":"/a//b"}`, "json.pointer.invalid", "consecutive slashes", all},

		"extra of wrong type":       {`{` + topic + corr + `"path":"/","extra":1}`, invalid, `"extra" must be of type object`, all},
		"metadata of wrong type":    {`{` + topic + corr + `"path":"/","metadata":"x"}`, invalid, `"metadata" must be of type object`, all},
		"status of wrong type":      {`{` + topic + corr + `"path":"/","status":"200"}`, invalid, `"status" must be a whole number`, all},
		"status with fraction":      {`{` + topic + corr + `"path":"/","status":200.0}`, invalid, `"status" must be a whole number`, all},
		"status too large":          {`{` + topic + corr + `"path":"/","status":2147483648}`, invalid, `"status" must be a whole number`, all},
		"revision of wrong type":    {`{` + topic + corr + `"path":"/","revision":true}`, invalid, `"revision" must be a whole number`, all},
		"revision too large":        {`{` + topic + corr + `"path":"/","revision":9223372036854775808}`, invalid, `"revision" must be a whole number`, all},
		"timestamp of wrong type":   {`{` + topic + corr + `"path":"/","timestamp":1}`, invalid, `"timestamp" must be of type string`, all},
		"timestamp that is none":    {`{` + topic + corr + `"path":"/","timestamp":"yesterday"}`, invalid, `"timestamp" must be like`, all},
		"timestamp of no day":       {`{` + topic + corr + `"path":"/","timestamp":"2026-02-30T00:00:00Z"}`, invalid, `"timestamp" must be like`, all},
		"timestamp too precise":     {`{` + topic + corr + `"path":"/","timestamp":"2026-08-18T18:32:56.1234567891+02:00"}`, invalid, `"timestamp" must be like`, all},
		"timestamp, empty":          {`{` + topic + corr + `"path":"/","timestamp":""}`, invalid, `"timestamp" must be like`, all},
		"fields of wrong type":      {`{` + topic + corr + `"path":"/","fields":["a"]}`, invalid, `"fields" must be of type string`, all},
		"fields that are none":      {`{` + topic + corr + `"path":"/","fields":"a(b"}`, "json.fieldselector.invalid", "parenthesis", all},
		"fields before path syntax": {`{` + topic + corr + `"path":"//","fields":"a(b"}`, "json.fieldselector.invalid", "parenthesis", all},
	} {
		var env Envelope
		err := Decode([]byte(c.frame), &env)
		if err == nil {
			t.Errorf("%s: is accepted", name)
			continue
		}
		if err.Status != 400 || err.Code != c.code || !err.Unaddressed {
			t.Errorf("%s: refused with %+v, want %s", name, err, c.code)
		}
		if !strings.Contains(err.Message+err.Description, c.reason) {
			t.Errorf("%s: refused because %q, want %q", name, err.Description, c.reason)
		}
		if got := shown(env.Headers); got != c.headers {
			t.Errorf("%s: headers are %s, want %s", name, got, c.headers)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		string(frame510), ``, `{}`, `{"topic":"ns/n/things/twin/acks/a","path":"","headers":{"ditto-weak-ack":"true","X":{"a":"b"}},"status":200}`,
		`{"topic":"ns/n/things/live/messages/a//b","path":"/inbox//","value":null,"extra":{},"metadata":{"a":1},"fields":"a,b","revision":-1}`,
		`{"topic":"\ud800/n/things/twin/events/merged","path":"\udfff","timestamp":"2026-08-18T18:32:56.1Z","headers":{"correlation-id":7}}`,
		`{"headers":{"timeout":"x","Correlation-Id":"c"},"topic":1,"path":[]}`, `{"headers":{"correlation-id":"c"},"value":[[[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		var env Envelope
		if err := Decode(frame, &env); err != nil {
			checkRefusal(t, frame, &env, err)
			return
		}
		if env.Topic.Group == Things && env.Topic.Channel == ChannelNone || len(frame) > sentBounds.text/4 {
			return // is not printed as it was; may be larger than allowed when printed
		}
		printed := env.Append(nil)
		if !json.Valid(printed) {
			t.Fatalf("%s is printed as %s", frame, printed)
		}
		var again Envelope
		if err := Decode(printed, &again); err != nil {
			t.Fatalf("%s is printed as %s, which is refused: %v: %s", frame, printed, err, err.Description)
		}
		if env.Path == "" {
			env.Path = "/"
		}
		if diff := cmp.Diff(env, again, compareEnvelopes); diff != "" {
			t.Fatalf("%s is printed as %s, which means something else (-want +got):\n%s", frame, printed, diff)
		}
	})
}

// checkRefusal checks that an error is complete, and that the correlation id is known whenever a reader of JSON knows it.
func checkRefusal(t *testing.T, frame []byte, env *Envelope, err *Error) {
	t.Helper()
	reply := (&ErrorResponse{Topic: env.Topic, Headers: env.Headers, Error: err}).Append(nil)
	if !json.Valid(reply) || err.Status != 400 || err.Code == "" || !err.Unaddressed {
		t.Fatalf("%s is refused with %s", frame, reply)
	}
	var message struct{ Headers json.RawMessage }
	var headers map[string]any
	if document.Valid(frame) != nil || strings.Count(string(frame), "eaders") != 1 || strings.Contains(string(frame), `\`) ||
		json.Unmarshal(frame, &message) != nil || json.Unmarshal(message.Headers, &headers) != nil {
		return
	}
	if !strings.Contains(string(frame), `"headers"`) {
		return // spelled in another case, which only the other reader takes for the same
	}
	id, _ := headers["correlation-id"].(string)
	if id == "" || strings.Count(strings.ToLower(string(frame)), "correlation-id") != 1 {
		return
	}
	if got, _ := env.Headers.String(HeaderCorrelationID); got != id {
		t.Fatalf("%s is refused with correlation id %q, want %q", frame, got, id)
	}
}
