package controllers

import (
	"testing"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/twinway/twinway/api/v1alpha1"
)

func cachedGateway(uid, version string) *v1alpha1.Gateway {
	g := &v1alpha1.Gateway{}
	g.Namespace, g.Name, g.UID, g.ResourceVersion = "default", "edge", types.UID(uid), version
	return g
}

// What was written counts until the cache has it, and is then forgotten.
func TestMemoryOfStatuses(t *testing.T) {
	const cached, written = "cached", "written"
	for name, test := range map[string]struct {
		uid, version string
		want         string
		kept         int
	}{
		"the cache is behind":        {"a", "9", written, 1},
		"the cache has it":           {"a", "10", cached, 0},
		"the cache has more":         {"a", "11", cached, 0},
		"it is another object":       {"b", "9", cached, 0},
		"versions say nothing of it": {"a", "x", cached, 0},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory[string]()
			m.wrote(cachedGateway("a", "8"), "10", written)
			now := cachedGateway(test.uid, test.version)
			if got := m.latest(now, cached); got != test.want {
				t.Errorf("the status is the one that was %s", got)
			}
			if len(m.last) != test.kept {
				t.Errorf("%d statuses are remembered", len(m.last))
			}
		})
	}
}

func TestMemoryFollowsEvents(t *testing.T) {
	m := newMemory[string]()
	m.wrote(cachedGateway("a", "8"), "10", "written")
	follow := m.following()
	for _, step := range []struct {
		version string
		kept    int
	}{{"9", 1}, {"10", 0}} {
		if !follow.Update(event.UpdateEvent{ObjectOld: cachedGateway("a", "8"), ObjectNew: cachedGateway("a", step.version)}) {
			t.Error("an event does not pass")
		}
		if len(m.last) != step.kept {
			t.Errorf("once the cache has version %s, %d statuses are remembered", step.version, len(m.last))
		}
	}
}
