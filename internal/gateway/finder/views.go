package finder

import (
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Bounds of views. As long as one is open the store keeps what it sees, whatever has become of it.
const (
	// MaxViews is how many can be open.
	MaxViews = 4096
	// MaxViewsOfUser is how many a user can have open, so that no user takes all.
	MaxViewsOfUser = MaxViews / 4
	// MaxAge is for how long one can be open, whatever its client does: a search takes no longer, a page every now and then
	// included.
	MaxAge = 15 * time.Minute
)

// views are the views that searches have open.
type views struct {
	mu   sync.Mutex
	open map[*view]struct{}
	of   map[string]int // how many a user has
}

// view is one of them.
type view struct {
	store.View
	user  string
	since time.Time
}

func newViews() *views { return &views{open: map[*view]struct{}{}, of: map[string]int{}} }

// take opens a view on behalf of a user.
//
// Errors: too.many.requests, internalerror.
func (v *views) take(s store.Store, user string, now time.Time) (*view, *protocol.Error) {
	taken := &view{user: user, since: now}
	if !v.add(taken) {
		return nil, protocol.ErrTooManyRequests(time.Second)
	}
	var err error
	if taken.View, err = s.Snapshot(); err != nil {
		v.remove(taken)
		return nil, protocol.ErrInternal()
	}
	return taken, nil
}

// give closes a view.
func (v *views) give(taken *view) {
	_ = taken.Close()
	v.remove(taken)
}

// add reports whether there was room.
func (v *views) add(taken *view) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.open) >= MaxViews || v.of[taken.user] >= MaxViewsOfUser {
		return false
	}
	v.open[taken] = struct{}{}
	v.of[taken.user]++
	return true
}

func (v *views) remove(taken *view) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.open, taken)
	if v.of[taken.user]--; v.of[taken.user] == 0 {
		delete(v.of, taken.user)
	}
}

// state returns how many views are open, and since when the oldest is.
func (v *views) state() (open int, oldest time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for taken := range v.open {
		if oldest.IsZero() || taken.since.Before(oldest) {
			oldest = taken.since
		}
	}
	return len(v.open), oldest
}
