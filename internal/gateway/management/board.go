package management

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/management"
)

// lookInterval is how often the gateway is looked at while somebody waits:
// whether it is ready changes without anybody being told.
const lookInterval = 200 * time.Millisecond

// board shows the Status and numbers its versions.
type board struct {
	report func() management.Status
	boot   string

	mu      sync.Mutex // held while report looks at the gateway, so that no look is overtaken by an older one
	refused *management.Refusal
	shown   management.Status // without Version and Sessions
	version uint64
	changed chan struct{} // closed when there is another version
}

func newBoard(report func() management.Status, boot string) *board {
	return &board{report: report, boot: boot, changed: make(chan struct{})}
}

// look returns the Status as it is now, and a channel that is closed when
// another version has been seen.
func (b *board) look() (management.Status, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lookLocked()
}

func (b *board) lookLocked() (management.Status, <-chan struct{}) {
	status := b.report()
	status.Boot, status.Refused, status.Version = b.boot, b.refused, 0
	sessions := status.Sessions
	status.Sessions = 0
	if b.version == 0 || !reflect.DeepEqual(status, b.shown) {
		b.shown = status
		b.version++
		close(b.changed)
		b.changed = make(chan struct{})
	}
	status.Version, status.Sessions = b.version, sessions
	return status, b.changed
}

// refuse notes why the last snapshot was not taken over, nil if it was, and
// returns the Status.
func (b *board) refuse(why *management.Refusal) management.Status {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused = why
	status, _ := b.lookLocked()
	return status
}

// await returns the Status when it is another than the one that the position
// names, or when ctx ends or ended is closed.
func (b *board) await(ctx context.Context, ended <-chan struct{}, position string) management.Status {
	status, changed := b.look()
	if positionOf(status) != position {
		return status
	}
	ticker := time.NewTicker(lookInterval)
	defer ticker.Stop()
	for positionOf(status) == position {
		select {
		case <-changed:
		case <-ticker.C:
		case <-ended:
			return status
		case <-ctx.Done():
			return status
		}
		status, changed = b.look()
	}
	return status
}

// positionOf returns what a caller who has the Status names it by.
func positionOf(s management.Status) string { return fmt.Sprintf("%s/%d", s.Boot, s.Version) }
