package pebble

import (
	"hash/maphash"
	"math/bits"
	"strings"
	"sync"

	"github.com/twinway/twinway/internal/gateway/store"
)

const (
	stripeCount = 64 // as many as a stripeSet has bits
	// stripeHeads bounds what a stripe remembers; all of them together take
	// between 2 and 3 MiB when full.
	stripeHeads = 256
)

// stripes serialises the appends to an entity. Several stripes are locked in
// ascending order.
type stripes struct {
	seed maphash.Seed
	all  [stripeCount]stripe
}

// stripe guards the entities that hash to it.
type stripe struct {
	mu sync.Mutex
	// heads holds the heads of some of the entities, those in the data base.
	// While an Apply is running it holds what will be there afterwards.
	heads map[store.Key]*head
	_     [48]byte // keeps neighbours off this cache line
}

// stripeSet has bit i set for stripe i.
type stripeSet uint64

func (s *stripes) init() {
	s.seed = maphash.MakeSeed()
	for i := range s.all {
		s.all[i].heads = map[store.Key]*head{}
	}
}

func (s *stripes) index(k store.Key) int {
	return int((maphash.String(s.seed, k.ID) + uint64(k.Kind)) % stripeCount)
}

func (s *stripes) of(k store.Key) *stripe { return &s.all[s.index(k)] }

// set returns the stripes of a batch.
func (s *stripes) set(batch []store.Append) stripeSet {
	var set stripeSet
	for i := range batch {
		set |= 1 << s.index(batch[i].Key)
	}
	return set
}

func (s *stripes) lock(set stripeSet) {
	for ; set != 0; set &= set - 1 {
		s.all[bits.TrailingZeros64(uint64(set))].mu.Lock()
	}
}

// unlock trims what the stripes remember and unlocks them.
func (s *stripes) unlock(set stripeSet) {
	for ; set != 0; set &= set - 1 {
		stripe := &s.all[bits.TrailingZeros64(uint64(set))]
		stripe.trim()
		stripe.mu.Unlock()
	}
}

// remember begins to remember an entity. Its id is copied, so that it does not
// keep a larger string alive.
func (s *stripe) remember(k store.Key, h head) *head {
	k.ID = strings.Clone(k.ID)
	s.heads[k] = &h
	return &h
}

// trim drops entities at random when there are too many, an eighth at once.
func (s *stripe) trim() {
	if len(s.heads) <= stripeHeads {
		return
	}
	for k := range s.heads {
		if len(s.heads) <= stripeHeads*7/8 {
			return
		}
		delete(s.heads, k)
	}
}
