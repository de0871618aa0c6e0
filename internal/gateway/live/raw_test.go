package live

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// raw returns a message whose payload came as bytes.
func raw(contentType, payload string) (*Message, *protocol.Error) {
	env := &protocol.Envelope{Path: "/inbox/messages/ask", Raw: []byte(payload)}
	env.Topic = protocol.Topic{
		Namespace: "ns", Name: "t", Group: protocol.Things, Channel: protocol.Live, Criterion: protocol.Messages, Subject: "ask",
	}
	if contentType != "" {
		env.Headers.SetString(protocol.HeaderContentType, contentType)
	}
	return NewMessage(env)
}

// TestRawPayloads brings bytes into a message and out again. What comes out is what went in, but for the character set of text.
func TestRawPayloads(t *testing.T) {
	for _, tc := range []struct{ contentType, bytes, value, media, back string }{
		{"application/json", "{ }", "{ }", "", ""},
		{"Application/JSON; x=y", "null", "null", "", ""},
		{"application/vnd.acme+json", "[1.0]", "[1.0]", "", ""},
		{"application/merge-patch+json", "{", `"ew=="`, "", ""},
		{"text/plain", "a\"\n\x00ü", `"a\"\n\u0000ü"`, "text/plain; charset=utf-8", ""},
		{"text/plain; charset=UTF-8", "ü", `"ü"`, "text/plain; charset=utf-8", ""},
		{"text/plain; charset=us-ascii", "a", `"a"`, "text/plain; charset=utf-8", ""},
		{"text/plain; charset=\"iso-8859-1\"; x=y", "\xfc", `"ü"`, "text/plain; charset=utf-8; x=y", "ü"},
		{"text/plain;;", "a", `"a"`, "text/plain; charset=utf-8", ""},
		{"application/ecmascript", "1", `"1"`, "application/ecmascript; charset=utf-8", ""},
		{"image/png", "\x00\xff\xfe", `"AP/+"`, "", ""},
		{"", "\xff", `"/w=="`, "application/octet-stream", ""},
		{"nonsense", "abcd", `"YWJjZA=="`, "", ""},
	} {
		m, err := raw(tc.contentType, tc.bytes)
		if err != nil {
			t.Errorf("%s: refused with %v", tc.contentType, err)
			continue
		}
		if string(m.Value) != tc.value {
			t.Errorf("%s: the value is %s, want %s", tc.contentType, m.Value, tc.value)
		}
		back, media := RawPayload(tc.contentType, m.Value)
		want, wantMedia := tc.back, tc.media
		if want == "" {
			want = tc.bytes
		}
		if wantMedia == "" {
			wantMedia = tc.contentType
		}
		if string(back) != want || media != wantMedia {
			t.Errorf("%s: comes back as %s %q, want %s %q", tc.contentType, media, back, wantMedia, want)
		}
	}
}

func TestRawPayloadsRefused(t *testing.T) {
	large := strings.Repeat("x", MaxPayload)
	for _, tc := range []struct{ contentType, bytes, want string }{
		{"application/json", "{", "json.invalid"},
		{"application/json", "1 2", "json.invalid"},
		{"application/json", "\xff", "json.invalid"},
		{"text/plain", "\xff", "messages:messageformat.invalid"},
		{"text/plain; charset=ascii", "\xff", "messages:messageformat.invalid"},
		{"text/plain; charset=utf-16", "ab", "messages:messageformat.invalid"},
		{"", large + "x", "messages:payload.toolarge"},
		{"text/plain", large + "x", "messages:payload.toolarge"},
		{"", large, ""},
		{"text/plain", large, ""},
		{"text/plain", strings.Repeat("ü", MaxPayload), ""},
		{"application/json", strings.Repeat(" ", MaxPayload) + "1", "messages:payload.toolarge"},
	} {
		_, err := raw(tc.contentType, tc.bytes)
		code := ""
		if err != nil {
			code = err.Code
		}
		if code != tc.want {
			t.Errorf("%s %.10q: refused with %q, want %q", tc.contentType, tc.bytes, code, tc.want)
		}
	}
	if m, err := raw("application/json", ""); err != nil || m.Value != nil {
		t.Errorf("no bytes are %s, %v", m.Value, err)
	}
}

// TestAnswerHeaders compares what an answer says in an envelope with what it says without one.
func TestAnswerHeaders(t *testing.T) {
	message, err := NewMessage(decode(t, `{"topic":"ns/t/things/live/messages/ask","path":"/outbox/messages/ask","status":201,"value":"x",
		"headers":{"correlation-id":"theirs","content-type":"text/plain","Mine":"x","condition":"y","requested-acks":["a-b"],"etag":"z"}}`))
	if err != nil {
		t.Fatal(err)
	}
	response, err := ParseResponse(decode(t, `{"topic":"ns/t/things/live/commands/modify","path":"/attributes/a","status":201,"value":1,
		"headers":{"correlation-id":"theirs","content-type":"text/plain","Mine":"x","if-match":"*"}}`))
	if err != nil {
		t.Fatal(err)
	}
	message.Originator, response.Originator = "ns:device", "ns:device"
	for _, smart := range []bool{false, true} {
		d := Delivery{CorrelationID: "c", Smart: smart, ResponseRequired: true, RequestedAcks: []string{"a-b"}}
		for _, a := range []*Answer{
			{Message: message, Value: message.Value, Delivery: d}, {Response: response, Value: response.Value, Delivery: d},
		} {
			shown := a.Headers()
			env := decode(t, string(a.Append(nil)))
			said, _, _ := strings.Cut(strings.SplitN(string(a.Append(nil)), `"headers":`, 2)[1], `,"path"`)
			checkJSON(t, shown.AppendOut(nil), said)
			if a.Status() != 201 || a.Originator() != "ns:device" || env.Status != 201 || string(env.Value) != string(a.Value) {
				t.Errorf("says %d %s, appended as %d %s", a.Status(), a.Value, env.Status, env.Value)
			}
		}
	}
}
