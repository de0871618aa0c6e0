package pebble

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"time"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

const (
	// sweepLook is how often the sweeper looks whether there is something to
	// do, and the shortest time between two passes.
	sweepLook = time.Minute
	// A pass begins as often as a part of the age, but not less often than
	// sweepLongest, so that nothing stays much longer than it should.
	sweepPart    = 24
	sweepLongest = time.Hour
	// sweepSeeks and sweepDeletes bound a step of a pass: some milliseconds.
	sweepSeeks   = 256
	sweepDeletes = 256
	// sweepRest is how many times as long as a step took there is rest after it.
	sweepRest = 9
	// sweepQuiet is for how long an entity must not have changed for the end
	// of its history to go: twice as long as what makes the next event one
	// that can be understood without it, since that one may be on its way.
	sweepQuiet = 2 * store.HistoryPause
)

// sweeper deletes the events that are older than Options.HistoryMaxAge says,
// in a goroutine that the store owns. It takes no lock of the store's: events
// are never changed, no revision comes twice, and what a head remembers is an
// upper bound.
type sweeper struct {
	store *Store
	stop  context.CancelFunc
	done  chan struct{}

	// age and begun are those of the last pass.
	age   time.Duration
	begun time.Time
}

// start starts the sweeper; it runs until end is called.
func (w *sweeper) start() {
	var ctx context.Context
	ctx, w.stop = context.WithCancel(context.Background())
	w.done = make(chan struct{})
	go func() {
		defer close(w.done)
		for w.store.options.Sleep(ctx, sweepLook) == nil {
			if w.due() {
				w.pass(ctx)
			}
		}
	}()
}

// end stops the sweeper and waits for it.
func (w *sweeper) end() {
	w.stop()
	<-w.done
}

// due reports whether it is time for a pass, and notes that one begins. A
// changed age does not wait.
func (w *sweeper) due() bool {
	age, now := w.store.options.HistoryMaxAge(), w.store.options.Clock()
	if age <= 0 || age == w.age && now.Sub(w.begun) < min(age/sweepPart, sweepLongest) {
		return false
	}
	w.age, w.begun = age, now
	return true
}

// pass goes through all histories, step by step. An age that is changed
// meanwhile holds from the next step on.
func (w *sweeper) pass(ctx context.Context) {
	o, total := &w.store.options, 0
	for next := []byte{tableHistory}; next != nil; {
		age, began := o.HistoryMaxAge(), o.Clock()
		if age <= 0 || w.store.failure() != nil {
			return
		}
		var dropped int
		var err error
		if next, dropped, err = w.store.sweep(ctx, next, began.Add(-age), began.Add(-max(age, sweepQuiet))); err != nil {
			// Damage makes the store fail, see the package comment.
			o.Logger.Error("store: cannot drop old history", "error", err)
			return
		}
		total += dropped
		if o.Sleep(ctx, sweepRest*max(o.Clock().Sub(began), 0)) != nil {
			return
		}
	}
	o.Logger.Debug("store: dropped old history", "events", total, "took", o.Clock().Sub(w.begun))
}

// sweep does a step of a pass: it deletes runs from the beginning of histories
// that have no event after old, and ends of histories that have none after
// quiet, beginning with the event at a key. It returns where to go on, nil
// after the last history, and how many events it has deleted.
func (s *Store) sweep(ctx context.Context, from []byte, old, quiet time.Time) (next []byte, dropped int, err error) {
	it, err := s.db.NewIter(&pebbledb.IterOptions{LowerBound: from, UpperBound: []byte{tableHistory + 1}})
	if err != nil {
		return nil, 0, readError("history", err)
	}
	b := s.db.NewBatch()
	defer func() {
		if err = errors.Join(err, it.Close(), b.Close()); err != nil {
			err = readError("history", err)
		}
	}()
	if err := s.watermark.stamp(b); err != nil {
		return nil, 0, err
	}
	p := sweep{it: it, batch: b, old: old, quiet: quiet}
	next, err = p.run(ctx)
	if err != nil || p.dropped == 0 {
		return next, 0, err
	}
	// That it is not synced does no harm: what comes back is swept again, and
	// nothing that was written after it can be there without it.
	if err := s.db.Apply(b, pebbledb.NoSync); err != nil {
		return nil, 0, err
	}
	s.count.byAge.Add(uint64(p.dropped))
	if s.options.OnSweep != nil {
		s.options.OnSweep(p.dropped)
	}
	return next, p.dropped, nil
}

// sweep is a step of a pass.
type sweep struct {
	it         *pebbledb.Iterator
	batch      *pebbledb.Batch
	old, quiet time.Time
	dropped    int
	key        []byte
}

// run looks at one history after the other. It seeks to the oldest event of
// each and, if that is old, to the newest one of its run: what is in between
// or after costs nothing.
func (p *sweep) run(ctx context.Context) (next []byte, err error) {
	ok := p.it.First()
	for range sweepSeeks {
		if !ok || ctx.Err() != nil {
			return nil, p.it.Error()
		}
		if p.dropped >= sweepDeletes {
			break
		}
		entity, first, err := decodeHistoryKey(p.it.Key())
		if err != nil {
			return nil, err
		}
		p.key = append(p.key[:0], entity...) // the iterator's key changes
		gone, err := p.drop(first)
		if err != nil {
			return nil, err
		}
		if gone {
			ok = p.it.SeekGE(binary.BigEndian.AppendUint64(p.key, uint64(runEnd(first)+1)))
		} else {
			p.key[len(p.key)-1] = idTerminator + 1
			ok = p.it.SeekGE(p.key)
		}
	}
	if !ok {
		return nil, p.it.Error()
	}
	return bytes.Clone(p.it.Key()), nil
}

// drop deletes the run that begins with the event at the iterator, of the
// entity in p.key, if it may. It leaves the iterator somewhere.
func (p *sweep) drop(first int64) (bool, error) {
	if after, err := p.after(p.old); after || err != nil {
		return false, err
	}
	end := runEnd(first)
	if !p.it.SeekLT(binary.BigEndian.AppendUint64(p.key, uint64(end+1))) {
		return false, p.it.Error()
	}
	_, last, err := decodeHistoryKey(p.it.Key())
	if err != nil {
		return false, err
	}
	limit := p.old
	if last < end {
		limit = p.quiet // what comes next is in the same run
	}
	if after, err := p.after(limit); after || err != nil {
		return false, err
	}
	for ; first <= last; first++ {
		if err := p.batch.Delete(binary.BigEndian.AppendUint64(p.key, uint64(first)), nil); err != nil {
			return false, err
		}
		p.dropped++
	}
	return true, nil
}

// after reports whether the event at the iterator happened after a time.
func (p *sweep) after(t time.Time) (bool, error) {
	value, err := p.it.ValueAndErr()
	if err != nil {
		return false, err
	}
	event, err := decodeEvent(value, 0)
	return event.Time.After(t), err
}
