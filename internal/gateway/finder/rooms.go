package finder

import (
	"errors"
	"math"
	"runtime/debug"
	"sync"
)

// rooms bound what searches keep: ids, what things are sorted by, and who has a property. A search may be open for long, and
// there may be many of them; so what counts is what all of them keep together, and those of a user.
type rooms struct {
	mu    sync.Mutex
	most  int64 // bytes
	taken int64
	of    map[string]int64 // what users have taken
}

// How much searches may keep together, in bytes, if the process may have as much as it likes, and at least; and which part of the
// process's memory it is, if that is limited.
const (
	mostRoom    = 512 << 20
	leastRoom   = 16 << 20
	partOfLimit = 4
	// usersShare is which part of it a user may have, so that no user takes all.
	usersShare = 2
)

// usualRoom is how much searches may keep together.
func usualRoom() int64 { return roomWithin(debug.SetMemoryLimit(-1)) }

// roomWithin is usualRoom in a process that may have so much memory.
func roomWithin(limit int64) int64 {
	if limit == math.MaxInt64 {
		return mostRoom
	}
	return max(leastRoom, min(mostRoom, limit/partOfLimit))
}

func newRooms(most int64) *rooms { return &rooms{most: most, of: map[string]int64{}} }

// errNoRoom says that searches keep as much as they may together, or those of a user do.
var errNoRoom = errors.New("no room for what searches keep")

// take takes room on behalf of a user, for a search that has so much.
//
// Errors: ErrTooMany if no search may have as much, errNoRoom.
func (r *rooms) take(user string, has, n int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch share := r.most / usersShare; {
	case has+n > share:
		return ErrTooMany
	case r.taken+n > r.most || r.of[user]+n > share:
		return errNoRoom
	}
	r.taken += n
	r.of[user] += n
	return nil
}

// give gives room back.
func (r *rooms) give(user string, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.taken -= n
	if r.of[user] -= n; r.of[user] == 0 {
		delete(r.of, user)
	}
}

// room is what one search keeps. The zero value has no bounds.
type room struct {
	rooms *rooms
	user  string
	taken int64 // of rooms, in portions
	used  int64
}

// portion is how much room is taken at a time, in bytes, so that searches which keep little do not ask often.
const portion = 64 << 10

// keep notes that so many bytes more are kept.
//
// Errors: ErrTooMany, errNoRoom.
func (r *room) keep(n int) error {
	r.used += int64(n)
	if r.rooms == nil || r.used <= r.taken {
		return nil
	}
	more := (r.used - r.taken + portion - 1) / portion * portion
	if err := r.rooms.take(r.user, r.taken, more); err != nil {
		r.used -= int64(n)
		return err
	}
	r.taken += more
	return nil
}

// only notes that of what is kept only so much is kept any more.
func (r *room) only(used int64) {
	r.used = used
	left := (used + portion - 1) / portion * portion
	if r.rooms != nil && left < r.taken {
		r.rooms.give(r.user, r.taken-left)
		r.taken = left
	}
}

// What is kept takes beside its bytes, about.
const (
	keptID    = 24 // an id in a list
	keptFound = 72 // a thing that was found
	keptKey   = 24 // each property by which it is sorted
	keptMap   = 40 // what is in a map
)

// size returns what is kept of a thing.
func (one *found) size() int {
	n := keptFound + len(one.id)
	for _, key := range one.keys {
		n += keptKey + len(key)
	}
	return n
}
