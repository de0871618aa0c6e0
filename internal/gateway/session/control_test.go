package session

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// announcement is a signal that everybody may see.
type announcement string

func (a announcement) View(*pubsub.Audience, *pubsub.Want) pubsub.View { return a }

func (a announcement) Forget() {}

func (a announcement) AppendSignal(dst []byte, _ pubsub.View, _ *pubsub.Delivery) ([]byte, bool) {
	return append(dst, a...), true
}

// Announcements of policies are subscribed to as events are.
func TestAnnouncements(t *testing.T) {
	hub := pubsub.NewHub()
	_, target := newTestServer(t, as(alice), echo, func(o *Options) {
		o.Hubs = Hubs{protocol.SignalPolicyAnnouncements: hub}
	})
	publish := func(namespace string, body announcement) {
		hub.Publish([]*pubsub.Signal{{Namespace: namespace, Body: body}})
	}
	c := dial(t, target, nil)
	c.send("START-SEND-POLICY-ANNOUNCEMENTS?namespaces=mine")
	c.mustGet("START-SEND-POLICY-ANNOUNCEMENTS:ACK")
	publish("other", "not for this session")
	publish("mine", "for this session")
	c.mustGet("for this session")

	// Nothing can be added to an announcement. The subscription stays.
	c.send("START-SEND-POLICY-ANNOUNCEMENTS?extraFields=attributes")
	c.mustFail(400, "things:field.selection.invalid")
	publish("mine", "still for this session")
	c.mustGet("still for this session")

	c.send("STOP-SEND-POLICY-ANNOUNCEMENTS")
	c.mustGet("STOP-SEND-POLICY-ANNOUNCEMENTS:ACK")
	publish("mine", "too late")
	c.isOpen()
	c.send("START-SEND-POLICY-ANNOUNCEMENTS")
	c.mustGet("START-SEND-POLICY-ANNOUNCEMENTS:ACK")
	_ = c.Close(1000, "")
	wait(t, func() bool { return hub.Subscribers() == 0 })
}
