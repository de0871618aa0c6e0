package mqtt

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
)

// flight is a packet that was sent and is to be acknowledged.
type flight struct {
	qos   byte // of a message; 0 for another packet
	since time.Time
	// done is told what became of a message; nil for another packet.
	done func(link.Outcome)
	// granted is told the answer to a subscription; nil for another packet.
	granted chan<- byte
}

// flights are the packets that were sent and are not acknowledged, by their identifiers.
type flights struct {
	slots chan struct{} // one for each message
	pairs chan struct{} // one for each message of QoS 2, too

	mu    sync.Mutex
	next  uint16
	all   map[uint16]*flight
	idle  chan struct{} // closed when there is no message; nil unless somebody waits
	count int           // of messages
	over  bool
}

// newFlights returns flights of at most so many messages, and so many of QoS 2. Identifiers begin anywhere, as the broker may remember those of a session that
// nobody else does.
func newFlights(most, pairs int) *flights {
	first := uint16(rand.Uint32()) //nolint:gosec // Not a secret.
	return &flights{slots: make(chan struct{}, most), pairs: make(chan struct{}, pairs), next: first, all: map[uint16]*flight{}}
}

// await returns when there is room for a message.
//
// Errors: that of ctx, link.ErrLost.
func (f *flights) await(ctx context.Context, qos byte, over <-chan struct{}) error {
	if qos == 2 {
		if err := occupy(ctx, f.pairs, over); err != nil {
			return err
		}
	}
	err := occupy(ctx, f.slots, over)
	if err != nil && qos == 2 {
		<-f.pairs
	}
	return err
}

func occupy(ctx context.Context, slots chan<- struct{}, over <-chan struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-over:
		return link.ErrLost
	}
}

// open adds a packet and returns its identifier. It reports false if there are no flights any more.
func (f *flights) open(one *flight) (uint16, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over {
		return 0, false
	}
	for f.next++; f.next == 0 || f.all[f.next] != nil; f.next++ {
	}
	one.since = time.Now()
	f.all[f.next] = one
	if one.done != nil {
		f.count++
	}
	return f.next, true
}

// reserve has an identifier used for nothing else until it is acknowledged.
func (f *flights) reserve(id uint16) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.over || f.all[id] != nil {
		return false
	}
	f.all[id] = &flight{qos: 2, since: time.Now()}
	return true
}

// land removes what has an identifier, and returns it; nil if there is nothing, or nothing that wants accepts.
func (f *flights) land(id uint16, wants func(*flight) bool) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.all[id]
	if one == nil || !wants(one) {
		return nil
	}
	delete(f.all, id)
	if one.done != nil {
		f.count--
		<-f.slots
		if one.qos == 2 {
			<-f.pairs
		}
	}
	if f.count == 0 && f.idle != nil {
		close(f.idle)
		f.idle = nil
	}
	return one
}

// finish ends the flight of a message with that QoS, with an outcome.
func (f *flights) finish(id uint16, qos byte, outcome link.Outcome) {
	one := f.land(id, func(one *flight) bool { return one.qos == qos })
	if one != nil && one.done != nil {
		one.done(outcome)
	}
}

// settled returns a channel that is closed when every message has its outcome.
func (f *flights) settled() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.idle == nil {
		f.idle = make(chan struct{})
	}
	idle := f.idle
	if f.count == 0 {
		close(idle)
		f.idle = nil
	}
	return idle
}

// oldest returns when the oldest packet was sent.
func (f *flights) oldest() (oldest time.Time, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.all {
		if !ok || one.since.Before(oldest) {
			oldest, ok = one.since, true
		}
	}
	return oldest, ok
}

// abandon ends all flights: nobody knows what became of the messages. It returns the identifiers that the broker may remember.
func (f *flights) abandon() (unreleased []uint16) {
	f.mu.Lock()
	all := f.all
	f.all, f.over, f.count = nil, true, 0
	f.mu.Unlock()
	for id, one := range all {
		if one.qos == 2 {
			unreleased = append(unreleased, id)
		}
		if one.done != nil {
			one.done(lostOutcome())
		}
	}
	return unreleased
}

func lostOutcome() link.Outcome { return link.Outcome{Status: 503, Err: link.ErrLost, Again: true} }

// acknowledged takes an answer to something that was sent.
func (c *client) acknowledged(t packet.Type, a packet.Ack) {
	switch t {
	case packet.PUBACK:
		c.flights.finish(a.ID, 1, outcomeOf(a.Code))
	case packet.PUBCOMP:
		// Protocol rule: the message was handed over with PUBREC; that its identifier is unknown by now changes nothing.
		c.flights.finish(a.ID, 2, link.Outcome{Status: 200})
	case packet.PUBREC:
		if a.Code >= 0x80 {
			c.flights.finish(a.ID, 2, outcomeOf(a.Code))
			return
		}
		c.send(packet.AppendAck(nil, packet.PUBREL, a.ID))
	}
}

// outcomeOf returns what a code says of a message that was sent.
func outcomeOf(code byte) link.Outcome {
	if code < 0x80 {
		return link.Outcome{Status: 200}
	}
	// Of what the broker complains about only these may be otherwise for the same message.
	again := code == 0x91 || code == 0x93 || code == 0x96 || code == 0x97
	return link.Outcome{Status: 503, Err: errText("the broker refuses the message: " + reasonOf(code).text), Again: again}
}

// errText is an error that is only its text.
type errText string

func (e errText) Error() string { return string(e) }
