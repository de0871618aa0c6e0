package push

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/twinway/twinway/internal/snapshot"
)

// Fleet keeps the pods of any number of Gateways. Its methods may be called by
// several goroutines, before, during and after Run, and wait for nobody.
type Fleet struct {
	options Options
	dialer  *dialer
	shares  *shares // of the memory for snapshots
	changes *changes

	mu       sync.Mutex
	gateways map[snapshot.Identity]*gateway
	used     bool          // Run was called
	start    func(*keeper) // nil but while Run runs
}

// New returns a Fleet. It reaches for pods when Run is called.
func New(o Options) *Fleet {
	o = o.withDefaults()
	return &Fleet{
		options:  o,
		dialer:   newDialer(o),
		shares:   newShares(o.Snapshots),
		changes:  newChanges(),
		gateways: map[snapshot.Identity]*gateway{},
	}
}

// Run keeps the pods until ctx ends, and returns nil when everything it has
// started has ended. It can be called once.
func (f *Fleet) Run(ctx context.Context) error {
	var keepers sync.WaitGroup
	start := func(k *keeper) {
		ctx, stop := context.WithCancel(ctx)
		k.stop = stop
		keepers.Go(func() {
			defer stop()
			k.run(ctx)
		})
	}
	if err := f.begin(start); err != nil {
		return err
	}
	f.changes.run(ctx, f.options.Changed)
	f.end()
	keepers.Wait()
	return nil
}

func (f *Fleet) begin(start func(*keeper)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.used {
		return errors.New("the fleet has run already")
	}
	f.used = true
	f.start = start
	for _, g := range f.gateways {
		for _, k := range g.keepers {
			start(k)
		}
	}
	return nil
}

// end sees to it that no keeper is started any more.
func (f *Fleet) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.start = nil
}

// Set says what the pods of a Gateway are to be. What is so already is not
// touched: pods that stay keep their connection, and a hash that they have is
// not sent again.
func (f *Fleet) Set(id snapshot.Identity, desired Desired) {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.gateways[id]
	if g == nil {
		g = newGateway(id, desired)
		f.gateways[id] = g
	}
	g.want(desired)
	served, beyond := f.bounded(desired.Pods)
	if len(beyond) > 0 && len(g.beyond) == 0 {
		f.options.Logger.Warn("too many pods", "gateway", id.String(), "served", len(served), "pods", len(desired.Pods))
	}
	g.beyond = beyond
	g.stopOthers(served)
	for _, pod := range served {
		f.keep(g, pod)
	}
}

// bounded returns the pods, those that are served and those that are too many,
// which are the same ones every time.
func (f *Fleet) bounded(pods []Pod) (served, beyond []Pod) {
	sorted := slices.SortedFunc(slices.Values(pods), comparePods)
	sorted = slices.Compact(sorted)
	n := min(len(sorted), f.options.PodsPerGateway)
	return sorted[:n], sorted[n:]
}

func comparePods(a, b Pod) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.UID, b.UID), cmp.Compare(a.Address, b.Address))
}

func (f *Fleet) keep(g *gateway, pod Pod) {
	if g.keepers[pod] != nil {
		return
	}
	k := newKeeper(g, pod, f)
	g.keepers[pod] = k
	if f.start != nil {
		f.start(k)
	}
}

// Remove ends what concerns a Gateway: its pods stay as they are.
func (f *Fleet) Remove(id snapshot.Identity) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g := f.gateways[id]; g != nil {
		g.stopOthers(nil)
		delete(f.gateways, id)
	}
}

// View returns what is known of the pods of a Gateway, as of the last Set,
// sorted by name.
func (f *Fleet) View(id snapshot.Identity) []PodView {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := f.gateways[id]
	if g == nil {
		return nil
	}
	views := make([]PodView, 0, len(g.keepers)+len(g.beyond))
	for _, k := range g.keepers {
		views = append(views, *k.view.Load())
	}
	for _, pod := range g.beyond {
		views = append(views, PodView{Pod: pod, Err: "not served: the Gateway has too many pods"})
	}
	slices.SortFunc(views, func(a, b PodView) int { return comparePods(a.Pod, b.Pod) })
	return views
}
