package engine

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/pubsub"
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
	// onlookers wait for groups that others have decided.
	onlookers *onlookers
	// handed numbers the group that was handed on last, and issued the last of
	// those that the store took; deciding goroutine only.
	handed, issued uint64
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

		onlookers: newOnlookers(queueLimit),
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
	s.onlookers.awaitRoom() // which there will be: no group is held back here
	s.engine.room.await()
	g := s.nextGroup()
	answered := tasks[:0]
	for _, t := range tasks {
		if decided > 0 && s.closes(g) {
			break
		}
		decided++
		if !s.decide(t, g, now) {
			answered = append(answered, t)
		}
	}
	s.queue.done(answered)
	if len(g.tasks) == 0 {
		s.recycle(g)
		return decided
	}
	s.handed = g.number
	s.engine.room.take(g.bytes)
	s.apply(g)
	s.engine.hooks.GroupDecided(len(g.tasks), len(g.appends))
	s.groups <- g
	return decided
}

// closes reports whether nothing more is to be decided with a group.
func (s *shard) closes(g *group) bool {
	return g.bytes >= maxGroupBytes || s.cache.used >= s.cache.limit+maxGroupBytes
}

// decide runs one command and reports whether it has to wait: for the group's
// commit if it changes something, or for what it has seen. What changes nothing
// and has seen only what is settled is answered at once.
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
		return s.look(t, g, effect.Signal)
	}
	g.tasks = append(g.tasks, t)
	s.stage(g, key, effect.Record, effect.Journal, effect.Index, now)
	if sibling := effect.Sibling; sibling != nil {
		s.stage(g, store.Key{Kind: sibling.Kind, ID: key.ID}, sibling.Record, sibling.Journal, store.IndexChange{}, now)
	}
	if effect.Signal != nil {
		g.signals = append(g.signals, effect.Signal)
	}
	return true
}

// look is what follows a decision that changes nothing. A signal that it causes
// comes behind those of what it has seen, and before those of what comes after.
func (s *shard) look(t *Task, g *group, signal *pubsub.Signal) (waits bool) {
	if s.siblings.seen == g.number { // it is one among those who change something
		g.tasks = append(g.tasks, t)
		if signal != nil {
			g.signals, g.talks = append(g.signals, signal), true
		}
		return true
	}
	if s.onlookers.add(onlooker{task: t, signal: signal, seen: s.siblings.seen}) {
		return true
	}
	if signal != nil {
		s.engine.publisher.Publish([]*pubsub.Signal{signal})
	}
	t.complete(nil)
	return false
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
func (s *shard) stage(
	g *group, key store.Key, record *store.Record, journal []byte, index store.IndexChange, now time.Time,
) {
	g.appends = append(g.appends, store.Append{
		Key:      key,
		Expected: record.Revision - 1,
		Record:   *record,
		Event:    store.Event{Revision: record.Revision, Time: now, Payload: journal},
		Index:    index,
	})
	g.bytes += len(record.Doc) + len(record.Meta) + len(journal) + index.Bytes(key)
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
		if err == nil {
			// Whoever is told first can rely on it for what is no longer pending.
			s.engine.hooks.Durable(g.appends)
			s.durable.Store(g.number)
		}
		s.publish(g.signals, !g.talks, err)
		g.complete(err)
		s.onlookers.settle(g.number, func(all []onlooker) { s.tell(all, err) })
		s.engine.room.give(g.bytes)
		s.recycle(g)
	}
}

// maxTold is how many signals are published together if some tell of no change:
// changes of a group are bounded in bytes, but not what is only told.
const maxTold = 16

// publish publishes signals, which only tell of changes or of anything, unless
// it never happened.
func (s *shard) publish(signals []*pubsub.Signal, changes bool, err error) {
	if err != nil || len(signals) == 0 {
		return
	}
	together := maxTold
	if changes {
		together = len(signals)
	}
	for part := range slices.Chunk(signals, together) {
		s.engine.publisher.Publish(part)
	}
}

// tell completes those who have seen what is settled now.
func (s *shard) tell(all []onlooker, err error) {
	if len(all) == 0 {
		return
	}
	tasks, signals := make([]*Task, 0, len(all)), make([]*pubsub.Signal, 0, len(all))
	for _, one := range all {
		tasks = append(tasks, one.task)
		if one.signal != nil {
			signals = append(signals, one.signal)
		}
	}
	s.queue.done(tasks)
	s.publish(signals, false, err)
	for _, t := range tasks {
		t.complete(err)
	}
}

// wait returns when the group and all before it are durable.
func (s *shard) wait(g *group) error {
	if g.refused != nil {
		return g.refused
	}
	if err := g.commit.Wait(); err != nil {
		s.engine.fail(err)
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
	g.number = s.handed + 1
	return g
}

func (s *shard) recycle(g *group) {
	g.reset()
	select {
	case s.free <- g:
	default:
	}
}
