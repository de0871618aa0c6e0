package conformance

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestTwin is about what becomes of the steps of a scenario: requests with their answers in place of what a session sends and gets.
func TestTwin(t *testing.T) {
	const modify = `alice> {"topic":"<ns>/t/things/twin/commands/modify","headers":{"correlation-id":"c"},"path":"/attributes/a","value":1}`
	const live = `alice> {"topic":"<ns>/t/things/live/commands/modify","headers":{"correlation-id":"c"},"path":"/attributes/a","value":1}`
	for _, test := range []struct{ name, steps, want string }{
		{"a modify", modify + "\n" + `alice< {"topic":"<ns>/t/things/twin/commands/modify","path":"/attributes/a","status":204,"headers":{"correlation-id":"c","content-type":"application/json"}}`,
			`PUT /api/2/things/<ns>%3At/attributes/a correlation-id=c; 1
204 correlation-id=c;`},
		{"what creates something has a place", modify + "\n" + `alice< {"status":201,"value":1,"headers":{"correlation-id":"c"}}`,
			`PUT /api/2/things/<ns>%3At/attributes/a correlation-id=c; 1
201 correlation-id=c; location=/api/2/things/<ns>%3At/attributes/a; 1`},
		{"a merge", `alice> {"topic":"<ns>/t/things/twin/commands/merge","headers":{"content-type":"application/merge-patch+json"},"path":"/","value":{}}` +
			"\n" + `alice< {"status":204,"headers":{}}`,
			"PATCH /api/2/things/<ns>%3At content-type=application/merge-patch+json; {}\n204"},
		{"a merge that does not say that it is one", `alice> {"topic":"<ns>/t/things/twin/commands/merge","path":"/","value":{}}` + "\n" + `alice< {"status":415,"headers":{}}`,
			"PATCH /api/2/things/<ns>%3At content-type=; {}\n415"},
		{"a retrieve", `alice> {"topic":"<ns>/p/policies/commands/retrieve","path":"/entries/a b/subjects","fields":"a,b"}` + "\n" + `alice< {"status":200,"value":{},...}`,
			"GET /api/2/policies/<ns>%3Ap/entries/a%20b/subjects?fields=a%2Cb\n200 {}"},
		{"several things", `alice> {"topic":"_/_/things/twin/commands/retrieve","path":"/","value":{"thingIds":["a:b","c:d"]}}` + "\n" + `alice< {"status":200,"value":[],"headers":{}}`,
			"GET /api/2/things?ids=a%3Ab%2Cc%3Ad\n200 []"},
		{"headers that are no text", `alice> {"topic":"<ns>/t/things/twin/commands/delete","headers":{"put-metadata":[{"key":"a","value":1}],"response-required":true},"path":"/"}` +
			"\n" + `alice< {"status":204,"headers":{"ditto-metadata":{"a":1},"entity-revision":2}}`,
			`DELETE /api/2/things/<ns>%3At put-metadata=[{"key":"a","value":1}]; response-required=true;` + "\n" + `204 ditto-metadata={"a":1}; entity-revision=2;`},
		{"what does not change has no body", modify + "\n" + `alice< {"status":304,"value":{"status":304},"headers":{"correlation-id":"c"}}`,
			"PUT /api/2/things/<ns>%3At/attributes/a correlation-id=c; 1\n304 correlation-id=c;"},
		{"a single acknowledgement", modify + "\n" + `alice< {"topic":"<ns>/t/things/twin/acks","status":200,"value":{"<label:ack>":{"status":200,"payload":7}},"headers":{"correlation-id":"c"}}`,
			"PUT /api/2/things/<ns>%3At/attributes/a correlation-id=c; 1\n200 7"},
		{"what no response is wanted for", `alice> {"topic":"<ns>/t/things/twin/commands/delete","headers":{"timeout":"0"},"path":"/"}` + "\nalice< nothing",
			"DELETE /api/2/things/<ns>%3At timeout=0;\nquietly\nnothing"},
		{"what a device answers is waited for where it was", live + "\n" + `bob< {"topic":"<ns>/t/things/live/commands/modify"}` + "\n" + `alice< {"status":204,"headers":{"correlation-id":"c"}}`,
			"PUT /api/2/things/<ns>%3At/attributes/a channel=live; correlation-id=c; 1\nexpect bob\n204 correlation-id=c;"},
		{"two that wait keep their order as envelopes", live + "\n" + live + "\n" + `alice< {"status":204,"headers":{"correlation-id":"c"}}` + "\n" + `alice< {"status":204,"headers":{"correlation-id":"c"}}`,
			"send\nsend\nexpect alice\nexpect alice"},
		{"a message", `alice> {"topic":"<ns>/t/things/live/messages/a/b","headers":{"content-type":"text/plain","timeout":"1s"},"path":"/features/f/outbox/messages/a/b","value":"hi"}` +
			"\n" + `alice< {"topic":"<ns>/t/things/live/messages/a/b","status":200,"value":"eW8=","headers":{"content-type":"image/png"}}`,
			"POST /api/2/things/<ns>%3At/features/f/outbox/messages/a/b content-type=text/plain; timeout=1s; hi\n200 yo"},
		{"answers in a group of others", modify + "\n" + `alice<* {"status":204,"headers":{"correlation-id":"c"}}` + "\n" + `alice<* {"topic":"x"}`,
			"PUT /api/2/things/<ns>%3At/attributes/a correlation-id=c; 1\n204 correlation-id=c;\nexpect alice"},
		{"what a session says for all its messages", "connect bob ?timeout=5s&colour=red\n" + `bob> {"topic":"<ns>/t/things/twin/commands/delete","path":"/"}` + "\n" + `bob< {"status":204,"headers":{}}`,
			"connect\nDELETE /api/2/things/<ns>%3At timeout=5s;\n204"},
		{"no command", `alice> {"topic":"<ns>/t/things/twin/acks/a","path":"/","status":200}`, "send"},
		{"no envelope", `alice> START-SEND-EVENTS`, "send"},
	} {
		t.Run(test.name, func(t *testing.T) {
			parsed, err := Parse("f.txt", "== a\n"+test.steps)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, outline(parsed[0].Twin())); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

// outline says what the steps of a twin are, one on each line.
func outline(twin Twin) string {
	var all []string
	for _, step := range twin.steps {
		switch a := step.act.(type) {
		case *request:
			all = append(all, strings.TrimSpace(a.method+" "+a.target+" "+outlineOf(a.header)+a.body))
		case *answer:
			body := a.body.source
			if a.body.kind == jsonContent {
				body = encode(a.body.tree)
			}
			all = append(all, strings.TrimSpace(fmt.Sprint(a.status)+" "+outlineOf(a.header)+body))
		case *expect:
			all = append(all, "expect "+a.session)
		default:
			all = append(all, strings.TrimPrefix(fmt.Sprintf("%T", a), "*conformance."))
		}
	}
	return strings.Join(all, "\n")
}

func outlineOf(header []headerLine) (text string) {
	for _, line := range header {
		text += line.name + "=" + line.value + "; "
	}
	return text
}
