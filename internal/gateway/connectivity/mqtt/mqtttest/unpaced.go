package mqtttest

import (
	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// Unpaced has a broker send clients all they have subscribed to at once, however many messages they have not acknowledged (mosquitto is
// the broker that tests show it with).
//
// After each packet of a client the broker looks for messages that its quota held back, and for that takes a lock for reading while it
// has it already (Inflight.NextImmediate). A message for that client that comes between the two waits for both, and the second for it:
// nobody is served from then on. Without a quota it does not look.
type Unpaced struct{ mochi.HookBase }

// Provides implements mochi.Hook.
func (*Unpaced) Provides(event byte) bool { return event == mochi.OnSessionEstablish }

// OnSessionEstablish implements mochi.Hook. What an earlier session left is given the quota of the packet after this.
func (*Unpaced) OnSessionEstablish(c *mochi.Client, _ packets.Packet) {
	c.Properties.Props.ReceiveMaximum = 0
	c.State.Inflight.ResetSendQuota(0)
}
