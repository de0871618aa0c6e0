package protocol

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"testing"
)

// same stands for a value that remains as it is.
const same = "same"

func TestHeaderValues(t *testing.T) {
	for _, c := range []struct{ header, value, want string }{
		{"correlation-id", `"c"`, same},
		{"correlation-id", `"\u0063"`, same},
		{"correlation-id", `5`, `"5"`},
		{"myapp", `"text"`, same},
		{"myapp", `""`, same},
		{"myapp", `2`, `"2"`},
		{"myapp", `2.50e1`, `"2.50e1"`},
		{"myapp", `true`, `"true"`},
		{"myapp", `[1, "a\/"]`, `"[1,\"a/\"]"`},
		{"myapp", `{"a" : null}`, `"{\"a\":null}"`},
		{"content-type", `"text/plain"`, same},
		{"content-type", `7`, `"7"`},
		{"response-required", `true`, same},
		{"response-required", `"false"`, `false`},
		{"dry-run", `"true"`, `true`},
		{"allow-policy-lockout", `false`, same},
		{"at-historical-revision", `42`, same},
		{"at-historical-revision", `"42"`, `42`},
		{"at-historical-revision", `-1`, same},
		{"entity-revision", `9223372036854775807`, same},
		{"requested-acks", `[]`, same},
		{"requested-acks", `["twin-persisted","my:ack"]`, same},
		{"requested-acks", `[ "a-c" , "b_c" ]`, `["a-c","b_c"]`},
		{"requested-acks", `"[\"my:ack\"]"`, `["my:ack"]`},
		{"declared-acks", `["{{thing:id}}:ack"]`, same},
		{"timeout", `"0"`, same},
		{"timeout", `"250ms"`, same},
		{"timeout", `"5\u0073"`, same},
		{"timeout", `10`, `"10"`},
		{"channel", `"twin"`, same},
		{"channel", `" LIVE "`, `"live"`},
		{"if-equal", `"update"`, same},
		{"if-equal", `"skip"`, same},
		{"if-equal", `"Skip-Minimizing-Merge"`, same},
		{"live-channel-timeout-strategy", `"fail"`, same},
		{"live-channel-timeout-strategy", `"USE-TWIN"`, same},
		{"if-match", `"*"`, same},
		{"if-match", `"\"rev:1\", W/\"x\""`, same},
		{"if-none-match", `"\"rev:1\""`, same},
		{"get-metadata", `"*"`, same},
		{"delete-metadata", `"a/b,c(d,e)"`, same},
		{"put-metadata", `[]`, same},
		{"put-metadata", `[{"key":"/a","value":{"b":1}},{"value":null,"key":"*/k","more":1}]`, same},
		{"put-metadata", `"[{\"key\":\"a\",\"value\":1}]"`, `[{"key":"a","value":1}]`},
		{"merge-thing-patch-conditions", `{"a":"exists(b)"}`, same},
		{"merge-thing-patch-conditions", `"{ \"a\" : \"b\" }"`, `{"a":"b"}`},
		{"condition", `"not rql"`, same}, // not the business of headers
		{"at-historical-timestamp", `"yesterday"`, same},
		{"status", `404`, `"404"`},
		{"timestamp", `0`, `"0"`},
	} {
		want := c.want
		if want == same {
			want = c.value
		}
		var h Headers
		if err := h.decode([]byte(`{"` + c.header + `":` + c.value + `}`)); err != nil {
			t.Errorf("%s: %s: %v: %s", c.header, c.value, err, err.Description)
			continue
		}
		if h.Len() != 1 || string(h.fields[0].raw) != want {
			t.Errorf("%s: %s becomes %q, want %s", c.header, c.value, maps.Collect(h.All()), want)
		}
	}
}

func TestHeaderValuesRefused(t *testing.T) {
	const invalid = "header.invalid"
	for _, c := range []struct{ header, value, code, reason string }{
		{"correlation-id", `""`, invalid, "not empty"},
		{"Correlation-ID", `""`, invalid, "not empty"},
		{"response-required", `"True"`, invalid, "true or false"},
		{"response-required", `1`, invalid, "true or false"},
		{"response-required", `""`, invalid, "true or false"},
		{"response-required", `[true]`, invalid, "true or false"},
		{"ditto-weak-ack", `"yes"`, invalid, "true or false"},
		{"at-historical-revision", `1.0`, invalid, "whole number"},
		{"at-historical-revision", `9223372036854775808`, invalid, "whole number"},
		{"at-historical-revision", `"x"`, invalid, "whole number"},
		{"at-historical-revision", `{}`, invalid, "whole number"},
		{"requested-acks", `"my:ack"`, invalid, "JSON array"},
		{"requested-acks", `"a-c,b-c"`, invalid, "JSON array"},
		{"requested-acks", `{}`, invalid, "JSON array"},
		{"requested-acks", `7`, invalid, "JSON array"},
		{"requested-acks", `[7]`, invalid, "which 7 is not"},
		{"requested-acks", `["ab"]`, invalid, `which "ab" is not`},
		{"requested-acks", `["a b c"]`, invalid, "array of acknowledgement labels"},
		{"declared-acks", `["a b c"]`, invalid, "array of acknowledgement labels"},
		{"timeout", `"soon"`, "timeout.invalid", "whole number"},
		{"timeout", `-1`, "timeout.invalid", "whole number"},
		{"timeout", `[]`, "timeout.invalid", "whole number"},
		{"channel", `"none"`, invalid, "twin or live"},
		{"channel", `1`, invalid, "twin or live"},
		{"channel", `["\u0000"]`, invalid, "valid JSON"},
		{"if-equal", `"equal"`, invalid, "update, skip or skip-minimizing-merge"},
		{"live-channel-timeout-strategy", `"x"`, invalid, "fail or use-twin"},
		{"if-match", `"rev:1"`, invalid, "entity tags"},
		{"if-none-match", `""`, invalid, "entity tags"},
		{"if-match", `1`, invalid, "entity tags"},
		{"get-metadata", `"a("`, invalid, "field selector"},
		{"delete-metadata", `""`, invalid, "field selector"},
		{"put-metadata", `{"key":"a","value":1}`, invalid, "JSON array"},
		{"put-metadata", `[{"key":"a"}]`, invalid, "objects with a key"},
		{"put-metadata", `[{"value":1}]`, invalid, "objects with a key"},
		{"put-metadata", `[{"key":1,"value":1}]`, invalid, "objects with a key"},
		{"put-metadata", `[1]`, invalid, "objects with a key"},
		{"merge-thing-patch-conditions", `"x"`, invalid, "JSON object"},
		{"merge-thing-patch-conditions", `[]`, invalid, "JSON object"},
		{"myapp", `["\u0000"]`, invalid, "valid JSON"},
		{"", `"x"`, invalid, "without a name"},
	} {
		var h Headers
		err := h.decode([]byte(`{"` + c.header + `":` + c.value + `}`))
		if err == nil {
			t.Errorf("%s: %s is accepted", c.header, c.value)
			continue
		}
		if err.Status != 400 || err.Code != c.code || !err.Unaddressed || !strings.Contains(err.Description, c.reason) {
			t.Errorf("%s: %s is refused with %+v, want %s, %s", c.header, c.value, err, c.code, c.reason)
		}
		if c.code == invalid && !strings.Contains(err.Message, c.header) {
			t.Errorf("%s: refused without its name: %s", c.header, err.Message)
		}
		if h.Len() != 0 {
			t.Errorf("%s: %s is refused, and there", c.header, c.value)
		}
	}
}

// Whatever type a header has, null means that there is none.
func TestHeaderNull(t *testing.T) {
	for n := range catalogue {
		name := HeaderName(n).String()
		if name == "" {
			name = "myapp"
		}
		var h Headers
		if err := h.decode([]byte(`{"` + name + `":null}`)); err != nil || h.Len() != 0 {
			t.Errorf("%s: %v, %d headers", name, err, h.Len())
		}
	}
}

// Values are JSON of the type that is in the catalogue, whatever they were.
func FuzzHeaderValue(f *testing.F) {
	for _, value := range []string{`"a"`, `1`, `[]`, `"[\"abc\"]"`, `{"a":"b"}`, `"{}"`, `true`, `"\"a\""`, `[{"key":"","value":0}]`} {
		f.Add(uint8(HeaderRequestedAcks), value)
	}
	f.Fuzz(func(t *testing.T, n uint8, value string) {
		if !json.Valid([]byte(value)) || strings.TrimSpace(value) != value {
			return
		}
		name := HeaderName(n % uint8(len(catalogue)))
		raw, wanted := convert(name, []byte(value))
		if wanted != "" {
			return
		}
		var got any
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatalf("%s: %s becomes %s: %v", name, value, raw, err)
		}
		ok := false
		switch catalogue[name].typ {
		case boolValue:
			_, ok = got.(bool)
		case intValue:
			_, ok = got.(float64)
		case labelsValue, metadataValue:
			_, ok = got.([]any)
		case objectValue:
			_, ok = got.(map[string]any)
		default:
			_, ok = got.(string)
		}
		if !ok {
			t.Fatalf("%s: %s becomes %s", name, value, raw)
		}
		again, wanted := convert(name, raw)
		if wanted != "" || !bytes.Equal(again, raw) {
			t.Fatalf("%s: %s becomes %s, and that %s", name, value, raw, again)
		}
	})
}
