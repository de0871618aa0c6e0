package push_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	getStatus   = "GET " + management.PathStatus
	putSnapshot = "PUT " + management.PathSnapshot
	putDrain    = "PUT " + management.PathDrain
	deleteDrain = "DELETE " + management.PathDrain
)

func TestPushToNewPod(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	f.acked(plant, desired)
	want := push.PodView{
		Pod: p.target("gw-0"), Known: true,
		Status: management.Status{Gateway: plant, Boot: "boot 1", Version: 2, Hash: desired.Hash, Ready: true},
	}
	if diff := cmp.Diff(want, f.view()); diff != "" {
		t.Error(diff)
	}
	eventually(t, "the change to be announced", func() bool { return f.changes(plant) > 0 })
}

// What a pod has is not sent to it, whoever asks: the fleet that has sent it, or
// another one that takes over.
func TestEqualIsNotSent(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	f.acked(plant, desired)
	eventually(t, "the poll", func() bool { return p.count(getStatus) == 2 })
	f.Set(plant, desired)
	p.change(func(s *management.Status) { s.Ready = false })
	eventually(t, "the news", func() bool { return !f.view().Status.Ready })
	if made, _ := p.connections(); made != 1 {
		t.Errorf("%d connections were made", made)
	}
	f.end()
	f.start(push.Options{})
	f.Set(plant, desired)
	f.acked(plant, desired)
	if sent := p.count(putSnapshot); sent != 1 {
		t.Errorf("sent %d times", sent)
	}
}

// The keeper is in a poll that lasts an hour when something else is desired.
func TestPushOutOfPoll(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	for i := range 10 {
		desired := desire(fmt.Sprint("version ", i), p.target("gw-0"))
		f.Set(plant, desired)
		f.acked(plant, desired)
		eventually(t, "the next poll", func() bool { return p.count(getStatus) >= 2+i })
	}
	if sent := p.count(putSnapshot); sent != 10 {
		t.Errorf("10 snapshots were sent %d times", sent)
	}
	eventually(t, "the connections of before to be closed", func() bool { _, open := p.connections(); return open == 1 })
}

func TestBigSnapshot(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	desired := desire(strings.Repeat("x", 1_000_000), p.target("gw-0"))
	f.Set(plant, desired)
	f.acked(plant, desired)
}

func TestRestartedPodIsPushedTo(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	f.acked(plant, desired)
	p.stop()
	eventually(t, "the failure to show", func() bool { return f.view().Err != "" })
	if view := f.view(); !view.Known || view.Status.Boot != "boot 1" {
		t.Errorf("what was known is forgotten: %+v", view)
	}
	p.start()
	eventually(t, "the new process to be pushed to", func() bool {
		return f.view().Status.Boot == "boot 2" && f.view().Status.Hash == desired.Hash
	})
	if got := f.view().Err; got != "" {
		t.Errorf("still shown: %s", got)
	}
}

// While the pod is away something else is desired, and it boots with that.
func TestRestartedPodHasItAlready(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	before := desire("one", p.target("gw-0"))
	f.Set(plant, before)
	f.acked(plant, before)
	p.stop()
	eventually(t, "the failure to show", func() bool { return f.view().Err != "" })
	after := desire("two", p.target("gw-0"))
	f.Set(plant, after)
	p.mounted = after.Hash
	p.start()
	f.acked(plant, after)
	if sent := p.count(putSnapshot); sent != 1 {
		t.Errorf("sent %d times", sent)
	}
}

// A pod goes back to an older snapshot by itself, or is given another one by
// somebody else.
func TestDriftIsCorrected(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	f.acked(plant, desired)
	p.change(func(s *management.Status) { s.Hash = "another" })
	eventually(t, "the pod to be pushed to again", func() bool { return p.hash() == desired.Hash })
	if sent := p.count(putSnapshot); sent != 2 {
		t.Errorf("sent %d times", sent)
	}
}

func TestRefused(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	bad := desire("needs a restart", p.target("gw-0"))
	p.fault(func() {
		p.refuse = func(hash string) management.RefusalCode {
			if p.boots == 1 && hash == bad.Hash {
				return management.RefusedRestart
			}
			return ""
		}
	})
	refused := func() bool {
		view := f.view()
		return view.Err == "" && view.Status.Refused != nil && view.Status.Refused.Hash == bad.Hash
	}

	f.Set(plant, bad)
	eventually(t, "the refusal to show", refused)
	p.change(func(s *management.Status) { s.Ready = false }) // News make it look again.
	eventually(t, "the news to show", func() bool { return !f.view().Status.Ready })
	if sent := p.count(putSnapshot); sent != 1 {
		t.Errorf("sent %d times to a process that has refused it", sent)
	}

	good := desire("fine", p.target("gw-0"))
	f.Set(plant, good)
	f.acked(plant, good)
	f.Set(plant, bad)
	eventually(t, "the refusal to show again", refused)

	p.stop()
	p.start()
	f.acked(plant, bad)
}

// A new fleet believes the pod that it has refused the snapshot.
func TestRefusedBefore(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	bad := desire("bad", p.target("gw-0"))
	p.change(func(s *management.Status) {
		s.Refused = &management.Refusal{Hash: bad.Hash, Code: management.RefusedUnusable, Message: "no"}
	})
	f.Set(plant, bad)
	eventually(t, "the refusal to show", func() bool { return f.view().Status.Refused != nil })
	eventually(t, "the poll", func() bool { return p.count(getStatus) == 2 })
	if sent := p.count(putSnapshot); sent != 0 {
		t.Errorf("sent %d times", sent)
	}
}

func TestDrain(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	desired := desire("one", p.target("gw-0"))
	desired.Drain = true
	f.Set(plant, desired)
	out := func() bool { return f.view().Status.Draining && f.view().Status.Hash == desired.Hash }
	eventually(t, "the pod to be out of service", out)
	p.stop()
	p.start()
	eventually(t, "the new process to be out of service", func() bool { return f.view().Status.Boot == "boot 2" && out() })
	desired.Drain = false
	f.Set(plant, desired)
	eventually(t, "the pod to be back in service", func() bool { return !f.view().Status.Draining })
	if got := [2]int{p.count(putDrain), p.count(deleteDrain)}; got != [2]int{2, 1} {
		t.Errorf("taken out and put back %v times", got)
	}
	if sent := p.count(putSnapshot); sent != 2 {
		t.Errorf("sent %d times to two processes", sent)
	}
}

// A pod that is ending stays out of service, whatever it is told. It is told
// again when it has news, and not all the time.
func TestEndingPod(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	p.ending = true
	p.change(func(s *management.Status) { s.Draining = true })
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	f.acked(plant, desired)
	eventually(t, "the poll", func() bool { return p.count(getStatus) >= 2 })
	time.Sleep(200 * time.Millisecond)
	if told, polls := p.count(deleteDrain), p.count(getStatus); told > 2 || polls > 4 {
		t.Errorf("told %d times, and asked %d times", told, polls)
	}
}

// An empty hash is for a Gateway whose configuration is not known.
func TestWatchOnly(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	p.change(func(s *management.Status) { s.Hash = "of before" })
	f.Set(plant, push.Desired{Pods: []push.Pod{p.target("gw-0")}})
	eventually(t, "the status", func() bool { return f.view().Status.Hash == "of before" })
	eventually(t, "the poll", func() bool { return p.count(getStatus) == 2 })
	if sent := p.count(putSnapshot); sent != 0 {
		t.Errorf("sent %d times", sent)
	}
}

func TestNewsAreAnnounced(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	f.acked(plant, desired)
	eventually(t, "the first announcement", func() bool { return f.changes(plant) > 0 })
	before := f.changes(plant)
	p.change(func(s *management.Status) { s.Ready, s.Reason = false, "the disk is full" })
	eventually(t, "the announcement", func() bool { return f.changes(plant) > before })
	if got := f.view().Status.Reason; got != "the disk is full" {
		t.Errorf("reason %q", got)
	}
}

// The number of sessions changes all the time.
func TestSessionsAreNotAnnounced(t *testing.T) {
	f := newFleet(t, push.Options{PollWait: time.Millisecond})
	p := newPod(t, f.authority, plant)
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	f.acked(plant, desired)
	polls := func(n int) {
		goal := p.count(getStatus) + n
		eventually(t, "polls", func() bool { return p.count(getStatus) >= goal })
	}
	polls(3)
	before := f.changes(plant)
	p.fault(func() { p.status.Sessions = 17 })
	eventually(t, "the number of sessions", func() bool { return f.view().Status.Sessions == 17 })
	polls(3)
	if after := f.changes(plant); after != before {
		t.Errorf("announced %d times", after-before)
	}
}

func TestPodsComeAndGo(t *testing.T) {
	f := newFleet(t, push.Options{})
	first, second := newPod(t, f.authority, plant), newPod(t, f.authority, plant)
	both := desire("one", second.target("gw-1"), first.target("gw-0"))
	f.Set(plant, both)
	f.acked(plant, both)
	if views := f.View(plant); views[0].Pod.Name != "gw-0" || views[1].Pod.Name != "gw-1" {
		t.Error("the view is not sorted")
	}
	one := desire("one", first.target("gw-0"))
	f.Set(plant, one)
	if got := f.view().Pod; got != first.target("gw-0") {
		t.Errorf("left: %v", got)
	}
	eventually(t, "the connection to be closed", func() bool { _, open := second.connections(); return open == 0 })
	f.Remove(plant)
	if views := f.View(plant); views != nil {
		t.Errorf("left: %v", views)
	}
	eventually(t, "the connection to be closed", func() bool { _, open := first.connections(); return open == 0 })
	f.Remove(plant)
	if sent := first.count(putSnapshot) + second.count(putSnapshot); sent != 2 {
		t.Errorf("sent %d times", sent)
	}
}

// A pod of a StatefulSet comes back under its name with another UID, and often
// at the address it had. It also gets another address.
func TestSamePlaceAnotherPod(t *testing.T) {
	f := newFleet(t, push.Options{})
	p, elsewhere := newPod(t, f.authority, plant), newPod(t, f.authority, plant)
	target := p.target("gw-0")
	f.Set(plant, desire("one", target))
	f.acked(plant, desire("one", target))

	target.UID = "another"
	f.Set(plant, desire("one", target))
	f.acked(plant, desire("one", target))
	eventually(t, "a connection of its own", func() bool { made, open := p.connections(); return made == 2 && open == 1 })

	target.Address = elsewhere.address
	f.Set(plant, desire("one", target))
	f.acked(plant, desire("one", target))
	eventually(t, "the connection to be closed", func() bool { _, open := p.connections(); return open == 0 })
	if elsewhere.hash() == "" {
		t.Error("nothing was sent to the new address")
	}
}

// Gateways have nothing to do with each other, even under the same name.
func TestManyPods(t *testing.T) {
	f := newFleet(t, push.Options{Handshakes: 4})
	wanted := map[snapshot.Identity]push.Desired{}
	for i := range 10 {
		id := snapshot.Identity{Namespace: fmt.Sprint("plant-", i), Name: "gw"}
		desired := desire("snapshot of " + id.String())
		for j := range 10 {
			desired.Pods = append(desired.Pods, newPod(t, f.authority, id).target(fmt.Sprint("gw-", j)))
		}
		wanted[id] = desired
	}
	for id, desired := range wanted {
		f.Set(id, desired)
	}
	for id, desired := range wanted {
		f.acked(id, desired)
	}
	for id, desired := range wanted {
		desired = desire("another of "+id.String(), desired.Pods...)
		f.Set(id, desired)
		defer f.acked(id, desired)
	}
}

func TestTooManyPods(t *testing.T) {
	f := newFleet(t, push.Options{PodsPerGateway: 1})
	first, second := newPod(t, f.authority, plant), newPod(t, f.authority, plant)
	f.Set(plant, desire("one", second.target("gw-1"), first.target("gw-0")))
	eventually(t, "the first pod", func() bool { return first.hash() != "" })
	views := f.View(plant)
	if len(views) != 2 || views[1].Pod.Name != "gw-1" || views[1].Known || !strings.Contains(views[1].Err, "too many") {
		t.Errorf("the one too many shows as %+v", views[1])
	}
	if made, _ := second.connections(); made != 0 {
		t.Error("the one too many was connected to")
	}
}

func TestSetBeforeRun(t *testing.T) {
	authority := newAuthority(t)
	p := newPod(t, authority, plant)
	f := &fleet{t: t, Fleet: push.New(push.Options{Credentials: credentials(t, authority)})}
	desired := desire("one", p.target("gw-0"))
	f.Set(plant, desired)
	if view := f.view(); view.Known || view.Err != "" {
		t.Errorf("before Run: %+v", view)
	}
	run(t, f.Fleet)
	f.acked(plant, desired)
}

func TestAfterRun(t *testing.T) {
	f := newFleet(t, push.Options{})
	p := newPod(t, f.authority, plant)
	f.end()
	f.Set(plant, desire("one", p.target("gw-0")))
	if made, _ := p.connections(); made != 0 {
		t.Error("connected after Run has ended")
	}
	if err := f.Run(context.Background()); err == nil {
		t.Error("Run can be called twice")
	}
	if views := f.View(plant); len(views) != 1 || views[0].Known {
		t.Errorf("the view is %+v", views)
	}
}

// Run ends although pods are in every state that takes time.
func TestEndOfRun(t *testing.T) {
	f := newFleet(t, push.Options{RequestTimeout: time.Hour, MinBackoff: time.Hour, MaxBackoff: time.Hour, Handshakes: 1})
	polled, slow, refusing := newPod(t, f.authority, plant), newPod(t, f.authority, plant), stoppedPod(t, f.authority, plant)
	busy := make(chan struct{})
	slow.override = hang(busy)
	desired := desire("one", polled.target("gw-0"), slow.target("gw-1"), refusing.target("gw-2"), mute(t).target("gw-3"), mute(t).target("gw-4"))
	f.Set(plant, desired)
	<-busy
	eventually(t, "pods in all states", func() bool {
		views := f.View(plant)
		return views[0].Known && views[2].Err != "" && polled.count(getStatus) == 2
	})
	f.end()
}

// Who is told of changes may take his time; the pods do not notice.
func TestChangedBlocks(t *testing.T) {
	release := make(chan struct{})
	f := newFleet(t, push.Options{Changed: func(snapshot.Identity) { <-release }})
	p := newPod(t, f.authority, plant)
	for i := range 5 {
		desired := desire(fmt.Sprint(i), p.target("gw-0"))
		f.Set(plant, desired)
		f.acked(plant, desired)
	}
	if n := f.changes(plant); n > 1 {
		t.Errorf("told %d times at once", n)
	}
	close(release)
	eventually(t, "the announcement of the rest", func() bool { return f.changes(plant) > 1 })
	if n := f.changes(plant); n > 3 {
		t.Errorf("told %d times of what is one change", n)
	}
}

// mute is a pod that accepts connections and says nothing.
func mute(t testing.TB) *pod {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() })
	return &pod{address: socket.Addr().String()}
}
