package mapping

import (
	"testing"

	"github.com/twinway/twinway/internal/snapshot"
)

// Whoever chooses a part of an address does not choose one by which brokers are told what to do. Who writes the template may.
func TestAddressesForBrokers(t *testing.T) {
	for _, c := range []struct{ template, said, want string }{
		{"{{ header:to }}", "$CONTROL/dynamic-security/v1", ""},
		{"{{ header:to }}", "$SYS/broker", ""},
		{"{{ header:to | fn:default('a') }}", "$", ""},
		{"{{ header:none | fn:default('') }}{{ header:to }}", "$SYS", ""},
		{"{{ header:to }}", "a/$SYS", "a/$SYS"},
		{"a/{{ header:to }}", "$SYS", "a/$SYS"},
		{"$aws/things/{{ header:to }}/shadow", "t", "$aws/things/t/shadow"},
		{"{{ header:to }}", "dev/1", "dev/1"},
	} {
		source := sourceOf(t, func(s *snapshot.Source) {
			s.ReplyTo, s.Replies = c.template, []snapshot.ReplyKind{snapshot.ReplyResponse}
		})
		got := ""
		if reply := source.Reply(message("dev/1 | to: "+c.said+" | "), []byte(`{}`), snapshot.ReplyResponse, noon); reply != nil {
			got = reply.Address
		}
		if got != c.want {
			t.Errorf("a reply to %s that is %s goes to %q", c.template, c.said, got)
		}
		out := target(t, snapshot.Target{Address: c.template})
		m, err := out.Map(signal(t, `{"topic":"ns/t/things/twin/events/deleted","headers":{"to":"`+c.said+`"},"path":"/"}`), madeID, noon)
		if (err != nil) != (c.want == "") || m != nil && m.Address != c.want {
			t.Errorf("a signal for %s that is %s becomes %v: %v", c.template, c.said, m, err)
		}
	}
}
