package pubsub

import "slices"

// Account knows who is to answer a signal, and keeps book on who is given it. Its
// methods are called while the signal is published. They must not block, nor call
// the hub.
type Account interface {
	// Asked returns what those of an audience are asked. It is called once for each
	// circle that sees the signal.
	Asked(a *Audience) Delivery
	// Give is told that a subscriber is about to be given the signal, asking d, and
	// returns what it is asked really.
	Give(s Subscriber, d Delivery) Delivery
	// Given is called once, behind the last Give, also if there are no subscribers.
	Given()
}

// Delivery is what a subscriber is asked to answer.
type Delivery struct {
	// CorrelationID is that to answer with, "" for that of the signal.
	CorrelationID string
	// Acks are the labels to acknowledge with. They are not modified.
	Acks []string
}

func (d *Delivery) equal(other *Delivery) bool {
	return d.CorrelationID == other.CorrelationID && slices.Equal(d.Acks, other.Acks)
}

// deliveryKey tells deliveries apart. The correlation id is not copied into it: it may be as long as a message, and is the same
// for all circles.
type deliveryKey struct{ correlationID, acks string }

// key returns what equal deliveries share, and no others.
func (d *Delivery) key() deliveryKey {
	key := deliveryKey{correlationID: d.CorrelationID}
	if len(d.Acks) > 0 {
		asked := Audience{Acks: d.Acks}
		key.acks = asked.key()
	}
	return key
}
