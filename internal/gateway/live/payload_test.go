package live

import (
	"fmt"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// TestPayload says what becomes of values with each content type.
func TestPayload(t *testing.T) {
	const same = "same"
	for _, tc := range []struct{ contentType, value, want string }{
		// JSON is delivered to the letter.
		{"application/json", `{ "b" : 1.0e5, "a":"\u0041\/", "a":null }`, same},
		{"application/json", `"text"`, same},
		{"application/json", `"YQ"`, same},
		{"application/json", `null`, same},
		{"application/json", `"\u0000\ud800"`, same},
		{"Application/JSON ; charset=utf-8", `[1]`, same},
		{"application/ld+json", `[1]`, same},
		{"application/vnd.x+json", `[1]`, same},
		{"application/vnd.a+b+json", `[1]`, same},
		// Text is a string.
		{"text/plain", `"some\ntext"`, same},
		{"text/plain", `""`, same},
		{"text/plain", `"\u00fc\ud83d\ude00\ud800\/"`, same},
		{"text/plain", `{ "a" : [ 1.50, "\u0041" ] }`, `"{\"a\":[1.50,\"A\"]}"`},
		{"text/plain", `5`, `"5"`},
		{"text/plain", `true`, `"true"`},
		{"text/plain", `null`, `"null"`},
		{"TEXT/HTML;charset=x", `[ ]`, `"[]"`},
		{"text/x+json", `[ ]`, `"[]"`},
		{"application/javascript", `1`, `"1"`},
		{"application/ecmascript", `1`, `"1"`},
		{"application/x+javascript", `1`, `"1"`},
		{"application/vnd.x+ecmascript", `1`, `"1"`},
		// Everything else is base64.
		{"", `"YQ=="`, same},
		{"", `""`, same},
		{"", `"AP/+"`, same},
		{"", `"YQ"`, `"YQ=="`},
		{"", `"YR=="`, `"YQ=="`},
		{"", `"YQ="`, `"WVE9"`},
		{"", `"a"`, `"YQ=="`},
		{"", `"abcde"`, `"YWJjZGU="`},
		{"", `"YW\nI="`, `"WVcKST0="`},
		{"", `"YW\r\nI"`, `"WVcNCkk="`},
		{"", `"AP_-"`, `"QVBfLQ=="`},
		{"", `"hello world"`, `"aGVsbG8gd29ybGQ="`},
		{"", `"\u00fc"`, `"w7w="`},
		{"", `"\ud800"`, `"77+9"`},
		{"", `"\u0059Q=="`, `"YQ=="`},
		{"", `5`, `"NQ=="`},
		{"", `1234`, `"1234"`},
		{"", `true`, `"true"`},
		{"", `{ "a" : 1 }`, `"eyJhIjoxfQ=="`},
		{"application/octet-stream", `"YQ=="`, same},
		{"application/octet-stream", `"?"`, `"Pw=="`},
		{"image/png", `"YQ"`, `"YQ=="`},
		{"application/merge-patch+json", `{"a":1}`, `"eyJhIjoxfQ=="`},
		{"application/merge-patch+json;charset=utf-8", `{"a":1}`, `"eyJhIjoxfQ=="`},
		{"application/xml", `"YQ"`, `"YQ=="`},
		{"application/jsonp", `"YQ"`, `"YQ=="`},
		{"application/json+x", `"YQ"`, `"YQ=="`},
		{"application/+json", `"YQ"`, `"YQ=="`},
		{"json", `"YQ"`, `"YQ=="`},
		{"image/x+json", `"YQ"`, `"YQ=="`},
		{"text", `"YQ"`, `"YQ=="`},
	} {
		if tc.want == same {
			tc.want = tc.value
		}
		header := ""
		if tc.contentType != "" {
			header = `"content-type":"` + tc.contentType + `"`
		}
		for _, status := range []string{"", `,"status":200`} {
			rest := fmt.Sprintf(`"headers":{%s},"value":%s%s`, header, tc.value, status)
			m, err := NewMessage(decode(t, frame("messages/ask", "/inbox/messages/ask", rest)))
			if err != nil {
				t.Fatalf("%s %s: %v", tc.contentType, tc.value, err)
			}
			// The value is delivered to the letter, so that it is read where it stands.
			env := decode(t, string(m.AppendSignal(nil, Delivery{CorrelationID: "c"})))
			if got := string(env.Value); got != tc.want {
				t.Errorf("%q: %s is delivered as %s, want %s", tc.contentType, tc.value, got, tc.want)
			}
			if got, _ := env.Headers.String(protocol.HeaderContentType); got != tc.contentType {
				t.Errorf("content type %q became %q", tc.contentType, got)
			}
			// What was delivered is delivered as it is when it is sent on.
			again, err := NewMessage(env)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(again.Value); got != tc.want {
				t.Errorf("%q: %s is delivered again as %s, want %s", tc.contentType, tc.want, got, tc.want)
			}
		}
	}
}

// TestNoPayload says that a message without a value is delivered without one, whatever its content type.
func TestNoPayload(t *testing.T) {
	for _, contentType := range []string{"application/json", "text/plain", "image/png"} {
		rest := `"headers":{"content-type":"` + contentType + `"}`
		m, err := NewMessage(decode(t, frame("messages/ask", "/inbox/messages/ask", rest)))
		if err != nil {
			t.Fatal(err)
		}
		if env := decode(t, string(m.AppendSignal(nil, Delivery{}))); env.Value != nil {
			t.Errorf("%s: a value %s came from nowhere", contentType, env.Value)
		}
	}
}
