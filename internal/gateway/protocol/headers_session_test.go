package protocol

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

type values = map[string][]string

func TestSessionHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		header, query values
		want          string // all headers
	}{
		"nothing":                {nil, nil, `{}`},
		"headers that are known": {values{"Response-Required": {"false"}, "A-Foo": {"1"}, "X-Foo": {"1"}, "User-Agent": {"x"}, "Reply-To": {"y"}}, nil, `{"reply-to":"y","response-required":false}`},
		"parameters that are known": {nil, values{"timeout": {"5s"}, "dry-run": {"true"}, "if-match": {"*"}, "foo": {"1"}, "x-ditto-pre-authenticated": {"me"}},
			`{"timeout":"5s","dry-run":true}`},
		"parameters only in lower case":        {nil, values{"Timeout": {"5s"}}, `{}`},
		"what the server sets":                 {values{"Etag": {"x"}, "Ditto-Sudo": {"true"}, "Ditto-Weak-Ack": {"true"}}, nil, `{}`},
		"what concerns the request only":       {values{"Authorization": {"Basic x"}, "Connection": {"Upgrade"}, "Accept-Encoding": {"a", "b"}, "Cache-Control": {"x"}}, nil, `{}`},
		"the same value twice":                 {values{"Timeout": {"5s"}}, values{"timeout": {"5s"}}, `{"timeout":"5s"}`},
		"labels with commas":                   {nil, values{"requested-acks": {"a-c,, b-c ,"}}, `{"requested-acks":["a-c","b-c"]}`},
		"no labels":                            {nil, values{"requested-acks": {""}}, `{"requested-acks":[]}`},
		"labels as JSON":                       {values{"Requested-Acks": {` ["a-c", "b-c"]`}}, nil, `{"requested-acks":["a-c","b-c"]}`},
		"the same labels, spelled differently": {values{"Requested-Acks": {`["a-c", "b-c"]`}}, values{"requested-acks": {"a-c,b-c"}}, `{"requested-acks":["a-c","b-c"]}`},
		"bytes that are no text":               {values{"Location": {"\xff"}}, nil, `{"location":"�"}`},
	} {
		h, err := SessionHeaders(c.header, c.query)
		if err != nil {
			t.Errorf("%s: %v: %s", name, err, err.Description)
		}
		if got := shown(h); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// TestSessionParameters goes through all query parameters there are.
func TestSessionParameters(t *testing.T) {
	query := values{
		"accept": {"x"}, "channel": {"twin"}, "correlation-id": {"c"}, "requested-acks": {"abc"}, "declared-acks": {"abc,def"},
		"response-required": {"true"}, "timeout": {"1"}, "live-channel-timeout-strategy": {"fail"}, "allow-policy-lockout": {"true"},
		"condition": {"x"}, "live-channel-condition": {"x"}, "at-historical-revision": {"1"}, "at-historical-timestamp": {"x"},
		"dry-run": {"true"},
	}
	h, err := SessionHeaders(nil, query)
	if err != nil {
		t.Fatal(err)
	}
	if h.Len() != len(query) {
		t.Errorf("got %s", names(h))
	}
	labels, _ := h.Strings(HeaderDeclaredAcks)
	if diff := cmp.Diff([]string{"abc", "def"}, labels); diff != "" {
		t.Errorf("declared acks (-want +got):\n%s", diff)
	}
}

func TestSessionHeadersRefused(t *testing.T) {
	const duplicate = "gateway:duplicate.header.field"
	for name, c := range map[string]struct {
		header, query values
		code          string
	}{
		"header twice":                     {values{"Timeout": {"5s", "5s"}}, nil, duplicate},
		"header in two spellings":          {values{"Timeout": {"5s"}, "timeout": {"6s"}}, nil, duplicate},
		"parameter twice":                  {nil, values{"timeout": {"5s", "5s"}}, duplicate},
		"header and parameter that differ": {values{"Timeout": {"5s"}}, values{"timeout": {"6s"}}, duplicate},
		"bad label":                        {nil, values{"declared-acks": {"a b c"}}, "acknowledgement:label.invalid"},
		"bad label in JSON":                {nil, values{"declared-acks": {`["a b c"]`}}, "header.invalid"},
		"bad JSON of labels":               {nil, values{"declared-acks": {`["abc"`}}, "header.invalid"},
		"bad value":                        {values{"Response-Required": {"maybe"}}, nil, "header.invalid"},
		"bad timeout":                      {nil, values{"timeout": {"soon"}}, "timeout.invalid"},
	} {
		h, err := SessionHeaders(c.header, c.query)
		if err == nil || err.Code != c.code || err.Status != 400 {
			t.Errorf("%s: got %s, %v, want %s", name, shown(h), err, c.code)
		}
	}
}
