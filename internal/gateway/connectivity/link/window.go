package link

import (
	"context"
	"sync"
)

// Window bounds what was published and has no outcome yet, in number and in bytes.
type Window struct {
	maxNumber, maxBytes int

	mu            sync.Mutex
	number, bytes int
	shut          bool
	changed       chan struct{} // closed when there may be room, or nothing left; nil when nobody waits
}

// NewWindow returns an empty window.
func NewWindow(number, bytes int) *Window {
	return &Window{maxNumber: number, maxBytes: bytes}
}

// Enter takes room for one message of that many bytes. It waits for it as long as ctx allows. What is larger than the whole window
// enters when nothing else is in it.
//
// The error is that of ctx, or ErrLost if the window is shut; then nothing was taken.
func (w *Window) Enter(ctx context.Context, bytes int) error {
	for {
		changed, err := w.enter(bytes)
		if changed == nil {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// enter takes room if there is any, else it returns what to wait for.
func (w *Window) enter(bytes int) (<-chan struct{}, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.shut:
		return nil, ErrLost
	case w.number == 0, w.number < w.maxNumber && w.bytes+bytes <= w.maxBytes:
		w.number++
		w.bytes += bytes
		return nil, nil
	}
	return w.wait(), nil
}

// wait returns what is closed at the next change. The lock is held.
func (w *Window) wait() <-chan struct{} {
	if w.changed == nil {
		w.changed = make(chan struct{})
	}
	return w.changed
}

// Leave gives room back that Enter has taken.
func (w *Window) Leave(bytes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.number--
	w.bytes -= bytes
	w.tell()
}

// tell wakes who waits. The lock is held.
func (w *Window) tell() {
	if w.changed != nil {
		close(w.changed)
		w.changed = nil
	}
}

// Shut lets nothing in any more.
func (w *Window) Shut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shut = true
	w.tell()
}

// Drain waits until nothing is in the window, as long as ctx allows, and reports how much is.
func (w *Window) Drain(ctx context.Context) int {
	for {
		w.mu.Lock()
		left := w.number
		changed := w.wait()
		w.mu.Unlock()
		if left == 0 {
			return 0
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return left
		}
	}
}
