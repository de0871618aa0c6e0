package engine

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/store"
)

// pipelineDepth is how many groups of a shard may wait for the disk while the
// next is decided.
const pipelineDepth = 4

// maxGroupBytes is from what size of its changes on a group is closed, and how
// far the cache may exceed its limit while a group is decided. With the largest
// single change it must stay below what a store takes in one batch.
const maxGroupBytes = 4 << 20

// shard serialises the commands of its entities.
type shard struct {
	engine *Engine
	queue  *queue
	cache  *cache
	// siblings is lent to the command that is being decided.
	siblings Siblings
	// groups carries what was applied from the deciding to the completing
	// goroutine, in order; free carries it back.
	groups chan *group
	free   chan *group
	// issued numbers the group that was applied last; deciding goroutine only.
	issued uint64
	// durable is the number of the last group known to be on disk.
	durable atomic.Uint64
	// busySince is when the deciding goroutine took what it works on, in Unix
	// nanoseconds; 0 while it waits for work.
	busySince atomic.Int64
	// waitingSince is since when the completing goroutine has waited for the
	// disk, in Unix nanoseconds; 0 while it does not.
	waitingSince atomic.Int64
}

func newShard(e *Engine, queueLimit int, cacheBytes int64) *shard {
	return &shard{
		engine: e,
		queue:  newQueue(queueLimit),
		cache:  newCache(cacheBytes),
		groups: make(chan *group, pipelineDepth),
		free:   make(chan *group, pipelineDepth+2),
	}
}

// decideAll takes what waits, decides it and hands it on, until the queue is
// closed and empty.
func (s *shard) decideAll() {
	defer close(s.groups)
	for {
		tasks, ok := s.queue.take()
		if !ok {
			return
		}
		now := s.engine.clock()
		s.busySince.Store(now.UnixNano())
		for rest := tasks; len(rest) > 0; {
			rest = rest[s.decideGroup(rest, now):]
			s.cache.trim()
		}
		clear(tasks)
		s.busySince.Store(0)
	}
}

// decideGroup decides tasks in order, as many as one group may have, and
// applies their effects as one batch. It returns how many it has decided.
func (s *shard) decideGroup(tasks []*Task, now time.Time) (decided int) {
	g := s.nextGroup()
	answered := tasks[:0]
	for _, t := range tasks {
		if g.bytes >= maxGroupBytes || decided > 0 && s.cache.used >= s.cache.limit+maxGroupBytes {
			break
		}
		decided++
		if s.decide(t, g, now) {
			g.tasks = append(g.tasks, t)
		} else {
			answered = append(answered, t)
		}
	}
	s.queue.done(answered)
	if len(g.tasks) == 0 {
		s.recycle(g)
		return decided
	}
	if len(g.appends) > 0 {
		s.apply(g)
	}
	s.engine.hooks.GroupDecided(len(g.tasks), len(g.appends))
	s.groups <- g
	return decided
}

// decide runs one command and reports whether it has to wait for the group's
// commit. What changes nothing and has seen only durable state is answered at
// once.
func (s *shard) decide(t *Task, g *group, now time.Time) (waits bool) {
	if t.answered.Load() {
		return false
	}
	if !t.Deadline.IsZero() && !t.Deadline.After(now) {
		t.complete(ErrTimeout)
		return false
	}
	if err := s.engine.Err(); err != nil {
		t.complete(err)
		return false
	}
	key := t.Command.Key()
	record, seen, err := s.load(key)
	if err != nil {
		t.complete(fmt.Errorf("%w: %w", ErrUnavailable, err))
		return false
	}
	s.siblings = Siblings{shard: s, id: key.ID, seen: seen}
	effect := t.Command.Decide(record, &s.siblings, now)
	if effect.Record == nil {
		if s.siblings.seen <= s.durable.Load() {
			t.complete(nil)
			return false
		}
		return true
	}
	s.stage(g, key, effect.Record, effect.Journal, now)
	if sibling := effect.Sibling; sibling != nil {
		s.stage(g, store.Key{Kind: sibling.Kind, ID: key.ID}, sibling.Record, sibling.Journal, now)
	}
	if effect.Signal != nil {
		g.signals = append(g.signals, effect.Signal)
	}
	return true
}

// load returns the current record of an entity, nil if it never existed, and
// the number of the group that must be durable before it may be shown.
func (s *shard) load(key store.Key) (*store.Record, uint64, error) {
	if c, ok := s.cache.get(key); ok {
		return c.record, c.group, nil
	}
	record, err := s.engine.store.Load(key)
	if errors.Is(err, store.ErrNotFound) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	s.cache.put(key, &record, s.issued)
	return &record, s.issued, nil
}

// stage adds a change to the group and makes it what the next command sees.
func (s *shard) stage(g *group, key store.Key, record *store.Record, journal []byte, now time.Time) {
	g.appends = append(g.appends, store.Append{
		Key:      key,
		Expected: record.Revision - 1,
		Record:   *record,
		Event:    store.Event{Revision: record.Revision, Time: now, Payload: journal},
	})
	g.bytes += len(record.Doc) + len(record.Meta) + len(journal)
	s.cache.put(key, record, g.number)
}

// apply hands the group's batch to the store. If the store refuses it, nothing
// of the group has happened: the cache forgets it, and every command is told
// when its turn comes.
func (s *shard) apply(g *group) {
	commit, err := s.engine.store.Apply(g.appends)
	if err == nil {
		g.commit = commit
		s.issued = g.number
		return
	}
	for i := range g.appends {
		s.cache.drop(g.appends[i].Key)
	}
	s.engine.storeRefused(err)
	g.refused = fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// completeAll waits for the disk, group after group, publishes and answers.
func (s *shard) completeAll() {
	for g := range s.groups {
		s.waitingSince.Store(s.engine.clock().UnixNano())
		err := s.wait(g)
		s.waitingSince.Store(0)
		s.queue.done(g.tasks)
		if err == nil && len(g.appends) > 0 {
			// Whoever is told first can rely on it for what is no longer pending.
			s.engine.hooks.Durable(g.appends)
			s.durable.Store(g.number)
			s.engine.publisher.Publish(g.signals)
		}
		g.complete(err)
		s.recycle(g)
	}
}

// wait returns when the group and all before it are durable.
func (s *shard) wait(g *group) error {
	if g.refused != nil {
		return g.refused
	}
	if g.commit != nil {
		if err := g.commit.Wait(); err != nil {
			s.engine.fail(err)
		}
	}
	return s.engine.Err()
}

func (s *shard) nextGroup() *group {
	var g *group
	select {
	case g = <-s.free:
	default:
		g = &group{}
	}
	g.number = s.issued + 1
	return g
}

func (s *shard) recycle(g *group) {
	g.reset()
	select {
	case s.free <- g:
	default:
	}
}
