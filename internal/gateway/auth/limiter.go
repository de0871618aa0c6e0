package auth

import (
	"hash/maphash"
	"sync"
	"time"
)

// limiter bounds failures per key and minute: a key may fail as often as perMinute at once, and gets a token back every
// minute/perMinute.
//
// Its size is fixed, whatever number of keys fail. A key has one bucket in each row, which it shares with the keys of the
// same hash, and it is limited only when all of them are empty. Two keys with the same bucket in every row are one in
// 10^10, and since the seed is random nobody can choose a key that empties another one's buckets.
type limiter struct {
	seed  maphash.Seed
	start time.Time

	mu       sync.Mutex
	interval time.Duration                // in which one token comes back
	slack    time.Duration                // how far behind a bucket may be and still let a failure through
	rows     [3][limiterRow]time.Duration // since start: when the bucket will be full again
}

const (
	limiterRowBits = 12
	limiterRow     = 1 << limiterRowBits // buckets
)

func newLimiter(perMinute int, now time.Time) *limiter {
	l := &limiter{seed: maphash.MakeSeed(), start: now}
	l.setRate(perMinute)
	return l
}

// setRate changes the bound. Failures that were counted keep the time that they cost.
func (l *limiter) setRate(perMinute int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.interval = max(time.Minute/time.Duration(perMinute), 1)
	l.slack = l.interval * time.Duration(perMinute-1)
}

// wait returns how long it takes until key may fail again; not positive: now.
func (l *limiter) wait(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets(key)
	return min(*b[0], *b[1], *b[2]) - l.slack - now.Sub(l.start)
}

// fail takes a token from the key's buckets, also from empty ones.
func (l *limiter) fail(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, b := range l.buckets(key) {
		*b = max(*b, now.Sub(l.start)) + l.interval
	}
}

// buckets returns the key's bucket in each row; each takes other bits of the hash.
func (l *limiter) buckets(key string) (b [3]*time.Duration) {
	sum := maphash.String(l.seed, key)
	for i := range b {
		b[i] = &l.rows[i][sum>>(i*limiterRowBits)%limiterRow]
	}
	return b
}
