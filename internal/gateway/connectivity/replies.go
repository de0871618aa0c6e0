package connectivity

import (
	"context"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/snapshot"
)

// What waits of replies to be sent, and for how long it may wait for a client: the next one may be about to be opened, and consumes before it is.
const (
	maxReplies     = 1000
	maxReplyBytes  = 4 << 20
	usualReplySize = 256 // beside the payload, in bytes
	maxReplyWait   = 10 * time.Second
)

// reply is a message that answers one.
type reply struct {
	*stream
	message       *external.Message
	correlationID string
	made          time.Time
	clock         func() time.Time
}

func (r *reply) size() int { return len(r.message.Payload) + usualReplySize }

// replies send replies, by a goroutine that is there while there are any and a client: who answers does not wait. Each is tried once. One
// for which there is no room, or no client in time, is dropped.
type replies struct {
	ctx     context.Context //nolint:containedctx // The inlet's own lifetime.
	running sync.WaitGroup

	mu      sync.Mutex
	client  link.Client
	waiting []reply
	bytes   int
	sending bool
	closed  bool
	drained chan struct{} // closed when nothing can be sent, nil unless somebody waits for that
}

func newReplies(ctx context.Context) *replies { return &replies{ctx: ctx} }

// use says which client replies go to.
func (s *replies) use(c link.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.client = c
	s.start()
}

// start sends what can be sent. The lock is held.
func (s *replies) start() {
	if s.sendable() && !s.sending {
		s.sending = true
		s.running.Go(s.send)
	}
}

func (s *replies) sendable() bool { return s.client != nil && len(s.waiting) > 0 && !s.closed }

// put takes a reply.
func (s *replies) put(r reply) {
	if !s.take(r) {
		r.lost("there are too many replies that wait to be sent")
	}
}

func (s *replies) take(r reply) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.waiting) >= maxReplies || len(s.waiting) > 0 && s.bytes+r.size() > maxReplyBytes {
		return false
	}
	s.waiting = append(s.waiting, r)
	s.bytes += r.size()
	s.start()
	return true
}

// send sends what waits as long as that is possible.
func (s *replies) send() {
	for {
		r, client, ok := s.next()
		if !ok {
			return
		}
		r.send(s.ctx, client)
	}
}

// next returns the first that waits, and the client that it goes to.
func (s *replies) next() (r reply, client link.Client, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.sendable() {
		s.sending = false
		s.sent()
		return reply{}, nil, false
	}
	r = s.waiting[0]
	s.waiting[0] = reply{}
	s.waiting = s.waiting[1:]
	s.bytes -= r.size()
	return r, s.client, true
}

func (s *replies) sent() {
	if s.drained != nil && !s.sending {
		close(s.drained)
		s.drained = nil
	}
}

// drain waits until nothing can be sent any more, as long as ctx allows.
func (s *replies) drain(ctx context.Context) {
	s.mu.Lock()
	drained := s.drained
	if drained == nil {
		drained = make(chan struct{})
		s.drained = drained
		s.sent()
	}
	s.mu.Unlock()
	select {
	case <-drained:
	case <-ctx.Done():
	}
}

// close ends the goroutine. The context has ended. What waits is dropped.
func (s *replies) close() {
	s.mu.Lock()
	s.closed = true
	left := s.waiting
	s.waiting = nil
	s.mu.Unlock()
	for i := range left {
		left[i].lost("the connection is closed")
	}
	s.running.Wait()
}

// send sends the reply, unless it is too late.
func (r *reply) send(ctx context.Context, client link.Client) {
	if r.clock().Sub(r.made) > maxReplyWait {
		r.lost("the connection was not open")
		return
	}
	if err := client.Publish(ctx, r.message, snapshot.AtMostOnce, r.outcome); err != nil {
		r.lost(err.Error())
	}
}

func (r *reply) outcome(out link.Outcome) {
	if !out.Delivered() {
		r.lost(reason(&out))
		return
	}
	r.flow.Count(metrics.Replied, 1)
	r.note(Event{Kind: EventReplied})
}

func (r *reply) lost(why string) { r.note(Event{Kind: EventReplied, Failure: true, Message: why}) }

func (r *reply) note(e Event) {
	if r.notes.admits(e.Kind, e.Failure, r.clock()) {
		e.Address, e.CorrelationID = r.message.Address, r.correlationID
		r.notes.note(e)
	}
}
