package plugin

import (
	"context"

	corev1 "k8s.io/api/core/v1"
)

// maxEvents bounds how many events are kept.
const maxEvents = 1000

// events adds the events of the objects that are in the archive.
func (b *bundle) events(ctx context.Context) {
	var list corev1.EventList
	kept := []corev1.Event{}
	err := b.all(ctx, &list, b.gateway.Namespace, func() {
		for _, e := range list.Items {
			if b.seen[e.InvolvedObject.UID] && len(kept) < maxEvents {
				e.ManagedFields = nil
				kept = append(kept, e)
			}
		}
	})
	if err != nil {
		b.problem("events", err)
	}
	b.yaml("events.yaml", kept)
}
