package connectivity

import (
	"context"
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/snapshot"
)

// inlet is what comes in through a connection. It implements link.Consumer.
//
// What a message asks for is handled on the goroutine that it comes with, in order, and leads to a settlement, and to replies, when it
// is answered. Replies leave by a goroutine of their own.
type inlet struct {
	peer    *peer
	sources map[string]*source
	feeds   atomic.Pointer[map[string]*feed]
	room    room
	replies *replies

	ctx  context.Context //nolint:containedctx // The inlet's own lifetime.
	stop context.CancelFunc
}

// newInlet returns the inlet for the sources of a connection. Errors say which template cannot be used.
func newInlet(p *peer, sources []snapshot.Source) (*inlet, error) {
	in := &inlet{peer: p, sources: make(map[string]*source, len(sources))}
	for i := range sources {
		s := &sources[i]
		mapped, err := mapping.NewSource(p.name, s)
		if err != nil {
			return nil, err
		}
		in.sources[s.Name] = &source{stream: newStream(p, s.Name), mapping: mapped, replies: s.Replies, repliesTo: s.ReplyTo != ""}
	}
	in.feeds.Store(&map[string]*feed{})
	in.ctx, in.stop = context.WithCancel(context.Background())
	in.replies = newReplies(in.ctx)
	return in, nil
}

// stream is a source or an inbound Subscription, as far as it is told what happens to its messages.
type stream struct {
	name  string
	flow  *metrics.Flow
	notes *notes
}

func newStream(p *peer, name string) stream {
	return stream{name: name, flow: p.metrics.In(name), notes: newNotes(p.journal, name)}
}

// forget drops what is known of a stream that is no more.
func (s *stream) forget(p *peer) {
	s.flow.Forget()
	p.journal.forget(s.name)
}

// source is a source of the connection.
type source struct {
	stream
	mapping   *mapping.Source
	replies   []snapshot.ReplyKind
	repliesTo bool
}

// ask replaces the inbound Subscriptions, by whose authority is done what another endpoint of the protocol sends.
func (in *inlet) ask(inbound []*snapshot.Subscription) {
	had, feeds := *in.feeds.Load(), make(map[string]*feed, len(inbound))
	for _, s := range inbound {
		f := &feed{subjects: s.AuthorizationSubjects, namespaces: s.Namespaces}
		if old := had[s.Name]; old != nil {
			f.stream = old.stream
		} else {
			f.stream = newStream(in.peer, s.Name)
		}
		feeds[s.Name] = f
	}
	in.feeds.Store(&feeds)
	for name, old := range had {
		if feeds[name] == nil {
			old.forget(in.peer)
		}
	}
}

// streams returns all that is there, by name.
func (in *inlet) streams() map[string]*stream {
	all := map[string]*stream{}
	for name, s := range in.sources {
		all[name] = &s.stream
	}
	for name, f := range *in.feeds.Load() {
		all[name] = &f.stream
	}
	return all
}

// use says which client replies go to, nil when there is none.
func (in *inlet) use(c link.Client) { in.replies.use(c) }

// Consume implements link.Consumer.
func (in *inlet) Consume(ctx context.Context, c link.Consumed) error {
	if c.Source == "" {
		in.hear(ctx, &c)
		return nil
	}
	size := weight(&c.Message)
	if err := in.room.enter(ctx, size); err != nil {
		return err
	}
	if s := in.sources[c.Source]; s != nil {
		in.take(ctx, s, &c)
	} else if f := (*in.feeds.Load())[c.Source]; f != nil {
		in.repeat(ctx, f, &c)
	} else { // of a Subscription that has ended meanwhile
		in.room.leave(size)
		if c.Settle != nil {
			c.Settle(link.Reject)
		}
	}
	return nil
}

// drain takes nothing more and waits until everything that was taken is settled, as long as ctx allows, and reports how much is not.
func (in *inlet) drain(ctx context.Context) int {
	in.room.close()
	left := in.room.drain(ctx)
	in.replies.drain(ctx)
	return left
}

// close ends the inlet: what is not settled never will be.
func (in *inlet) close() {
	in.room.close()
	in.stop()
	in.replies.close()
}
