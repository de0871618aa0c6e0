package conformance

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestScenariosAreConsistent finds slips in the scenarios without a server.
func TestScenariosAreConsistent(t *testing.T) {
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no scenarios")
	}
	for _, s := range all {
		for _, slip := range slips(s) {
			t.Errorf("%s:%s", s.File, slip)
		}
	}
}

func TestSlips(t *testing.T) {
	tests := []struct{ name, steps, want string }{
		{"no expectation", `alice> {"path":"/"}`, "1: expects nothing"},
		{"the correlation id was never sent", `alice> {"headers":{"correlation-id":"c"}}` + "\n" + `alice< {"headers":{"correlation-id":"d"}}`,
			`4: correlation id "d" was never sent`},
		{"the correlation id of the scenario was never sent", `alice> {"headers":{"correlation-id":"<ns>-c"}}` + "\n" + `alice< {"headers":{"correlation-id":"<ns>-d_<text:s>"}}`,
			`4: correlation id "<ns>-d_<text:s>" was never sent`},
		{"an error with two statuses", `alice< {"topic":"<ns>/t/things/twin/errors","path":"/","status":404,"value":{"status":400,"error":"e","message":"<text>", ...}}`,
			"3: an error has one status"},
		{"an error below the root", `alice< {"topic":"<ns>/t/things/twin/errors","path":"/attributes","status":404,"value":{"status":404,"error":"e","message":"<text>", ...}}`,
			"3: an error has the path /"},
		{"an error without code", `alice< {"topic":"<ns>/t/things/twin/errors","path":"/","status":404,"value":{"status":404,"message":"<text>", ...}}`,
			"3: an error has a code and a message"},
		{"an event with two revisions", `alice< {"topic":"<ns>/t/things/twin/events/created","revision":1,"headers":{"entity-revision":2},"timestamp":"<time>"}`,
			"3: an event has one revision"},
		{"an event without time", `alice< {"topic":"<ns>/t/things/twin/events/created","revision":1,"headers":{"entity-revision":1}}`,
			"3: an event has a timestamp"},
		{"a live event without time", `alice< {"topic":"<ns>/t/things/live/events/created","revision":1,"headers":{"entity-revision":2}}`,
			"3: an event has one revision"},
		{"an error that nobody sent and nobody worded", `alice< {"topic":"<ns>/t/things/live/errors","path":"/","status":404,"value":{"status":404,"error":"e","message":"m"}}`,
			"3: an error has a code and a message"},
		{"a response to a command that was never sent", `alice> {"topic":"<ns>/t/things/twin/commands/modify"}` + "\n" + `alice< {"topic":"<ns>/t/things/twin/commands/delete","status":204}`,
			"4: no command was sent that has this response"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			parsed, err := Parse("f.txt", "== a\nconnect alice\n"+test.steps)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{test.want}, slips(parsed[0])); diff != "" {
				t.Errorf("slips (-want +got):\n%s", diff)
			}
		})
	}
}

// slips returns what is wrong with a scenario whatever the server does, as "<line>: <text>".
func slips(s Scenario) []string {
	var found []string
	expects := false
	said := ""
	for _, step := range s.steps {
		switch a := step.act.(type) {
		case *connect:
			said += fmt.Sprintln(a.to.query, a.to.header)
		case *watch:
			said += fmt.Sprintln(a.to.query, a.to.header)
		case *send:
			said += a.text
		case *sendRaw:
			said += a.bytes
		case *expect:
			expects = true
			for _, p := range a.patterns {
				for _, slip := range slipsOf(p, said) {
					found = append(found, fmt.Sprintf("%d: %s", step.line, slip))
				}
			}
		case *request:
			said += fmt.Sprintln(a.target, a.header, a.body, topicsOf(a))
		case *nothing, *closes, *refused, *leaves, *answer:
			expects = true
		}
	}
	if !expects {
		found = append(found, fmt.Sprintf("%d: expects nothing", s.Line))
	}
	return found
}

// topicsOf returns the topics of the commands that a request may be.
func topicsOf(a *request) (topics []string) {
	entity := entityOfTarget(&url.URL{Opaque: a.target})
	for action, method := range methods {
		if method == a.method && entity != "" {
			twin := entity + "/commands/" + action
			topics = append(topics, twin, strings.Replace(twin, "/twin/", "/live/", 1))
		}
	}
	return topics
}

// anyText is a correlation id that the server chose.
var anyText = regexp.MustCompile(`^<(?:text|id)\b`)

// quoted returns text as it stands in JSON, without the quotes.
func quoted(text string) string { return strings.Trim(encode(text), `"`) }

// suffix is what the server may add to the correlation id of a signal that it delivers.
var suffix = regexp.MustCompile(`(?:_<text(?::\w+)?>)?(?:#\d+)?$`)

func slipsOf(p pattern, said string) (found []string) {
	envelope, ok := p.tree.(object)
	if !ok {
		return nil
	}
	headers, _ := envelope["headers"].(object)
	value, _ := envelope["value"].(object)
	id, _ := headers["correlation-id"].(string)
	if id != "" && !anyText.MatchString(id) && !wordIn(quoted(suffix.ReplaceAllString(id, "")), said) {
		found = append(found, fmt.Sprintf("correlation id %q was never sent", id))
	}
	topic, _ := envelope["topic"].(string)
	switch {
	case strings.HasSuffix(topic, "/errors"):
		found = append(found, slipsOfError(envelope, value, said)...)
	case strings.Contains(topic, "/events/"):
		found = append(found, slipsOfEvent(topic, envelope, headers)...)
	case strings.Contains(topic, "/commands/"):
		if !answers(topic, said) {
			found = append(found, "no command was sent that has this response")
		}
	}
	return found
}

// slipsOfError knows two kinds of errors: those that the server words, and those of devices, which somebody said.
func slipsOfError(envelope, value object, said string) (found []string) {
	message, _ := value["message"].(string)
	if value["error"] == nil || message != "<text>" && !wordIn(`"`+message+`"`, said) {
		found = append(found, "an error has a code and a message")
	}
	if envelope["status"] == nil || envelope["status"] != value["status"] {
		found = append(found, "an error has one status")
	}
	if envelope["path"] != "/" {
		found = append(found, "an error has the path /")
	}
	return found
}

// slipsOfEvent knows that the server sets the time of what happened to a twin, and a device that of what happened to it, if it
// does.
func slipsOfEvent(topic string, envelope, headers object) (found []string) {
	if _, open := envelope[rest]; open && envelope["revision"] == nil {
		return nil
	}
	_, open := headers[rest]
	revision, isNumber := envelope["revision"].(json.Number)
	if !isNumber || (!open && revision != headers["entity-revision"]) {
		found = append(found, "an event has one revision")
	}
	if at, _ := envelope["timestamp"].(string); strings.Contains(topic, "/twin/") && !strings.HasPrefix(at, "<time") {
		found = append(found, "an event has a timestamp")
	}
	return found
}

// wordIn tells whether the word stands in the text with no letter or digit beside it.
func wordIn(word, text string) bool {
	return regexp.MustCompile(`(?:^|\W)` + regexp.QuoteMeta(word) + `(?:\W|$)`).MatchString(text)
}

// answers tells whether the topic of a response belongs to a command that was sent: modify and merge may create, an
// empty namespace stands for the default one, and an envelope may be spelt with escapes.
func answers(topic, said string) bool {
	commands := []string{topic}
	if entity, ok := strings.CutSuffix(topic, "/create"); ok {
		commands = append(commands, entity+"/modify", entity+"/merge")
	}
	if local, ok := strings.CutPrefix(topic, "org.eclipse.ditto/"); ok {
		commands = append(commands, `"/`+local)
	}
	if twin := strings.Replace(topic, "/live/", "/twin/", 1); strings.Contains(said, "live-channel-condition") {
		commands = append(commands, twin) // a retrieve of the twin that becomes a live one
	}
	if live := strings.Replace(topic, "/twin/", "/live/", 1); strings.Contains(said, "use-twin") {
		commands = append(commands, live) // a live retrieve for which the twin stands in
	}
	said = strings.ReplaceAll(said, `\/`, "/")
	if strings.Contains(said, "/api/2/things/") {
		return true // requests of HTTP have no topic
	}
	return slices.ContainsFunc(commands, func(c string) bool { return strings.Contains(said, c) })
}
