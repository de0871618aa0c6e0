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
	// minStripeHeads is how many entities a stripe remembers with any cache.
	minStripeHeads = 256
	// headBytes is about what a remembered entity takes: its head, its id and
	// its place in the map.
	headBytes = 150
)

// stripeHeads returns how many entities a stripe remembers. An append to
// another one reads it from the data base, which costs a fifth of the whole
// append: with a large cache those in use should all be remembered.
func (o Options) stripeHeads() int {
	return int(max(o.CacheSize/16/headBytes/stripeCount, minStripeHeads))
}

// stripes serialises the appends to an entity. Several stripes are locked in
// ascending order.
type stripes struct {
	seed  maphash.Seed
	limit int // of what a stripe remembers, in entities
	all   [stripeCount]stripe
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

func (s *stripes) init(limit int) {
	s.seed, s.limit = maphash.MakeSeed(), limit
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
		stripe.trim(s.limit)
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

// trimmedHeads bounds how many more entities than too many are dropped at once,
// since others wait for the stripe meanwhile.
const trimmedHeads = 64

// trim drops entities at random when there are more than limit, some at once.
func (s *stripe) trim(limit int) {
	if len(s.heads) <= limit {
		return
	}
	keep := limit - min(limit/8, trimmedHeads)
	for k := range s.heads {
		if len(s.heads) <= keep {
			return
		}
		delete(s.heads, k)
	}
}
