package connectivity

import (
	"bytes"

	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// Deliver implements pubsub.Subscriber. It does not block: what finds no room is dropped, the newest first.
func (o *outlet) Deliver(b wire.Burst) {
	missed := o.accept(b)
	o.flow.Count(metrics.Consumed, b.Len())
	o.flow.Waiting(b.Len() - missed)
	if missed == 0 {
		return
	}
	o.flow.Count(metrics.Dropped, missed)
	if now := o.peer.clock(); o.notes.admits(EventDropped, true, now) {
		o.notes.note(Event{Kind: EventDropped, Failure: true, Message: noRoom})
	}
}

const noRoom = "signals come faster than they are delivered, and there is no room for more to wait"

// accept takes the signals for which there is room, and returns how many are left.
func (o *outlet) accept(b wire.Burst) (missed int) {
	now := o.peer.clock()
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range b.Len() {
		a := arrival{text: b.Text(i), at: now}
		if o.closed || !o.queue.put(a) {
			missed++
			o.refuse(a)
		}
	}
	o.changed.Signal()
	return missed
}

// refuse has the requester of a signal be told that there was no room for it. That is done by another goroutine: the hub that
// delivers holds locks, and the one that publishes may wait. The lock is held.
func (o *outlet) refuse(a arrival) {
	if !o.mayOwe(a.text) || len(o.refused) >= maxQueued || len(o.refused) > 0 && o.refusedBytes+len(a.text) > maxQueuedBytes {
		return
	}
	o.refused = append(o.refused, a.clone())
	o.refusedBytes += len(a.text)
	if len(o.refused) == 1 {
		o.running.Go(o.tellRefused)
	}
}

// mayOwe reports whether somebody may wait for what becomes of a signal, which is found out without reading it.
func (o *outlet) mayOwe(text []byte) bool {
	switch o.issued {
	case "":
		return false
	case protocol.LabelLiveResponse:
		return bytes.Contains(text, []byte("/things/live/"))
	}
	return bytes.Contains(text, []byte(o.issued))
}

// tellRefused tells the requesters of what was refused, until there is none left.
func (o *outlet) tellRefused() {
	for {
		o.mu.Lock()
		refused := o.refused
		if len(refused) == 0 {
			o.mu.Unlock()
			return
		}
		o.mu.Unlock()
		o.tell(refused[0].text, errNoRoom)
		o.mu.Lock()
		o.refusedBytes -= len(refused[0].text)
		o.refused[0] = arrival{}
		o.refused = o.refused[1:]
		o.mu.Unlock()
	}
}

// errNoRoom is what requesters are told when there is no room. Protocol rule: that is a status of 503.
var errNoRoom = protocol.ErrSendingFailed(statusUnavailable, "There are too many signals that wait to be delivered.")

// tell tells who may wait for a signal that it is not delivered.
func (o *outlet) tell(text []byte, err *protocol.Error) {
	if !o.mayOwe(text) {
		return
	}
	if s, unreadable := mapping.ReadSignal(text); unreadable == nil {
		o.refuseTo(s, err)
	}
}
