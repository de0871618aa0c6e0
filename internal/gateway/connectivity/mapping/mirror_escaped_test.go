package mapping

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// However another end writes what would be taken for a template here, it is not.
func TestMirrorOfEscapedTemplates(t *testing.T) {
	for value, want := range map[string]protocol.Action{
		`{"a":"{{ time:now }}"}`: protocol.Merge, `{ "a" : [ "\u007b\u007B time:now }}" ] }`: protocol.Merge, `{"a":"{\u007b x }}"}`: protocol.Merge,
		`{"a":"\u007b \u007b"}`: protocol.Modify, `{"\u007b{":1}`: protocol.Modify, `{"a":"\\u007b\\u007b"}`: protocol.Modify,
	} {
		var env protocol.Envelope
		if err := protocol.Decode([]byte(`{"topic":"ns/t/things/twin/events/modified","headers":{},"path":"/attributes","value":`+value+`}`), &env); err != nil {
			t.Fatal(err)
		}
		if command, ok := Mirror(&env); !ok || command.Topic.Action != want {
			t.Errorf("%s became %v", value, command)
		}
	}
}
