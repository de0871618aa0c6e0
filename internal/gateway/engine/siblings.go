package engine

import "github.com/twinway/twinway/internal/gateway/store"

// Siblings are the entities of other kinds with the id of the entity that is
// being decided. They belong to the same shard, so that what they are now is
// what they will be when the decision takes effect.
type Siblings struct {
	shard *shard
	id    string
	// seen is the number of the latest group that must be durable before what
	// was loaded may be shown.
	seen uint64
}

// ID returns the id that they have in common.
func (s *Siblings) ID() string { return s.id }

// Load returns the current record of a sibling, nil if it never existed. It
// must not be modified.
//
// Errors: those of the store.
func (s *Siblings) Load(kind store.Kind) (*store.Record, error) {
	record, seen, err := s.shard.load(store.Key{Kind: kind, ID: s.id})
	s.seen = max(s.seen, seen)
	return record, err
}

// Pending returns the record of a sibling whose latest change may not be
// durable yet, nil if it is. Who has seen it is answered when it is.
func (s *Siblings) Pending(kind store.Kind) *store.Record {
	record, group := s.shard.cache.pending(store.Key{Kind: kind, ID: s.id}, s.shard.durable.Load())
	s.seen = max(s.seen, group)
	return record
}
