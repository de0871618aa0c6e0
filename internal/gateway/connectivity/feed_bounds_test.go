package connectivity

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// What was not asked for is not done, whatever the other end sends.
func TestInletRepeatsOnlyWhatWasAskedFor(t *testing.T) {
	inLand(t, snapshot.ConnectionDittoWebSocket, func(l *land) {
		in := l.inbound()
		in.ask([]*snapshot.Subscription{{
			Name: "mirror", Direction: snapshot.Inbound, AuthorizationSubjects: []string{"test:mirror"}, Namespaces: []string{"ns", "ns.of"},
		}})
		l.do = func(from exchange.Requester, _ *protocol.Envelope) { from.NoReply() }
		var told settlements
		for _, topic := range []string{
			"ns/a/things/twin/events/deleted", "ns.of/a/things/twin/events/deleted",
			"ns.other/a/things/twin/events/deleted", "other/a/things/twin/events/deleted", "other/a/things/live/commands/delete",
			"other/a/things/live/messages/s", "Ns/a/things/twin/events/deleted", "_/a/things/twin/events/deleted",
		} {
			c := from("mirror", `{"topic":"`+topic+`","headers":{"correlation-id":"id"},"path":"/"}`)
			c.Settle = func(as link.Settlement) { told.settle(as) }
			_ = in.Consume(l.Context(), c)
		}
		same(l, "handled", l.told(), []string{"ns/a/things/twin/commands/delete / #id-mirror", "ns.of/a/things/twin/commands/delete / #id-mirror"})
		same(l, "settled", len(told.got()), 8)
		same(l, "left", in.drain(l.Context()), 0)
	})
}
