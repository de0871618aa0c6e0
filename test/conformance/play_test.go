package conformance

import (
	"strings"
	"testing"
)

// TestPlay has the puppet send right and wrong frames. The third column is a part of the failure, empty for none.
func TestPlay(t *testing.T) {
	tests := []struct{ name, script, failure string }{
		{"the reply is as expected", `
connect alice
alice> {"value":{"say":[{"status":204,"path":"/"}]}}
alice< {"path":"/", "status":204}`, ""},
		{"the reply has another status", `
connect alice
alice> {"value":{"say":[{"status":201}]}}
alice< {"status":204}`, "test.txt:4: alice got a different frame\n  want {\"status\":204}\n  got  {\"status\":201}\n" +
			"    /status: want 204, got 201"},
		{"a reply too many is found at the end", `
connect alice
alice> {"value":{"say":[{"a":1},{"b":1}]}}
alice< {"a":1}`, "test.txt:1: at the end of the scenario: alice got a frame\n  want nothing\n  got  {\"b\":1}"},
		{"nothing comes", `
connect alice
alice> {"value":{"say":[]}}
alice< nothing`, ""},
		{"something comes where nothing should", `
connect alice
alice> {"value":{"say":["text"]}}
alice< nothing`, "want nothing\n  got  text"},
		{"a watcher gets an event and its sender does not", `
watch bob
connect alice
alice> {"value":{"tell":[{"topic":"<ns>/t/things/twin/events/modified","n":1}]}}
bob< {"topic":"<ns>/t/things/twin/events/modified","n":1}
alice< nothing`, ""},
		{"an event nobody expected is found at the end", `
watch bob
connect alice
alice> {"value":{"tell":[{"topic":"<ns>/t/things/twin/events/modified"}]}}`, "at the end of the scenario: bob got a frame"},
		{"events of other namespaces are ignored", `
watch bob
connect alice
alice> {"value":{"tell":[{"topic":"<ns>x/t/things/twin/events/modified"},{"topic":"<ns>.x/t/things/twin/events/modified"}]}}
bob< {"topic":"<ns>.x/t/things/twin/events/modified"}`, ""},
		{"messages, live commands and live events of other namespaces are ignored", `
watch bob
connect alice
alice> {"value":{"tell":[{"topic":"<ns>x/t/things/live/messages/m"},{"topic":"<ns>x/t/things/live/commands/modify"},
    {"topic":"<ns>x/t/things/live/events/modified"},{"topic":"<ns>/t/things/live/messages/m"}]}}
bob< {"topic":"<ns>/t/things/live/messages/m"}`, ""},
		{"answers about other namespaces are not ignored", `
connect alice
alice> {"value":{"say":[{"topic":"<ns>x/t/things/live/messages/m","status":200}]}}
alice< {"topic":"<ns>x/t/things/live/messages/m","status":200}`, ""},
		{"a live event that nobody expected is found at the end", `
watch bob
connect alice
alice> {"value":{"tell":[{"topic":"<ns>/t/things/live/events/modified"}]}}`, "at the end of the scenario: bob got a frame"},
		{"a fixture shows no event", `
watch bob
thing t {"attributes":{"a":1}}`, ""},
		{"a policy is a fixture, too", `
watch bob
policy p {"entries":{}}
bob< nothing`, ""},
		{"a policy that cannot be made", `
connect alice
policy p {"say":[{"status":409,"headers":{"correlation-id":"fixture-1"}}]}`, "/status: want 201, got 409"},
		{"a session for other subjects", `
connect alice ?who=<ns> for a:1,b:2
alice refused 401 {"status":401,"query":"who=<ns>","header":"","subjects":"a:1,b:2"}`, ""},
		{"frames in any order", `
connect alice
alice> {"value":{"say":[{"n":1},"two",{"n":3}]}}
alice<* {"n":3}
alice<* {"n":1}
alice<* two`, ""},
		{"a frame that fits nothing in the group", `
connect alice
alice> {"value":{"say":[{"n":1},{"n":4}]}}
alice<* {"n":3}
alice<* {"n":1}`, "want {\"n\":3}\n    /n: want 3, got 1"},
		{"two patterns want the same frame", `
connect alice
alice> {"value":{"say":[{"n":1},{"n":4}]}}
alice<* {"n":1}
alice<* {"n":1}`, "alice got different frames"},
		{"what was kept can be sent", `
connect alice
alice> {"value":{"say":[{"etag":"\"hash:1f\""}]}}
alice< {"etag":"<etag:e>"}
alice> {"value":{"say":["W/<etag:e>"]}}
alice< W/"hash:1f"`, ""},
		{"what was kept has to be met again", `
connect alice
alice> {"value":{"say":[{"id":"a"},{"id":"b"}]}}
alice< {"id":"<id:x>"}
alice< {"id":"<id:x>"}`, `/id: want "<id:x>", got "b"`},
		{"what was not kept cannot be sent", `
connect alice
alice> {"value":{"say":["<id:y>"]}}`, "nothing was kept"},
		{"a raw text", `
connect alice
alice sends text "nope"
alice< no JSON: nope`, ""},
		{"a binary frame", `
connect alice
alice sends binary "\x00"
alice< nothing`, ""},
		{"the server closes with the code", `
connect alice
alice> {"value":{"close":1008}}
alice closes 1008`, ""},
		{"the server closes with another code", `
connect alice
alice> {"value":{"close":1008}}
alice closes 1013`, "want close code 1013"},
		{"the server does not close", `
connect alice
alice> {"value":{"say":["still here"]}}
alice closes`, "want the server to close\n  got  still here"},
		{"the server closes where a frame should come", `
connect alice
alice> {"value":{"close":1008}}
alice< {"a":1}`, "the connection ended"},
		{"the client leaves", `
connect alice
alice leaves`, ""},
		{"the handshake is refused", `
connect alice ?who=<ns> anonymous
    Greeting: hello <ns>
alice refused 401 {"status":401,"query":"who=<ns>","header":"hello <ns>","subjects":""}`, ""},
		{"the handshake is refused unexpectedly", `
connect alice as ditto:wrong`, "the handshake was refused with 401"},
		{"a step on a session that was refused", `
connect alice /ws/9
alice< nothing`, "the handshake was refused with 401"},
		{"the handshake is refused with another status", `
connect alice anonymous
alice refused 404 {...}`, "refused with status 401, want 404"},
		{"the handshake is refused with another body", `
connect alice anonymous
alice refused 401 {"status":404, ...}`, "/status: want 404, got 401"},
		{"the handshake is not refused", `
connect alice
alice refused 401 {...}`, "the handshake was accepted"},
		{"an answer as expected", `
alice> PUT /say?status=201 {"a":1}
    say: x
alice< 201 {"a":1}
    echo: x`, ""},
		{"an answer with another status", `
alice> PUT /say?status=201 {"a":1}
alice< 204 {"a":1}`, "status: want 204, got 201"},
		{"an answer with another body", `
alice> PUT /say?status=201 {"a":1}
alice< 201 {"a":2}`, "body/a: want 2, got 1"},
		{"an answer with a body that was not expected", `
alice> PUT /say?status=201 {"a":1}
alice< 201`, "body: want"},
		{"an answer with a header that was not expected", `
alice> PUT /say?status=201
    say: x
alice< 201`, "Echo: not expected, got x"},
		{"an answer without a header that was expected", `
alice> PUT /say?status=201
alice< 201
    echo: x`, "Echo: missing, want x"},
		{"an answer with the correlation id of another", `
alice> PUT /say?status=201&correlation-id=d
    correlation-id: c
alice< 201`, "correlation-id: want \"c\", got \"d\""},
		{"an answer without a correlation id", `
alice> PUT /say?status=201&correlation-id=
alice< 201`, "Correlation-Id: missing"},
		{"an answer that nobody looks at", `
alice> PUT /say?status=201`, "alice: the answer to the request before has not been looked at"},
		{"a request before the answer to another", `
alice> PUT /say?status=201
alice> PUT /say?status=201`, "the answer to the request before has not been looked at"},
		{"an answer to nothing", `
alice< 200`, "there is no request without an answer"},
		{"who sends a request", `
client bob for a:1
bob> GET /who
bob< 401 {"status":401,"query":"","header":"","subjects":"a:1"}`, ""},
		{"an unknown session", `
connect alice
bob< nothing`, "bob: there is no such session"},
		{"a session twice", `
connect alice
connect alice`, "alice: this session is open already"},
	}
	target := newPuppet(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			parsed, err := Parse("test.txt", "== "+test.name+test.script)
			if err != nil {
				t.Fatal(err)
			}
			st := newStage(t.Context(), target, newNamespace())
			err = parsed[0].play(st)
			if closeErr := st.close(); closeErr != nil {
				t.Error(closeErr)
			}
			switch {
			case test.failure == "" && err != nil:
				t.Errorf("failed: %v", err)
			case test.failure != "" && (err == nil || !strings.Contains(err.Error(), test.failure)):
				t.Errorf("got failure %v\nwant one with %s", err, test.failure)
			}
		})
	}
}

// TestRun plays a scenario through the testing package, as the gateway's test does.
func TestRun(t *testing.T) {
	parsed, err := Parse("test.txt", "== one\nconnect alice\nalice< nothing")
	if err != nil {
		t.Fatal(err)
	}
	runOne(t, newPuppet(t), parsed[0])
}
