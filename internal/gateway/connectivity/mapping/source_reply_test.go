package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// Answers go where the source says, if they are of a kind that it tells.
func TestReplies(t *testing.T) {
	const answer = `{"topic":"ns/t/things/twin/commands/modify","headers":{"correlation-id":"c","content-type":"application/json","etag":"\"1\"","reply-to":"elsewhere","response-required":false},"path":"/features/f","status":204}`
	const usual = `[content-type=application/vnd.eclipse.ditto+json correlation-id=c] ns:t`
	all := []snapshot.ReplyKind{snapshot.ReplyError, snapshot.ReplyNack, snapshot.ReplyResponse}
	for _, c := range []struct {
		name        string
		to, headers string
		kinds       []snapshot.ReplyKind
		message     string
		answer      string
		kind        snapshot.ReplyKind
		want        string
	}{
		{name: "usual", to: "{{ header:reply-to }}", kinds: all, message: "dev/1 | reply-to: back | ", want: "back " + usual},
		{name: "fixed", to: "replies", kinds: all, message: "dev/1 | ", want: "replies " + usual},
		{name: "of the thing", to: "dev/{{ thing:id }}/{{ source:address }}/{{ feature:id }}/{{ topic:action }}", kinds: all, message: "dev/1 | ", want: "dev/ns:t/dev/1/f/modify " + usual},
		{name: "of the subject", to: "{{ request:subjectId }}", kinds: all, message: "dev/1 | ", want: "integration:broker " + usual},
		{name: "as the carrier joins them", to: "replies", kinds: all, message: "dev/1 | correlation-id: carriers | ", want: "replies [content-type=application/vnd.eclipse.ditto+json correlation-id=carriers] ns:t"},
		{name: "several", to: "{{ header:to | fn:split(',') }}", kinds: all, message: "dev/1 | to: a,b | ", want: "a " + usual},
		{name: "where who answers wants it", to: "{{ header:reply-to }}", kinds: all, message: "dev/1 | ", want: "elsewhere " + usual},
		{name: "nowhere", to: "{{ header:back }}", kinds: all, message: "dev/1 | ", want: "nothing"},
		{name: "empty", to: "{{ header:back }}", kinds: all, message: "dev/1 | back:  | ", want: "nothing"},
		{name: "deleted", to: "{{ header:back | fn:delete() }}", kinds: all, message: "dev/1 | back: x | ", want: "nothing"},
		{name: "no address", to: "", kinds: all, message: "dev/1 | ", want: "nothing"},
		{name: "no responses", to: "replies", kinds: []snapshot.ReplyKind{snapshot.ReplyError, snapshot.ReplyNack}, message: "dev/1 | ", want: "nothing"},
		{name: "only errors", to: "replies", kinds: []snapshot.ReplyKind{snapshot.ReplyError}, kind: snapshot.ReplyError, message: "dev/1 | ", want: "replies " + usual},
		{name: "no negative acknowledgements", to: "replies", kinds: []snapshot.ReplyKind{snapshot.ReplyError, snapshot.ReplyResponse}, kind: snapshot.ReplyNack, message: "dev/1 | ", want: "nothing"},
		{name: "headers", to: "replies", headers: "X-Status={{ header:etag }};device={{ header:device }};no={{ header:no }};Content-Type={{ header:content-type }}", kinds: all,
			message: "dev/1 | device: d | content-type: text/plain | ", want: `replies [X-Status="1" content-type=application/json correlation-id=c device=d] ns:t`},
		{name: "without headers", to: "replies", headers: "Content-Type={{ fn:delete() }};correlation-id={{ fn:delete() }};a=b", kinds: all, message: "dev/1 | ", want: `replies [a=b] ns:t`},
		{name: "of no thing", to: "replies", kinds: all, message: "dev/1 | correlation-id: mine | ",
			answer: `{"topic":"_/_/policies/commands/checkPermissions","headers":{},"path":"/","value":{},"status":200}`,
			want:   `replies [content-type=application/vnd.eclipse.ditto+json correlation-id=mine] `},
		{name: "of anything", to: "replies", kinds: all, message: "dev/1 | ", answer: "x", want: `replies [content-type=application/vnd.eclipse.ditto+json] `},
	} {
		s := sourceOf(t, func(s *snapshot.Source) {
			s.ReplyTo, s.Replies, s.ReplyHeaders = c.to, c.kinds, headersOf(c.headers)
		})
		if c.kind == "" {
			c.kind = snapshot.ReplyResponse
		}
		if c.answer == "" {
			c.answer = answer
		}
		reply := s.Reply(message(c.message), []byte(c.answer), c.kind, noon)
		if got := replied(reply); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
		if reply != nil && string(reply.Payload) != c.answer {
			t.Errorf("%s: payload %s", c.name, reply.Payload)
		}
	}
}

// Whoever answers a message does not say where the answer goes, if its sender has.
func TestWhoAnswersDoesNotSayWhere(t *testing.T) {
	s := sourceOf(t, func(s *snapshot.Source) {
		s.ReplyTo, s.Replies = "{{ header:reply-to }}", []snapshot.ReplyKind{snapshot.ReplyResponse}
	})
	answer := `{"topic":"ns/t/things/live/messages/s","headers":{"correlation-id":"c","reply-to":"attacker"},"path":"/inbox/messages/s","status":200}`
	if reply := s.Reply(message("dev/1 | reply-to: back | "), []byte(answer), snapshot.ReplyResponse, noon); reply.Address != "back" {
		t.Errorf("it went to %s", reply.Address)
	}
}

func replied(m *external.Message) string {
	if m == nil {
		return "nothing"
	}
	var headers []string
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		headers = append(headers, name+"="+m.Headers[name])
	}
	return fmt.Sprintf("%s [%s] %s", m.Address, strings.Join(headers, " "), m.Key)
}

// Who sent a message that is not taken is told why, with as much of it as could be read.
func TestRefusals(t *testing.T) {
	refusal := protocol.ErrEnforcementFailed("ns:t")
	for _, c := range []struct{ payload, message, want string }{
		{"DittoProtocol", `dev/1 | {"topic":"ns/t/things/twin/commands/delete","path":"/","headers":{"correlation-id":"c","a":"b"}}`, `ns/t/things/twin/errors {"correlation-id":"c","a":"b"}`},
		{"DittoProtocol", `dev/1 | {"topic":"ns/t/things/live/commands/delete","path":"/"}`, `ns/t/things/live/errors {"correlation-id":"made"}`},
		{"DittoProtocol", `dev/1 | correlation-id: theirs | {"topic":"x","path":"/"}`, `unknown/unknown/things/twin/errors {"correlation-id":"theirs"}`},
		{"DittoProtocol", `dev/1 | {"topic":1,"headers":{"correlation-id":"c","timeout":"soon"}}`, `unknown/unknown/things/twin/errors {"correlation-id":"c"}`},
		{"DittoProtocol", `dev/1 | x`, `unknown/unknown/things/twin/errors {"correlation-id":"made"}`},
		{"DittoProtocol", `dev/1 | content-type: application/cloudevents+json | x`, `unknown/unknown/things/twin/errors {"correlation-id":"made"}`},
		{"RawMessage", `dev/1 | ditto-message-thing-id: ns:t | ditto-message-subject: s | x`, `ns/t/things/live/errors {"correlation-id":"made"}`},
		{"RawMessage", `dev/1 | ditto-message-thing-id: t | x`, `unknown/unknown/things/twin/errors {"correlation-id":"made"}`},
		{"ImplicitThing", `dev/1 | correlation-id: theirs | x`, `unknown/unknown/things/twin/errors {"correlation-id":"theirs"}`},
	} {
		s := sourceOf(t, func(s *snapshot.Source) {
			s.Payload = snapshot.SourcePayload(c.payload)
			s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":"{{ header:no }}"}`}
		})
		var env protocol.Envelope
		if err := protocol.DecodeTold(s.Refusal(message(c.message), madeID, refusal).Append(nil), &env); err != nil {
			t.Fatal(err)
		}
		for _, name := range []protocol.HeaderName{protocol.HeaderResponseRequired, protocol.HeaderContentType} {
			env.Headers.Delete(name)
		}
		got := env.Topic.String() + " " + string(env.Headers.AppendOut(nil))
		if got != c.want || env.Status != 400 || !strings.Contains(string(env.Value), refusal.Code) {
			t.Errorf("%s: %s: %d %s %s, want %s", c.payload, c.message, env.Status, got, env.Value, c.want)
		}
	}
}
