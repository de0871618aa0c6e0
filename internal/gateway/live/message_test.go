package live

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMessageAddress says which paths fit which subject, and what they say.
func TestMessageAddress(t *testing.T) {
	const badPath, badFeature, badSubject = "400 protocoladapter:invalid.path", "400 messages:featureid.invalid", "400 messages:subject.invalid"
	for _, tc := range []struct {
		subject, path string
		want          Address
		printed       string // "" if it is the path
		code          string
	}{
		{"ask", "/inbox/messages/ask", Address{Direction: To, Subject: "ask"}, "", ""},
		{"ask", "/outbox/messages/ask", Address{Direction: From, Subject: "ask"}, "", ""},
		{"ask", "/features/f/inbox/messages/ask", Address{To, "ask", "f"}, "", ""},
		{"ask", "/features/f/outbox/messages/ask", Address{From, "ask", "f"}, "", ""},
		{"ask", "inbox/messages/ask", Address{Direction: To, Subject: "ask"}, "/inbox/messages/ask", ""},
		{"ask", "features/f/inbox/messages/ask", Address{To, "ask", "f"}, "/features/f/inbox/messages/ask", ""},
		{"a/b", "/inbox/messages/a/b", Address{Direction: To, Subject: "a/b"}, "", ""},
		{"/a//b/", "/inbox/messages//a//b/", Address{Direction: To, Subject: "/a//b/"}, "", ""},
		{"a~1b", "/inbox/messages/a~1b", Address{Direction: To, Subject: "a~1b"}, "", ""},
		{"a~b", "/inbox/messages/a~b", Address{Direction: To, Subject: "a~b"}, "", ""},
		{"messages", "/inbox/messages/messages", Address{Direction: To, Subject: "messages"}, "", ""},
		{"ask", "/features/inbox/inbox/messages/ask", Address{To, "ask", "inbox"}, "", ""},
		{"ask", "/features/a~0b/inbox/messages/ask", Address{To, "ask", "a~b"}, "", ""},
		{"ask", "/features/a~b/inbox/messages/ask", Address{To, "ask", "a~b"}, "/features/a~0b/inbox/messages/ask", ""},
		{"claim", "/inbox/messages/claim", Address{Direction: To, Subject: "claim"}, "", ""},
		{strings.Repeat("x", 256), "/inbox/messages/" + strings.Repeat("x", 256), Address{Direction: To, Subject: strings.Repeat("x", 256)}, "", ""},

		{"a/b", "/inbox/messages/a~1b", Address{}, "", badPath},
		{"a~b", "/inbox/messages/a~0b", Address{}, "", badPath},
		{"ask", "/inbox/messages/Ask", Address{}, "", badPath},
		{"ask", "/inbox/messages/ask/", Address{}, "", badPath},
		{"ask", "/inbox/messages/", Address{}, "", badPath},
		{"ask", "/inbox/messages", Address{}, "", badPath},
		{"ask", "/inbox/ask", Address{}, "", badPath},
		{"ask", "/Inbox/messages/ask", Address{}, "", badPath},
		{"ask", "//inbox/messages/ask", Address{}, "", badPath},
		{"ask", "/messages/ask", Address{}, "", badPath},
		{"ask", "", Address{}, "", badPath},
		{"ask", "/", Address{}, "", badPath},
		{"ask", "/attributes/a", Address{}, "", badPath},
		{"ask", "/features/f/messages/ask", Address{}, "", badPath},
		{"ask", "/features/inbox/messages/ask", Address{}, "", badPath},
		{"ask", "/features", Address{}, "", badPath},
		{"ask", "/features/f/properties/inbox/messages/ask", Address{}, "", badPath},
		{"ask", "/features//inbox/messages/ask", Address{}, "", badFeature},
		{"ask", "/features/ä/inbox/messages/ask", Address{}, "", badFeature},
		{"ask", "/features/" + strings.Repeat("x", 257) + "/inbox/messages/ask", Address{}, "", badFeature},
		{strings.Repeat("x", 257), "/inbox/messages/" + strings.Repeat("x", 257), Address{}, "", badSubject},
		{"ä", "/inbox/messages/ä", Address{}, "", badSubject},
	} {
		m, err := NewMessage(decode(t, frame("messages/"+tc.subject, tc.path, "")))
		if got := codeOf(err); got != tc.code {
			t.Errorf("%s at %s: refused with %q, want %q", tc.subject, tc.path, got, tc.code)
		}
		if m == nil {
			continue
		}
		if diff := cmp.Diff(tc.want, m.Address); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tc.path, diff)
		}
		if tc.printed == "" {
			tc.printed = tc.path
		}
		if got := m.Address.Path(); got != tc.printed {
			t.Errorf("%s is printed as %s, want %s", tc.path, got, tc.printed)
		}
	}
}

// TestMessageTopic says which envelopes are messages.
func TestMessageTopic(t *testing.T) {
	const none = "400 protocoladapter:unknown.topicpath"
	for topic, want := range map[string]string{
		"ns/t/things/live/messages/ask":     "",
		"/t/things/live/messages/ask":       "",
		"ns/t/things/twin/messages/ask":     none,
		"ns/t/things/none/messages/ask":     none,
		"ns/t/policies/messages/ask":        none,
		"ns/t/things/live/commands/modify":  none,
		"ns/t/things/live/acks/ask":         none,
		"1/t/things/live/messages/ask":      "400 things:id.invalid",
		"_/_/things/live/messages/ask":      "400 things:id.invalid",
		"ns/ä/things/live/messages/ask":     "400 things:id.invalid",
		"ns.a-b/t/things/live/messages/ask": "",
	} {
		_, err := NewMessage(decode(t, `{"topic":"`+topic+`","path":"/inbox/messages/ask"}`))
		if got := codeOf(err); got != want {
			t.Errorf("%s: refused with %q, want %q", topic, got, want)
		}
	}
}

// TestMessageSize says how much a message may carry: what counts are characters, of text between the quotes.
func TestMessageSize(t *testing.T) {
	fill := strings.Repeat
	const tooLarge = "413 messages:payload.toolarge"
	for _, tc := range []struct{ name, contentType, value, want string }{
		{"text", "text/plain", `"` + fill("x", 256_000) + `"`, ""},
		{"too much text", "text/plain", `"` + fill("x", 256_001) + `"`, tooLarge},
		{"text of several bytes", "text/plain", `"` + fill("ü", 256_000) + `"`, ""},
		{"too much text of several bytes", "text/plain", `"` + fill("ü", 256_001) + `"`, tooLarge},
		{"text that counts twice", "text/plain", `"` + fill("😀", 128_000) + `"`, ""},
		{"too much text that counts twice", "text/plain", `"` + fill("😀", 128_001) + `"`, tooLarge},
		{"text in escape sequences", "text/plain", `"` + fill(`\u0041`, 256_000) + `"`, ""},
		{"too much text in escape sequences", "text/plain", `"` + fill(`\u0041`, 256_001) + `"`, tooLarge},
		{"JSON", "application/json", `[` + fill("1", 255_998) + `]`, ""},
		{"too much JSON", "application/json", `[` + fill("1", 255_999) + `]`, tooLarge},
		{"base64", "", `"` + fill("abcd", 64_000) + `"`, ""},
		{"too much base64", "", `"` + fill("abcd", 64_001) + `"`, tooLarge},
		{"bytes that become base64", "", `"` + fill("-", 256_000) + `"`, ""},
		{"too many bytes", "", `"` + fill("-", 256_001) + `"`, tooLarge},
	} {
		for _, status := range []string{"", `,"status":200`} {
			rest := `"headers":{"content-type":"` + tc.contentType + `"},"value":` + tc.value + status
			_, err := NewMessage(decode(t, frame("messages/ask", "/inbox/messages/ask", rest)))
			if got := codeOf(err); got != tc.want {
				t.Errorf("%s%s: refused with %q, want %q", tc.name, status, got, tc.want)
			}
		}
	}
}

// TestMessagePermissions says who may send a message, and who receives it.
func TestMessagePermissions(t *testing.T) {
	const refused = "403 messages:send.notallowed"
	for _, tc := range []struct {
		name, path, rest, rights string
		send                     string
		receive                  bool
	}{
		{"nobody", "/inbox/messages/ask", "", "", refused, false},
		{"rights on things", "/inbox/messages/ask", "", "+rw thing:/ +rw policy:/", refused, false},
		{"all messages", "/inbox/messages/ask", "", "+rw message:/", "", true},
		{"reading", "/inbox/messages/ask", "", "+r message:/", refused, true},
		{"writing", "/inbox/messages/ask", "", "+w message:/", "", false},
		{"the inbox", "/inbox/messages/ask", "", "+rw message:/inbox", "", true},
		{"the outbox", "/inbox/messages/ask", "", "+rw message:/outbox", refused, false},
		{"the subject", "/inbox/messages/ask", "", "+rw message:/inbox/messages/ask", "", true},
		{"another subject", "/inbox/messages/ask", "", "+rw message:/inbox/messages/asked", refused, false},
		{"but the subject", "/inbox/messages/ask", "", "+rw message:/ -rw message:/inbox/messages/ask", refused, false},
		{"but what begins like the subject", "/inbox/messages/ask", "", "+rw message:/ -rw message:/inbox/messages/ask/x", refused, true},
		{"outbox", "/outbox/messages/ask", "", "+rw message:/outbox", "", true},
		{"a feature by the thing's inbox", "/features/f/inbox/messages/ask", "", "+rw message:/inbox", refused, false},
		{"a feature", "/features/f/inbox/messages/ask", "", "+rw message:/features/f", "", true},
		{"another feature", "/features/f/inbox/messages/ask", "", "+rw message:/features/g", refused, false},
		{"a feature with a tilde", "/features/a~0b/inbox/messages/ask", "", "+rw message:/ -rw message:/features/a~b", refused, false},
		{"a subject with slashes", "/inbox/messages/a/b", "", "+rw message:/ -w message:/inbox/messages/a", refused, true},
		{"a claim by nobody", "/inbox/messages/claim", "", "", "", false},
		{"a claim", "/inbox/messages/claim", "", "+r message:/inbox/messages/claim", "", true},
		{"a claim for others", "/inbox/messages/claim", "", "+rw message:/ -r message:/inbox/messages/claim", "", false},
		{"not a claim: another case", "/inbox/messages/Claim", "", "", refused, false},
		{"not a claim: longer", "/inbox/messages/claim/", "", "", refused, false},
		{"not a claim: from the thing", "/outbox/messages/claim", "", "", refused, false},
		{"not a claim: a feature", "/features/f/inbox/messages/claim", "", "", refused, false},
		{"a response by nobody to whoever asked", "/inbox/messages/ask", `"status":200`, "", "", true},
	} {
		_, subject, _ := strings.Cut(tc.path, "messages/")
		m, err := NewMessage(decode(t, frame("messages/"+subject, tc.path, tc.rest)))
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		rights := rightsOf(t, tc.rights)
		if got := codeOf(m.Authorize(rights)); got != tc.send {
			t.Errorf("%s: sending is refused with %q, want %q", tc.name, got, tc.send)
		}
		if got := m.MayReceive(rights); got != tc.receive {
			t.Errorf("%s: receives %t, want %t", tc.name, got, tc.receive)
		}
	}
}

// TestMessageCondition says that messages are sent under conditions, and responses are not.
func TestMessageCondition(t *testing.T) {
	for _, tc := range []struct{ rest, condition, code string }{
		{`"headers":{}`, "", ""},
		{`"headers":{"condition":"exists(attributes/a)"}`, "exists(attributes/a)", ""},
		{`"headers":{"condition":"exists("}`, "", "400 things:condition.invalid"},
		{`"headers":{"condition":"exists("},"status":200`, "", ""},
	} {
		m, err := NewMessage(decode(t, frame("messages/ask", "/inbox/messages/ask", tc.rest)))
		if got := codeOf(err); got != tc.code {
			t.Errorf("%s: refused with %q, want %q", tc.rest, got, tc.code)
		}
		if m == nil {
			continue
		}
		if got := m.Condition; (got == nil) != (tc.condition == "") || got != nil && got.String() != tc.condition {
			t.Errorf("%s: condition is %v, want %q", tc.rest, got, tc.condition)
		}
	}
}

// TestMessageDelivered says what receivers are sent, to the letter of the headers.
func TestMessageDelivered(t *testing.T) {
	all := Delivery{CorrelationID: "c#0", ResponseRequired: true, RequestedAcks: []string{"my:ack"}, Extra: []byte(`{"e":1}`)}
	const directed = `"channel":"live","ditto-message-direction":"TO","ditto-message-subject":"ask","ditto-message-thing-id":"ns:t"`
	for _, tc := range []struct {
		name, path, rest string
		d                Delivery
		want             string
	}{
		{"nothing", "/inbox/messages/ask", "", Delivery{CorrelationID: "c", ResponseRequired: true},
			`"headers":{"correlation-id":"c","response-required":true,"ditto-originator":"app",` + directed + `},"path":"/inbox/messages/ask"`},
		{"everything", "/features/f/outbox/messages/ask",
			`"headers":{"correlation-id":"c","content-type":"text/plain","timeout":"5s","response-required":"true","requested-acks":["live-response","my:ack","other:ack"],
			"channel":"twin","Custom":7,"condition":"exists(attributes/a)","if-match":"*","authorization":"secret","accept":"x","reply-to":"r","ditto-message-subject":"fake",
			"ditto-originator":"fake","entity-revision":9,"ditto-sudo":"x","traceparent":"p"},"value":"hi","extra":{"own":1},"revision":5,"timestamp":"2026-01-01T00:00:00Z","fields":"a","metadata":{}`,
			all,
			`"headers":{"correlation-id":"c#0","response-required":true,"ditto-originator":"app","requested-acks":["my:ack"],"content-type":"text/plain","timeout":"5s",
			"channel":"live","Custom":"7","reply-to":"r","traceparent":"p","ditto-message-direction":"FROM","ditto-message-subject":"ask","ditto-message-thing-id":"ns:t",
			"ditto-message-feature-id":"f"},"path":"/features/f/outbox/messages/ask","value":"hi","extra":{"e":1}`},
		{"fire and forget", "/inbox/messages/ask", `"headers":{"response-required":false},"value":"YQ==","extra":{"own":1}`, Delivery{CorrelationID: "c"},
			`"headers":{"correlation-id":"c","response-required":false,"ditto-originator":"app",` + directed + `},"path":"/inbox/messages/ask","value":"YQ==","extra":{"own":1}`},
		{"a response asks for nothing", "/inbox/messages/ask",
			`"headers":{"content-type":"application/json","response-required":true,"requested-acks":["my:ack"],"x":"y"},"value":null,"status":299`, all,
			`"headers":{"correlation-id":"c#0","response-required":false,"ditto-originator":"app","content-type":"application/json","x":"y",` + directed +
				`},"path":"/inbox/messages/ask","value":null,"extra":{"e":1},"status":299`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			env := decode(t, frame("messages/ask", tc.path, tc.rest))
			before := string(env.Append(nil))
			m, err := NewMessage(env)
			if err != nil {
				t.Fatal(err)
			}
			m.Originator = "app"
			for range 2 { // it remains as it is
				checkJSON(t, m.AppendSignal(nil, tc.d), `{"topic":"ns/t/things/live/messages/ask",`+tc.want+`}`)
			}
			if after := string(env.Append(nil)); after != before {
				t.Errorf("the envelope became %s, was %s", after, before)
			}
			if got := string(m.AppendSignal([]byte("x"), tc.d)[:10]); got != `x{"topic":` {
				t.Errorf("what was there before became %s", got)
			}
		})
	}
}

// TestMatchMessage says which responses answer a message.
func TestMatchMessage(t *testing.T) {
	for _, tc := range []struct {
		name, topic, path, id string
		status                string
		fits                  bool
	}{
		{"the same", "ns/t/things/live/messages/ask", "/inbox/messages/ask", "c", "200", true},
		{"the other way", "ns/t/things/live/messages/ask", "/outbox/messages/ask", "c", "404", true},
		{"a suffix", "ns/t/things/live/messages/ask", "/inbox/messages/ask", "c#1", "200", true},
		{"another correlation id", "ns/t/things/live/messages/ask", "/inbox/messages/ask", "d", "200", false},
		{"another thing", "ns/u/things/live/messages/ask", "/inbox/messages/ask", "c", "200", false},
		{"another subject", "ns/t/things/live/messages/tell", "/inbox/messages/tell", "c", "200", false},
		{"no status that there is", "ns/t/things/live/messages/ask", "/inbox/messages/ask", "c", "99", false},
	} {
		request, err := NewMessage(decode(t, frame("messages/ask", "/inbox/messages/ask", `"headers":{"correlation-id":"c"}`)))
		if err != nil {
			t.Fatal(err)
		}
		response, err := NewMessage(decode(t, `{"topic":"`+tc.topic+`","path":"`+tc.path+`","headers":{"correlation-id":"`+tc.id+`"},"status":`+tc.status+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := MatchMessage(request, response); (got == "") != tc.fits {
			t.Errorf("%s: does not fit because of %q, want it to fit: %t", tc.name, got, tc.fits)
		}
	}
}
