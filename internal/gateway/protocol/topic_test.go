package protocol

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTopic(t *testing.T) {
	thing := func(ch Channel, c Criterion, a Action, subject string) Topic {
		return Topic{Namespace: "org.acme", Name: "lamp", Group: Things, Channel: ch, Criterion: c, Action: a, Subject: subject}
	}
	policy := Topic{Namespace: "org.acme", Name: "lamp", Group: Policies, Criterion: Commands, Action: Retrieve}
	for text, want := range map[string]Topic{
		"org.acme/lamp/things/twin/commands/modify":        thing(Twin, Commands, Modify, ""),
		"org.acme/lamp/things/live/commands/merge":         thing(Live, Commands, Merge, ""),
		"org.acme/lamp/things/none/commands/create":        thing(ChannelNone, Commands, Create, ""),
		"org.acme/lamp/things/twin/events/migrated":        thing(Twin, Events, Migrated, ""),
		"org.acme/lamp/things/twin/errors":                 thing(Twin, Errors, ActionNone, ""),
		"org.acme/lamp/things/live/messages/a":             thing(Live, Messages, ActionNone, "a"),
		"org.acme/lamp/things/live/messages/a//b/":         thing(Live, Messages, ActionNone, "a//b/"),
		"org.acme/lamp/things/twin/acks":                   thing(Twin, Acks, ActionNone, ""),
		"org.acme/lamp/things/twin/acks/my:ack":            thing(Twin, Acks, ActionNone, "my:ack"),
		"org.acme/lamp/things/twin/search/subscribe":       thing(Twin, Search, Subscribe, ""),
		"org.acme/lamp/things/twin/search/error":           thing(Twin, Search, ErrorAction, ""),
		"org.acme/lamp/things/twin/streaming/next":         thing(Twin, Streaming, Next, ""),
		"org.acme/lamp/policies/commands/retrieve":         policy,
		"org.acme/lamp/things/twin/announcements/x":        thing(Twin, Announcements, ActionNone, "x"),
		"org.acme/lamp/things/twin/commands/modify/more/x": thing(Twin, Commands, Modify, ""),
		"org.acme/lamp/things/twin/commands/modify/":       thing(Twin, Commands, Modify, ""),
		"org.acme/lamp/things/twin/errors/more":            thing(Twin, Errors, ActionNone, ""),
		"org.acme/lamp/things/twin/streaming/subscribeForPersistedEvents": thing(Twin, Streaming,
			SubscribeForPersistedEvents, ""),
		"org.acme/p/policies/announcements/subjectDeletion": {
			Namespace: "org.acme", Name: "p", Group: Policies, Criterion: Announcements, Subject: "subjectDeletion"},
		"_/c/connections/commands/create": {
			Namespace: "_", Name: "c", Group: Connections, Criterion: Commands, Action: Create},
		"_/_/policies/commands/checkPermissions": {
			Namespace: "_", Name: "_", Group: Policies, Criterion: Commands, Action: CheckPermissions},
		"/lamp/things/twin/commands/delete": { // a leading slash is an empty namespace
			Name: "lamp", Group: Things, Channel: Twin, Criterion: Commands, Action: Delete},
		"ü \u0001/?/things/twin/errors": { // ids are not checked here
			Namespace: "ü \u0001", Name: "?", Group: Things, Channel: Twin, Criterion: Errors},
	} {
		got, err := ParseTopic(text)
		if err != nil {
			t.Errorf("%s: %v: %s", text, err, err.Description)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestParseTopicRefuses(t *testing.T) {
	for text, reason := range map[string]string{
		"":                                   "before the segment for the name",
		"ns":                                 "before the segment for the name",
		"ns/n":                               "before the segment for the group",
		"ns/n/":                              `As group it has ""`,
		"ns/n/thing/twin/commands/modify":    `As group it has "thing", which is none of things, policies, connections.`,
		"ns/n/Things/twin/commands/modify":   `As group it has "Things"`,
		"ns/n/things":                        "before the segment for the channel",
		"ns/n/things/commands/modify":        `As channel it has "commands", which is none of none, twin, live.`,
		"ns/n/things/twin":                   "before the segment for the criterion",
		"ns/n/things/twin/command/modify":    `As criterion it has "command", which is none of commands, events,`,
		"ns/n/things/twin/":                  `As criterion it has ""`,
		"ns/n/things/twin/commands":          "before the segment for the action",
		"ns/n/things/twin/commands/":         `As action of commands it has ""`,
		"ns/n/things/twin/commands/modified": `As action of commands it has "modified", which is none of create,`,
		"ns/n/things/twin/events/modify":     "none of created, modified, merged, deleted, migrated.",
		"ns/n/things/twin/search":            "before the segment for the action",
		"ns/n/things/twin/search/subscribeForPersistedEvents": "As action of search it has",
		"ns/n/things/twin/streaming/subscribe":                "As action of streaming it has",
		"ns/n/things/live/messages":                           "After messages a segment is missing",
		"ns/n/things/live/messages/":                          "After messages a segment is missing",
		"ns/n/things/twin/acks/":                              "After acks a segment is missing",
		"ns/n/policies/announcements":                         "After announcements a segment is missing",
		"ns/n/policies/twin/commands/modify":                  `As criterion it has "twin"`,
	} {
		_, err := ParseTopic(text)
		if err == nil {
			t.Errorf("%q is accepted", text)
			continue
		}
		if err.Status != 400 || err.Code != "protocoladapter:unknown.topicpath" || !err.Unaddressed {
			t.Errorf("%q: refused with %+v", text, err)
		}
		if !strings.Contains(err.Description, reason) {
			t.Errorf("%q: refused because %q, want %q", text, err.Description, reason)
		}
	}
}

// TestTopicVocabulary goes through everything that can be said in a topic.
func TestTopicVocabulary(t *testing.T) {
	const criteria = "commands events errors messages acks announcements search streaming"
	actions := map[string]string{
		"commands":  "create retrieve modify merge delete migrate checkPermissions",
		"events":    "created modified merged deleted migrated",
		"search":    "subscribe request cancel created next complete failed error",
		"streaming": "subscribeForPersistedEvents request cancel created next complete failed error",
	}
	for _, group := range []string{"things/twin", "things/live", "policies", "connections"} {
		for criterion := range strings.FieldsSeq(criteria) {
			ends := strings.Fields(actions[criterion])
			switch criterion {
			case "errors":
				ends = []string{""}
			case "messages", "announcements":
				ends = []string{"a", "a/b"}
			case "acks":
				ends = []string{"", "a:b"}
			}
			for _, end := range ends {
				text := strings.TrimSuffix("ns/n/"+group+"/"+criterion+"/"+end, "/")
				topic, err := ParseTopic(text)
				if err != nil {
					t.Errorf("%s: %s", text, err.Description)
				}
				if got := topic.String(); got != text {
					t.Errorf("%s is printed as %s", text, got)
				}
			}
		}
	}
}

// Without a channel the segment is not printed, although it must be there on input.
func TestTopicWithoutChannel(t *testing.T) {
	topic := Topic{Namespace: "_", Name: "_", Group: Things, Criterion: Search, Action: ErrorAction}
	if got, want := topic.String(), "_/_/things/search/error"; got != want {
		t.Errorf("printed as %s, want %s", got, want)
	}
}

func TestTopicEntityID(t *testing.T) {
	topic := Topic{Namespace: "org.acme", Name: "a:b"}
	if got, want := topic.EntityID(), "org.acme:a:b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTopicAsJSON(t *testing.T) {
	topic := Topic{Namespace: "n", Name: "a\"\\\u0001\xed\xa0\x80ü", Group: Things, Channel: Twin, Criterion: Errors}
	const want = `"n/a\"\\\u0001\ud800ü/things/twin/errors"`
	if got := string(topic.appendJSON(nil)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzTopic(f *testing.F) {
	for _, seed := range []string{
		"org.acme/lamp/things/twin/commands/modify", "ns/n/things/none/search/error", "/n/policies/acks/a/b", "a/b/things/live/messages//",
		"_/_/connections/announcements/x", "ns/n/things/twin/errors/x", "///", "ns/n/things/twin/streaming/subscribeForPersistedEvents",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		topic, err := ParseTopic(text)
		if err != nil {
			if topic != (Topic{}) || err.Status != 400 {
				t.Fatalf("%q: %+v with %+v", text, topic, err)
			}
			return
		}
		printed := topic.String()
		if topic.Group == Things && topic.Channel == ChannelNone {
			printed = strings.Replace(printed, "/things/", "/things/none/", 1)
		}
		again, err := ParseTopic(printed)
		if err != nil {
			t.Fatalf("%q is printed as %q, which is refused: %s", text, printed, err.Description)
		}
		if again != topic {
			t.Fatalf("%q is printed as %q, which means something else (-want +got):\n%s", text, printed, cmp.Diff(topic, again))
		}
		// But for what is ignored, a topic is printed as it was.
		if !strings.HasPrefix(text, printed) {
			t.Fatalf("%q is printed as %q", text, printed)
		}
	})
}
