package persisted

import (
	"context"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// Bounds of a portion: what is read from the history at once. A session has
// many subscriptions, of which each may hold one while its client takes nothing.
const (
	maxEvents = 256      // that are looked at
	maxItems  = 64       // that are wanted
	maxBytes  = 32 << 10 // of items, but for the last
)

// reading is a history on its way to a client. Its method next is a
// stream.Source.
type reading struct {
	service *Service
	entity  *entity
	from    exchange.Requester
	query   *query
	key     store.Key
	items   encoder

	// begun says that next and to are set; created is the life that is told of.
	begun    bool
	created  time.Time
	next, to int64 // revisions
	// portion are the items that were read and not asked for.
	portion [][]byte
}

// read returns a source of the events that are wanted.
func (s *Service) read(x *exchange.Exchange, q *query) stream.Source {
	e := entityOf(x.Topic.Group)
	r := &reading{
		service: s, entity: e, from: x.From, query: q, key: store.Key{Kind: e.kind, ID: x.Topic.EntityID()},
		items: newEncoder(x, e, s.options.Clock, q.filter),
	}
	return r.advance
}

// advance implements stream.Source.
func (r *reading) advance(ctx context.Context, dst []byte, demand int64) ([]byte, stream.Step, *protocol.Error) {
	if len(r.portion) == 0 {
		if r.begun && r.next > r.to {
			return dst, stream.End, nil
		}
		if err := r.fetch(ctx, int(min(max(demand, 1), maxItems))); err != nil {
			return dst, stream.End, err
		}
	}
	switch {
	case len(r.portion) == 0 && r.next > r.to:
		return dst, stream.End, nil
	case len(r.portion) == 0:
		return dst, stream.Again, nil
	case demand == 0:
		// There is one that nobody has asked for. It is read again then, because
		// the requester may no longer be permitted to.
		r.next, r.portion = r.next-1, nil
		return dst, stream.More, nil
	}
	dst = append(dst, r.portion[0]...)
	r.portion[0] = nil // what was sent is not to be kept by what is left
	r.portion = r.portion[1:]
	return dst, stream.Item, nil
}

// fetch reads a portion with at most so many items, perhaps none.
func (r *reading) fetch(ctx context.Context, want int) *protocol.Error {
	if err := r.query.invalid; err != nil {
		return err
	}
	current, err := r.look(ctx)
	if err != nil {
		return err
	}
	failed := r.begin(current)
	if failed == nil && r.next <= r.to {
		failed = r.collect(want)
	}
	switch {
	case r.items.refused != nil:
		return r.items.refused
	case failed != nil:
		return r.entity.unavailable(r.key.ID)
	}
	return nil
}

// begin finds out where to begin, once. Protocol rule: what happens later than
// the first request is not told, so that the stream has an end.
func (r *reading) begin(current *store.Record) error {
	if r.begun {
		return nil
	}
	first, err := r.service.options.History.Begin(r.key, r.query.from, current)
	switch {
	case errors.Is(err, history.ErrNotKept):
		r.next, r.to = 1, 0
	case err != nil:
		return err
	default:
		r.next, r.to = first, min(r.query.to, current.Revision)
	}
	r.begun, r.created = true, current.Created
	return nil
}

// collect reads the next events from the history.
func (r *reading) collect(want int) error {
	r.portion = r.portion[:0:0]
	looked, size := 0, 0
	full := false
	err := r.service.options.History.Events(r.key, r.next, r.to, maxEvents, func(e history.Event) bool {
		looked++
		r.next = e.Revision + 1
		if !r.query.covers(e.Time) {
			return true
		}
		item := r.items.encode(&e)
		if r.items.refused != nil {
			return false
		}
		if item != nil {
			r.portion = append(r.portion, item)
			size += len(item)
		}
		full = len(r.portion) == want || size >= maxBytes
		return !full
	})
	if err == nil && !full && looked < maxEvents {
		r.next = r.to + 1 // the rest is not kept
	}
	return err
}

// look returns the entity as it is now, if the requester may read all of it.
//
// Protocol rule: otherwise it is not there. That is looked at for each portion,
// since permissions may be withdrawn while a client takes its time.
func (r *reading) look(ctx context.Context) (*store.Record, *protocol.Error) {
	var (
		current          *store.Record
		readable, failed bool
	)
	deadline := r.service.options.Clock().Add(r.service.settings.Load().Timeout)
	err := r.service.options.Engine.Do(ctx, r.key, deadline, func(record *store.Record, siblings *engine.Siblings, _ time.Time) engine.Effect {
		current = record
		if current == nil || current.Deleted {
			return engine.Effect{}
		}
		who := r.service.options.Authority.On(r.from, siblings)
		readable = r.entity.readable(who, r.key.ID, current)
		failed = who.Err() != nil
		return engine.Effect{}
	})
	switch {
	case err != nil || failed:
		return nil, r.entity.unavailable(r.key.ID)
	case !readable, r.begun && !current.Created.Equal(r.created):
		return nil, r.entity.notFound(r.key.ID)
	}
	return current, nil
}
