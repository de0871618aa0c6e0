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

// key returns a text that equal deliveries share, and no others.
func (d *Delivery) key() string {
	if d.CorrelationID == "" && len(d.Acks) == 0 {
		return ""
	}
	asked := Audience{Subjects: []string{d.CorrelationID}, Acks: d.Acks}
	return asked.key()
}
