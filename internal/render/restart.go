package render

import (
	"bytes"
	"encoding/json"

	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
)

// RestartReason says why pods are replaced.
type RestartReason string

const (
	// ReasonImageChanged means that the pods run another image.
	ReasonImageChanged RestartReason = "ImageChanged"
	// ReasonResourcesChanged means that CPU or memory of the container change.
	ReasonResourcesChanged RestartReason = "ResourcesChanged"
	// ReasonListenerChanged means that the port for clients changes, or whether it
	// has TLS.
	ReasonListenerChanged RestartReason = "ListenerChanged"
	// ReasonStorageChanged means that engine, cache or volume change.
	ReasonStorageChanged RestartReason = "StorageChanged"
	// ReasonIndexChanged means that other parts of things are to be indexed.
	ReasonIndexChanged RestartReason = "IndexChanged"
	// ReasonDrainChanged means that the time to go away changes.
	ReasonDrainChanged RestartReason = "DrainChanged"
	// ReasonPodChanged means that metadata or scheduling of the pods change.
	ReasonPodChanged RestartReason = "PodChanged"
	// ReasonTemplateChanged means that the operator renders something that is its
	// own business in another way.
	ReasonTemplateChanged RestartReason = "TemplateChanged"
)

// template is a pod template.
type template = corev1ac.PodTemplateSpecApplyConfiguration

// aspect is something about a template that a user knows by a name.
type aspect struct {
	reason RestartReason
	// of returns the aspect, in a form that can be compared.
	of func(*template) any
	// clear removes it from a template, and what follows from it.
	clear func(*template)
}

// differences says in which aspects two templates differ. Of a template that is
// not known, nil, nothing but that can be said. The templates are not changed.
func differences(live, next *template) []RestartReason {
	if live == nil {
		return []RestartReason{ReasonTemplateChanged}
	}
	var reasons []RestartReason
	liveRest, nextRest := copied(live), copied(next)
	for _, a := range aspects {
		if same(a.of(live), a.of(next)) {
			continue
		}
		reasons = append(reasons, a.reason)
		a.clear(liveRest)
		a.clear(nextRest)
	}
	if !same(liveRest, nextRest) {
		reasons = append(reasons, ReasonTemplateChanged)
	}
	return reasons
}

// same compares by JSON, in which equal quantities are equal.
func same(a, b any) bool { return bytes.Equal(encoded(a), encoded(b)) }

// copied returns a deep copy of a template.
func copied(t *template) *template {
	out := new(template)
	_ = json.Unmarshal(encoded(t), out)
	return out
}

// encoded returns the JSON of a template or a part of it. These consist of
// nothing that cannot be encoded, and what they encode to can be decoded.
func encoded(v any) []byte {
	data, _ := json.Marshal(v)
	return data
}
