package conformance

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParse(t *testing.T) {
	got, err := Parse("f.txt", `# A comment.
== first
connect alice /ws/1 ?a=b as u:p
    Reply-To: x:y
watch bob
thing t
thing u {"attributes":
    {"a":1}}
policy p
    o nginx:ditto,a:b never in <ns>,x.* +RW thing:/ policy:/ -X policy:/ +R message:/
    x - adds nothing like o,<ns>:q/e
    import <ns>:q e f via <ns>:s
    import <ns>:r
policy q {"entries":
    {}}
connect carol for a:1,b:2
# Another comment.
alice> {"topic":"t",
    "path":"/"}
alice> STOP-SEND-EVENTS
alice sends text "\xff"

alice sends binary "\x01"
alice< START-SEND-EVENTS:ACK
alice<* one
alice<* two
alice< nothing
alice refused 404 {...}
alice closes 1013
alice closes
alice leaves
== second
connect alice anonymous
== third
client carol for a:1
carol> PUT /api/2/things/<ns>:t?a=b {"a":
    1}
    if-match: "rev:1"
    content-type:
carol> GET /api/2/whoami
carol> PUT /x bytes "\xff"
carol> PATCH /x
    a-b: c
    [1,
    2]
carol< 201 {"a": 1}
    etag: <etag:e>
    ...
carol< 404 things:thing.notfound
carol< 200 any
carol< 204
carol< 200 bytes "x"
    content-type: text/plain
`)
	if err != nil {
		t.Fatal(err)
	}
	want := []Scenario{
		{File: "f.txt", Line: 2, Name: "first", steps: []step{
			{3, &connect{"alice", endpoint{path: "/ws/1", query: "?a=b", credentials: "u:p", header: http.Header{"Reply-To": {"x:y"}}}}},
			{5, &watch{session: "bob"}},
			{6, &thing{"t", "{}"}},
			{7, &thing{"u", `{"attributes": {"a":1}}`}},
			{9, &policy{"p", `{"entries":{"o":{"importable":"never","namespaces":["<ns>","x.*"],` +
				`"resources":{"message:/":{"grant":["READ"],"revoke":[]},"policy:/":{"grant":["READ","WRITE"],"revoke":["EXECUTE"]},` +
				`"thing:/":{"grant":["READ","WRITE"],"revoke":[]}},"subjects":{"a:b":{"type":"test"},"nginx:ditto":{"type":"test"}}},` +
				`"x":{"allowedAdditions":[],"references":[{"entry":"o"},{"entry":"e","import":"<ns>:q"}],"resources":{},"subjects":{}}},` +
				`"imports":{"<ns>:q":{"entries":["e","f"],"transitiveImports":["<ns>:s"]},"<ns>:r":{"entries":[]}}}`}},
			{14, &policy{"q", `{"entries": {}}`}},
			{16, &connect{"carol", endpoint{subjects: "a:1,b:2"}}},
			{18, &send{"alice", `{"topic":"t", "path":"/"}`, true}},
			{20, &send{"alice", "STOP-SEND-EVENTS", false}},
			{21, &sendRaw{"alice", "\xff", false}},
			{23, &sendRaw{"alice", "\x01", true}},
			{24, &expect{session: "alice", patterns: []pattern{{source: "START-SEND-EVENTS:ACK"}}}},
			{25, &expect{session: "alice", patterns: []pattern{{source: "one"}, {source: "two"}}, anyOrder: true}},
			{27, &nothing{"alice"}},
			{28, &refused{"alice", 404, pattern{source: "{...}", tree: object{"...": true}}}},
			{29, &closes{"alice", 1013}},
			{30, &closes{"alice", 0}},
			{31, &leaves{"alice"}},
		}},
		{File: "f.txt", Line: 32, Name: "second", steps: []step{{33, &connect{"alice", endpoint{anonymous: true}}}}},
		{File: "f.txt", Line: 34, Name: "third", steps: []step{
			{35, &client{"carol", endpoint{subjects: "a:1"}}},
			{36, &request{name: "carol", method: "PUT", target: "/api/2/things/<ns>:t?a=b", body: `{"a": 1}`, json: true,
				header: []headerLine{{name: "if-match", value: `"rev:1"`}, {name: "content-type"}}}},
			{40, &request{name: "carol", method: "GET", target: "/api/2/whoami"}},
			{41, &request{name: "carol", method: "PUT", target: "/x", body: "\xff"}},
			{42, &request{name: "carol", method: "PATCH", target: "/x", body: "[1, 2]", json: true, header: []headerLine{{name: "a-b", value: "c"}}}},
			{46, &answer{name: "carol", status: 201, header: []headerLine{{name: "etag", value: "<etag:e>"}}, open: true,
				body: content{kind: jsonContent, source: `{"a": 1}`, tree: object{"a": json.Number("1")}}}},
			{49, &answer{name: "carol", status: 404, body: content{kind: jsonContent, source: "things:thing.notfound",
				tree: object{"status": json.Number("404"), "error": "things:thing.notfound", "message": "<text>", "...": true}}}},
			{50, &answer{name: "carol", status: 200, body: content{kind: anyContent, source: "any"}}},
			{51, &answer{name: "carol", status: 204}},
			{52, &answer{name: "carol", status: 200, header: []headerLine{{name: "content-type", value: "text/plain"}}, body: content{kind: exactContent, source: "x"}}},
		}},
	}
	all := cmp.AllowUnexported(Scenario{}, step{}, connect{}, watch{}, thing{}, policy{}, send{}, sendRaw{}, expect{}, nothing{},
		refused{}, closes{}, leaves{}, endpoint{}, pattern{}, client{}, request{}, answer{}, headerLine{}, content{})
	if diff := cmp.Diff(want, got, all, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("scenarios (-want +got):\n%s", diff)
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a step without a title", "connect alice", "f.txt:1: a step needs a title"},
		{"a continuation without a step", "== a\n  more", "f.txt:2: an indented line needs a step"},
		{"a title without steps", "== a\n== b\nconnect alice", `f.txt:1: "a" has no steps`},
		{"a title twice", "== a\nconnect alice\n== a\nconnect alice", "f.txt:3: this title is used twice"},
		{"an empty title", "== \nconnect alice", "f.txt:1: a title must not be empty"},
		{"an unknown step", "== a\nalice shouts", "f.txt:2: unknown step: alice shouts"},
		{"an unknown placeholder in a frame", `== a` + "\n" + `alice< {"a":"<tiem>"}`, "<tiem> is no placeholder"},
		{"an unknown placeholder in a member name", `== a` + "\n" + `alice< {"<name>":1}`, "<name> is no placeholder"},
		{"an unknown placeholder in what is sent", `== a` + "\n" + `alice> {"a":"<tiem>"}`, "<tiem> is no placeholder"},
		{"a fill without a count", `== a` + "\n" + `alice> {"a":"<fill:x>"}`, "no usable count"},
		{"a fill without end", `== a` + "\n" + `alice> {"a":"<fill:999999999>"}`, "no usable count"},
		{"sent JSON is broken", "== a\nalice> {\"a\":}", "f.txt:2: sent envelope"},
		{"sent JSON has a member twice", "== a\nalice> {\"a\":1,\"a\":2}", "has a member twice"},
		{"sent text is no control message", "== a\nalice> start-send-events", "is neither a JSON object nor a control message"},
		{"expected JSON is broken", "== a\nconnect alice\nalice< {\"a\" 1}", "f.txt:3: expected envelope"},
		{"dots in quotes", `== a` + "\n" + `alice< {"...":1}`, `"..." belongs into an object`},
		{"dots in an array", `== a` + "\n" + `alice< {"a":["..."]}`, `"..." belongs into an object`},
		{"raw text without quotes", "== a\nalice sends text x", "sends has wrong arguments"},
		{"raw text of another kind", "== a\nalice sends json \"x\"", "sends has wrong arguments"},
		{"a close code in words", "== a\nalice closes soon", "closes has wrong arguments"},
		{"leaving with arguments", "== a\nalice leaves 1000", "leaves has wrong arguments"},
		{"refused without a body", "== a\nalice refused 401", "refused has wrong arguments"},
		{"connect without a name", "== a\nconnect", "connect has wrong arguments"},
		{"connect with an unknown option", "== a\nconnect alice fast", "connect has wrong arguments: fast"},
		{"a header without a colon", "== a\nconnect alice\n  Greeting", "header has wrong arguments: Greeting"},
		{"a thing without a name", "== a\nthing", "thing has wrong arguments"},
		{"a policy without a name", "== a\npolicy", "policy has wrong arguments"},
		{"a policy line of one word", "== a\npolicy p\n  owner", `"owner" is no line of a policy`},
		{"a policy line with an unknown option", "== a\npolicy p\n  owner a:b fast +R thing:/", `is no line of a policy`},
		{"a policy line with an unknown permission", "== a\npolicy p\n  owner a:b +RQ thing:/", `is no line of a policy`},
		{"a label twice", "== a\npolicy p\n  o a:b +R thing:/\n  o a:c +R thing:/", "f.txt:2: \"o a:c +R thing:/\": this label is used twice"},
		{"a thing that is no object", "== a\nthing t 1", "is neither a JSON object"},
		{"a request with broken JSON", "== a\nalice> PUT /x {\"a\"", "f.txt:2: sent body"},
		{"a request with two bodies", "== a\nalice> PUT /x 1\n  a: b\n  2", "request has wrong arguments: two bodies"},
		{"a request without a path", "== a\nalice> PUT x", "is neither a JSON object nor a control message"},
		{"an answer with broken JSON", "== a\nalice< 200 {\"a\"", "f.txt:2: expected body"},
		{"an answer with an unknown placeholder", "== a\nalice< 200\n  etag: <etga>", "<etga> is no placeholder"},
		{"bytes that are not quoted", "== a\nalice> PUT /x bytes x", "f.txt:2: "},
		{"a group of two sessions", "== a\nalice<* x\nbob<* y", "f.txt:3: a group in any order has one session"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("f.txt", test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Count(err.Error(), "f.txt:") != 1 {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add("== a\npolicy p\n  o a:b in c +RWX thing:/ -R thing:/a\n  import q r\nconnect a for b:c")
	f.Add("== a\nconnect alice ?x=<ns>\n  A: b\nalice> {\"a\":1}\nalice< {\"a\":\"<id:x>\", ...}\nalice<* b\nalice closes 1")
	f.Fuzz(func(t *testing.T, text string) {
		scenarios, err := Parse("f.txt", text)
		if err != nil && !strings.HasPrefix(err.Error(), "f.txt:") {
			t.Errorf("error %v does not name the file", err)
		}
		for _, s := range scenarios {
			if len(s.steps) == 0 || s.Name == "" {
				t.Errorf("scenario %+v has no title or no steps", s)
			}
		}
	})
}
