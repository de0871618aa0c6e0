package controllers

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/twinway/twinway/internal/snapshot"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Whatever happens a thousand times a second happens ten times at once, then once a
// second, and once after the last time.
func TestPace(t *testing.T) {
	var p pace
	happens := map[time.Time]int{} // by when
	last := start
	for i := range 10_000 {
		last = start.Add(time.Duration(i) * time.Millisecond)
		happens[last.Add(p.wait(last))]++
	}
	if n := len(happens); n < 19 || n > 20 {
		t.Errorf("it happens %d times in 10 s, want 19 or 20", n)
	}
	after := false
	for at := range happens {
		after = after || !at.Before(last)
	}
	if !after {
		t.Error("the last time is left out")
	}
	if wait := p.wait(last.Add(time.Minute)); wait != 0 {
		t.Errorf("after a rest it waits for %s", wait)
	}
}

func TestPacesAreForgotten(t *testing.T) {
	now := start
	p := newPaces()
	p.now = func() time.Time { return now }
	busy := pacedObject{NamespacedName: types.NamespacedName{Name: "busy"}}
	allowed := 0
	for i := range 100_000 {
		now = now.Add(10 * time.Millisecond)
		if p.take(busy) {
			allowed++
		}
		p.take(pacedObject{NamespacedName: types.NamespacedName{Name: fmt.Sprint(i)}})
		if len(p.objects) > 2*minSweep {
			t.Fatalf("%d are kept", len(p.objects))
		}
	}
	if allowed < 1000 || allowed > 1010 {
		t.Errorf("%d events in 1000 s", allowed)
	}
}

func TestConfigurationsAreBounded(t *testing.T) {
	c := newConfigurations(1000)
	c.put("used", make([]byte, 100))
	for i := range 100 {
		c.put(fmt.Sprint(i), make([]byte, 99))
		if c.get("used") == nil {
			t.Fatal("what is used all the time was dropped")
		}
		if c.get(fmt.Sprint(i)) == nil {
			t.Fatal("what was put last was dropped")
		}
		if c.size > c.capacity || len(c.byHash) != c.recent.Len() {
			t.Fatalf("%d bytes in %d, of which %d are found", c.size, c.recent.Len(), len(c.byHash))
		}
	}
	c.put("huge", make([]byte, 1001))
	if c.size != 0 || c.get("huge") != nil {
		t.Errorf("%d bytes are kept", c.size)
	}
}

// delays is a queue that takes down how long what is added has to wait.
type delays struct {
	queue
	waits []time.Duration
}

func (d *delays) AddAfter(_ reconcile.Request, wait time.Duration) { d.waits = append(d.waits, wait) }

// News that come too fast are not dropped: they are looked at later, together.
func TestNewsOfPodsAreLookedAtInPace(t *testing.T) {
	q := &delays{}
	n := newNotifier(nil)
	n.gateways, n.now = q, func() time.Time { return start }
	for range 100 {
		n.podsChanged(snapshot.Identity{Namespace: "plant-1", Name: "gw"})
	}
	want := slices.Concat(make([]time.Duration, paceBurst), slices.Repeat([]time.Duration{paceInterval}, 100-paceBurst))
	if !slices.Equal(q.waits, want) {
		t.Errorf("they are looked at after %v", q.waits)
	}
}
