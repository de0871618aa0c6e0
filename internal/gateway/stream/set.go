package stream

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/lazily"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Bounds of a set.
const (
	// MaxOpen is how many subscriptions can be open.
	MaxOpen = 64
	// IdleTimeout is how long a subscription lives of which nothing is heard.
	IdleTimeout = time.Minute
	// Grace is how long an ended subscription is remembered as such.
	Grace = 10 * time.Second
	// maxEnded is how many are, at most.
	maxEnded = 256
)

// Options of a set. All must be set.
type Options struct {
	// Send sends a frame that answers no message as soon as there is room for
	// it. It fails when there will be none: when ctx or the connection ends.
	Send func(ctx context.Context, frame []byte) error
	// Go runs something in the background and reports whether it does.
	Go    func(work func()) bool
	Clock func() time.Time
}

// Set holds the subscriptions of one kind that a session has.
type Set struct {
	kind    *Kind
	options Options
	ctx     context.Context //nolint:containedctx // The set's own lifetime.
	cancel  context.CancelFunc

	mu      sync.Mutex
	next    uint64          // the id of the next subscription
	open    []*subscription // whose turn is next comes first
	ended   []ended         // the oldest comes first
	over    []func()        // what is to be released when the lock is
	working bool            // work runs, or is about to
	closed  bool
}

// ended is what is remembered of a subscription that has ended.
type ended struct {
	id string
	at time.Time
}

// NewSet returns a set without subscriptions. It is to be closed.
func NewSet(kind *Kind, o Options) *Set {
	s := &Set{kind: kind, options: o}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Subscribe opens a subscription and returns its id, which the client is to be
// told before anything else happens. Protocol rule: ids are counted, from 0 on.
// The error is too.many.requests.
//
// Release frees what the source holds, nil for nothing. If the subscription was
// opened, it is called once, at its end: when the source is not being asked, and
// not under a lock.
func (s *Set) Subscribe(m Message, source Source, release func()) (id string, refused *protocol.Error) {
	m.Headers = m.Headers.Clone()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.open) >= MaxOpen {
		return "", protocol.ErrTooManyStreams(MaxOpen)
	}
	sub := &subscription{
		id: strconv.FormatUint(s.next, 10), source: source, release: release, latest: m, heard: s.options.Clock(),
		ctx: lazily.WithCancel(s.ctx),
	}
	s.next++
	s.open = append(s.open, sub)
	return sub.id, nil
}

// Request asks for more elements of a subscription that is open. What follows is
// sent, also if it is that the demand is wrong. An error is for the caller to tell.
//
// Protocol rules: demand adds up; none, or less, ends the subscription.
func (s *Set) Request(m Message, id string, demand int64) (refused *protocol.Error) {
	s.mu.Lock()
	sub := s.find(id)
	if sub == nil {
		defer s.mu.Unlock()
		return s.absent(id)
	}
	sub.hear(&m, s.options.Clock())
	if demand > 0 {
		sub.request(demand)
	} else {
		sub.fail(s.kind.Protocol(id, "The demand must be a positive number."))
	}
	s.mu.Unlock()
	s.wake()
	return nil
}

// Cancel ends a subscription. The error, for the caller to tell, is that there
// never was one with the id.
//
// Protocol rule: that one was cancelled is not confirmed. To cancel one that
// has ended has no effect.
func (s *Set) Cancel(id string) (refused *protocol.Error) {
	s.mu.Lock()
	defer s.unlock()
	if sub := s.find(id); sub != nil {
		s.remove(sub)
		return nil
	}
	if n, err := strconv.ParseUint(id, 10, 64); err == nil && n < s.next && id == strconv.FormatUint(n, 10) {
		return nil
	}
	return s.kind.NotFound(id)
}

// Sweep ends the subscriptions of which nothing was heard for too long.
// Somebody has to call it now and then.
func (s *Set) Sweep() {
	now := s.options.Clock()
	s.mu.Lock()
	for _, sub := range s.open {
		if !sub.busy() && now.Sub(sub.heard) >= IdleTimeout {
			sub.fail(s.kind.Timeout(sub.id, IdleTimeout))
		}
	}
	s.mu.Unlock()
	s.wake()
}

// Close ends all subscriptions at once. Nothing is sent any more, but for what
// is being sent.
func (s *Set) Close() {
	s.cancel()
	s.mu.Lock()
	defer s.unlock()
	s.closed = true
	for _, sub := range s.open {
		s.drop(sub)
	}
	s.open, s.ended = nil, nil
}

// absent is the error for a request for a subscription that is not open.
// Protocol rule: for some time, one that has ended is another thing than one
// that never was.
func (s *Set) absent(id string) *protocol.Error {
	now := s.options.Clock()
	if slices.ContainsFunc(s.ended, func(e ended) bool { return e.id == id && now.Sub(e.at) < Grace }) {
		return s.kind.Protocol(id, "The subscription has ended.")
	}
	return s.kind.NotFound(id)
}

// find returns an open subscription, nil if there is none.
func (s *Set) find(id string) *subscription {
	for _, sub := range s.open {
		if sub.id == id {
			return sub
		}
	}
	return nil
}

// remove takes a subscription out, and remembers it, if it is still in.
func (s *Set) remove(sub *subscription) {
	if sub.gone {
		return
	}
	s.drop(sub)
	s.open = slices.DeleteFunc(s.open, func(o *subscription) bool { return o == sub })
	if len(s.ended) == maxEnded {
		s.ended = s.ended[1:] // what it leaves behind goes when append makes room
	}
	s.ended = append(s.ended, ended{sub.id, s.options.Clock()})
}

// drop ends a subscription. What it holds is released, or will be when its
// source has answered.
func (s *Set) drop(sub *subscription) {
	sub.gone = true
	sub.ctx.End()
	if !sub.asked && sub.release != nil {
		s.over = append(s.over, sub.release)
	}
}

// unlock releases the lock, and then what subscriptions held that have ended.
func (s *Set) unlock() {
	over := s.over
	s.over = nil
	s.mu.Unlock()
	for _, release := range over {
		release()
	}
}
