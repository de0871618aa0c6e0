package operator_test

import (
	"maps"
	"slices"

	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// events returns how often the operator has told of each reason about an object.
func (w *world) events(object client.Object) map[string]int {
	w.Helper()
	var list eventsv1.EventList
	if err := w.List(w.ctx, &list, client.InNamespace(w.namespace)); err != nil {
		w.Fatal(err)
	}
	counts := map[string]int{}
	for _, event := range list.Items {
		if event.Regarding.UID != object.GetUID() {
			continue
		}
		counts[event.Reason]++
		if event.Series != nil {
			counts[event.Reason] += int(event.Series.Count) - 1
		}
	}
	return counts
}

// awaitEvent waits until there is an event, which is told a little later than
// the status.
func (w *world) awaitEvent(object client.Object, reason string) {
	w.Helper()
	var seen map[string]int
	defer func() {
		if seen[reason] == 0 {
			w.Logf("there are %v", slices.Sorted(maps.Keys(seen)))
		}
	}()
	w.eventually("event "+reason, func() bool {
		seen = w.events(object)
		return seen[reason] > 0
	})
}
