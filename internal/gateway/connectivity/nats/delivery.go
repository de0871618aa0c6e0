package nats

import (
	"maps"
	"slices"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

// delivery is a message from a stream that the server waits to hear of.
type delivery struct {
	msg    jetstream.Msg
	before int // how often it was delivered before
}

func newDelivery(msg jetstream.Msg) *delivery {
	d := &delivery{msg: msg}
	if about, err := msg.Metadata(); err == nil && about.NumDelivered > 0 {
		d.before = int(min(about.NumDelivered-1, 1<<20))
	}
	return d
}

// size returns about how much memory it takes, in bytes.
func (d *delivery) size() int64 {
	n := len(d.msg.Subject()) + len(d.msg.Data())
	for name, values := range d.msg.Headers() {
		n += len(name)
		for _, value := range values {
			n += len(value)
		}
	}
	return int64(n)
}

// message returns the message, without the reply subject: that is for its acknowledgement.
func (d *delivery) message() external.Message {
	return inbound(&nats.Msg{Subject: d.msg.Subject(), Header: d.msg.Headers(), Data: d.msg.Data()})
}

// unsettled are the deliveries that the server waits to hear of.
type unsettled struct {
	mu  sync.Mutex
	all map[*delivery]struct{}
}

func (u *unsettled) add(d *delivery) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all == nil {
		u.all = map[*delivery]struct{}{}
	}
	u.all[d] = struct{}{}
}

// remove reports whether it was there.
func (u *unsettled) remove(d *delivery) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, there := u.all[d]
	delete(u.all, d)
	return there
}

// giveBack lets the server deliver to somebody else at once what was not handed over.
func (u *unsettled) giveBack(d *delivery) {
	if u.remove(d) {
		_ = d.msg.Nak() // else it finds out after a while
	}
}

// keep tells the server that all is worked on.
func (u *unsettled) keep() {
	u.mu.Lock()
	all := slices.Collect(maps.Keys(u.all))
	u.mu.Unlock()
	for _, d := range all {
		_ = d.msg.InProgress() // what was settled meanwhile needs it no more
	}
}
