package engine

import (
	"sync"
	"sync/atomic"
)

// maxUnderWay is how many bytes of changes may be on their way to the disk, over all shards, before no more are decided. It
// may be exceeded by one group for each shard. Records are small, but what a thing is found by can be a hundred times as large.
const maxUnderWay = 64 << 20

// room is what changes that are on their way to the disk may take together.
type room struct {
	limit int64
	used  atomic.Int64

	mu   sync.Mutex
	less sync.Cond // used has become less
}

func newRoom(limit int64) *room {
	r := &room{limit: limit}
	r.less.L = &r.mu
	return r
}

// await waits until there is room. Groups that are under way need nothing of who waits here, so there will be.
func (r *room) await() {
	if r.used.Load() < r.limit {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.used.Load() >= r.limit {
		r.less.Wait()
	}
}

// take takes room, whether or not there is so much.
func (r *room) take(bytes int) { r.used.Add(int64(bytes)) }

// give gives room back.
func (r *room) give(bytes int) {
	if before := r.used.Add(-int64(bytes)) + int64(bytes); before < r.limit {
		return // nobody has had to wait
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.less.Broadcast()
}
