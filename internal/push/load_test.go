package push_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/snapshot"
)

// What cannot be loaded, or is another snapshot than the desired one, is not sent,
// and is tried again.
func TestLoadFails(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	desired := desire("one", p.target("gw-0"))
	good := desired.Load
	var attempts, healed atomic.Int32
	desired.Load = func(ctx context.Context) ([]byte, error) {
		switch n := attempts.Add(1); {
		case healed.Load() == 1:
			return good(ctx)
		case n%2 == 0:
			return []byte("another"), nil
		}
		return nil, errors.New("dial tcp 10.0.0.1:443: refused")
	}
	f.Set(plant, desired)
	eventually(t, "attempts", func() bool { return attempts.Load() >= 2 })
	// That the pod answers in between does not hide it.
	for attempts.Load() < 5 {
		if got, want := f.view().Err, "load the snapshot: it cannot be read now"; got != want {
			t.Fatalf("the failure shows as %q, want %q", got, want)
		}
	}
	if n := p.count(putSnapshot); n != 0 {
		t.Errorf("%d snapshots were sent", n)
	}
	healed.Store(1)
	f.acked(plant, desired)
}

// A snapshot is in memory only while it is sent, once for all pods of a Gateway,
// and those of a few Gateways at once. Pods that do not take theirs keep only
// their own namespace waiting.
func TestSnapshotsInMemoryAreBounded(t *testing.T) {
	const places = 8 // two for each namespace
	f := newFleet(t, push.Options{Snapshots: places})
	release := make(chan struct{})
	free := sync.OnceFunc(func() { close(release) })
	t.Cleanup(free)
	var loads atomic.Int32
	wanted := map[snapshot.Identity]push.Desired{}
	for i := range 6 {
		id := snapshot.Identity{Namespace: "hostile", Name: fmt.Sprint("gw-", i)}
		desired := desire("snapshot of " + id.String())
		for j := range 3 {
			p := newPod(t, f.authority, id)
			p.before = func() { <-release }
			desired.Pods = append(desired.Pods, p.target(fmt.Sprint("pod-", j)))
		}
		good := desired.Load
		desired.Load = func(ctx context.Context) ([]byte, error) {
			loads.Add(1)
			return good(ctx)
		}
		wanted[id] = desired
		f.Set(id, desired)
	}
	eventually(t, "two snapshots", func() bool { return loads.Load() == 2 })

	p := newPod(t, f.authority, plant)
	other := desire("another tenant's", p.target("gw-0"))
	f.Set(plant, other)
	f.acked(plant, other)
	if n := loads.Load(); n != 2 {
		t.Errorf("%d snapshots of the namespace are in memory, want 2", n)
	}
	free()
	for id, desired := range wanted {
		f.acked(id, desired)
	}
}

// What a pod says is kept up to a bound, however much it is.
func TestStatusIsBounded(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	p.change(func(s *management.Status) {
		for i := range 1500 {
			link := management.LinkStatus{Name: fmt.Sprintf("%03d%s", i, strings.Repeat("n", 100)), State: management.LinkOpen, Message: strings.Repeat("m", 100)}
			s.Connections, s.Subscriptions = append(s.Connections, link), append(s.Subscriptions, link)
		}
		s.Refused = &management.Refusal{Hash: strings.Repeat("h", 1000), Code: management.RefusalCode(strings.Repeat("c", 1000))}
	})
	f.Set(plant, push.Desired{Pods: []push.Pod{p.target("gw-0")}})
	eventually(t, "the status", func() bool { return f.view().Known })
	status := f.view().Status
	if got := len(status.Connections); got != 256 {
		t.Errorf("%d Connections are kept, want 256", got)
	}
	total := len(status.Refused.Hash) + len(status.Refused.Code)
	for _, links := range [][]management.LinkStatus{status.Connections, status.Subscriptions} {
		for _, link := range links {
			total += len(link.Name) + len(link.State) + len(link.Message)
		}
	}
	if total > 130<<10 || len(status.Subscriptions) < 800 || status.Subscriptions[0].Name == "" {
		t.Errorf("%d bytes are kept, with %d Subscriptions", total, len(status.Subscriptions))
	}
}
