package push_test

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/snapshot"
)

var plant = snapshot.Identity{Namespace: "plant-1", Name: "gw"}

// patience is for how long a test waits for what has to come.
const patience = 30 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fleet is a fleet that runs, its authority, and what the fleet has announced.
type fleet struct {
	*push.Fleet
	t         testing.TB
	authority *pki.Authority
	end       func() // ends Run and waits for it

	mu      sync.Mutex
	changed map[snapshot.Identity]int
}

// newFleet starts a fleet. Polls last an hour unless a test says otherwise, so
// that nothing is noticed by luck.
func newFleet(t testing.TB, o push.Options) *fleet {
	t.Helper()
	f := &fleet{t: t, authority: newAuthority(t), changed: map[snapshot.Identity]int{}}
	f.start(o)
	return f
}

func (f *fleet) start(o push.Options) {
	f.t.Helper()
	if o.Credentials == nil {
		o.Credentials = credentials(f.t, f.authority)
	}
	if o.PollWait == 0 {
		o.PollWait = time.Hour
	}
	told := o.Changed
	o.Changed = func(id snapshot.Identity) {
		f.mu.Lock()
		f.changed[id]++
		f.mu.Unlock()
		if told != nil {
			told(id)
		}
	}
	f.Fleet = push.New(o)
	f.end = run(f.t, f.Fleet)
}

func run(t testing.TB, f *push.Fleet) (end func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	end = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Run: %v", err)
			}
		case <-time.After(patience):
			t.Error("Run does not end")
		}
	})
	t.Cleanup(end)
	return end
}

func newAuthority(t testing.TB) *pki.Authority {
	t.Helper()
	authority, err := pki.NewAuthority(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return authority
}

func credentials(t testing.TB, a *pki.Authority) func() (tls.Certificate, *x509.CertPool) {
	t.Helper()
	client, err := a.IssueClient(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	roots := a.Roots()
	return func() (tls.Certificate, *x509.CertPool) { return client, roots }
}

// desire returns what is desired of pods that have a snapshot of the given text.
func desire(text string, pods ...push.Pod) push.Desired {
	sum := sha256.Sum256([]byte(text))
	return push.Desired{Hash: hex.EncodeToString(sum[:]), Load: stored([]byte(text)), Pods: pods}
}

// stored loads a snapshot.
func stored(data []byte) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return data, nil }
}

func (f *fleet) changes(id snapshot.Identity) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed[id]
}

// view returns the view of the only pod.
func (f *fleet) view() push.PodView {
	f.t.Helper()
	views := f.View(plant)
	if len(views) != 1 {
		f.t.Fatalf("%d pods are in the view", len(views))
	}
	return views[0]
}

// acked waits until all pods of a Gateway are reached and have what is desired.
func (f *fleet) acked(id snapshot.Identity, desired push.Desired) {
	f.t.Helper()
	defer func() {
		if f.t.Failed() {
			for _, view := range f.View(id) {
				f.t.Logf("%+v, refused: %+v", view, view.Status.Refused)
			}
		}
	}()
	eventually(f.t, "all pods to have the snapshot", func() bool {
		for _, view := range f.View(id) {
			if view.Err != "" || view.Status.Hash != desired.Hash {
				return false
			}
		}
		return len(f.View(id)) == len(desired.Pods)
	})
}

func eventually(t testing.TB, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}
