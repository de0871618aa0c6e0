package auth

import (
	"hash/maphash"
	"sync"
	"time"
)

// limiterBuckets is how many users, or addresses, fail independently of one another.
const limiterBuckets = 8192

// limiter bounds failures per key and minute: a key may fail as often as perMinute at once, and gets a token back every
// minute/perMinute.
//
// Its size is fixed, whatever number of keys fail: a bucket belongs to all keys of the same hash, and since the seed is
// random nobody can choose a key that fills another one's bucket.
type limiter struct {
	seed     maphash.Seed
	interval time.Duration // in which one token comes back
	slack    time.Duration // how far behind a bucket may be and still let a failure through
	start    time.Time

	mu      sync.Mutex
	buckets [limiterBuckets]time.Duration // since start: when the bucket will be full again
}

func newLimiter(perMinute int, now time.Time) *limiter {
	interval := max(time.Minute/time.Duration(perMinute), 1)
	return &limiter{
		seed:     maphash.MakeSeed(),
		interval: interval,
		slack:    interval * time.Duration(perMinute-1),
		start:    now,
	}
}

// wait returns how long it takes until key may fail again; not positive: now.
func (l *limiter) wait(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *l.bucket(key) - l.slack - now.Sub(l.start)
}

// fail takes a token from the key's bucket, also from an empty one.
func (l *limiter) fail(key string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.bucket(key)
	*b = max(*b, now.Sub(l.start)) + l.interval
}

func (l *limiter) bucket(key string) *time.Duration {
	return &l.buckets[maphash.String(l.seed, key)%limiterBuckets]
}
