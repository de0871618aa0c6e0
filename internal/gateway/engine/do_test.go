package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Who has something done waits for the disk, and no longer than the deadline.
func TestDo(t *testing.T) {
	b := start(t, engine.Options{})
	key := store.Key{Kind: store.Thing, ID: "a"}
	add := func(current *store.Record, _ *engine.Siblings, _ time.Time) engine.Effect {
		next := &store.Record{Revision: 1}
		if current != nil {
			next.Revision += current.Revision
		}
		return engine.Effect{Record: next}
	}
	if err := b.Do(t.Context(), key, time.Time{}, add); err != nil {
		t.Fatal(err)
	}
	release := b.disk.HoldSyncs()
	if err := b.Do(t.Context(), key, time.Now().Add(50*time.Millisecond), add); !errors.Is(err, engine.ErrTimeout) {
		t.Errorf("while the disk hangs: %v", err)
	}
	release()
	var seen int64
	err := b.Do(t.Context(), key, time.Time{}, func(current *store.Record, _ *engine.Siblings, _ time.Time) engine.Effect {
		seen = current.Revision
		return engine.Effect{}
	})
	if err != nil || seen != 2 {
		t.Errorf("what took too long has not happened: revision %d, %v", seen, err)
	}
	b.Close()
	if err := b.Do(t.Context(), key, time.Time{}, add); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}
