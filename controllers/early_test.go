package controllers

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/push"
)

// Until pods were asked there is nothing to say that would be another thing than
// what was said of the same spec and configuration.
func TestNothingIsSaidBeforePodsWereAsked(t *testing.T) {
	before := v1alpha1.GatewayStatus{ObservedGeneration: 3, ConfigurationHash: "hash"}
	facts := func(change func(*gatewayFacts)) gatewayFacts {
		f := gatewayFacts{
			gateway: &v1alpha1.Gateway{ObjectMeta: metav1.ObjectMeta{Generation: 3}}, evaluation: &evaluation{hash: "hash"}, hash: "hash",
			pods: []replica{{ready: true, heard: true}, {ready: true, awaited: true}},
		}
		change(&f)
		return f
	}
	for name, test := range map[string]struct {
		change func(*gatewayFacts)
		early  bool
	}{
		"a pod was not asked":          {func(*gatewayFacts) {}, true},
		"all were":                     {func(f *gatewayFacts) { f.pods[1].awaited = false }, false},
		"it is not ready":              {func(f *gatewayFacts) { f.pods[1].ready = false }, false},
		"the spec is another":          {func(f *gatewayFacts) { f.gateway.Generation = 4 }, false},
		"the configuration is another": {func(f *gatewayFacts) { f.hash = "other" }, false},
		"the spec cannot be used":      {func(f *gatewayFacts) { f.evaluation = &evaluation{} }, false},
		"an object cannot be applied":  {func(f *gatewayFacts) { f.failure = "quota" }, false},
		"an object of somebody else":   {func(f *gatewayFacts) { f.conflict = "Service" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := facts(test.change).early(before); got != test.early {
				t.Errorf("early: %t", got)
			}
		})
	}
}

// A pod is awaited while the fleet has it and has neither heard from it nor failed
// to. Of one that the fleet does not have there will be no news.
func TestAwaitedReplicas(t *testing.T) {
	pod := corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "edge-0", UID: types.UID("u")}}
	of := push.Pod{UID: runOf(&pod), Name: pod.Name}
	for name, test := range map[string]struct {
		views   []push.PodView
		awaited bool
	}{
		"not asked yet":    {[]push.PodView{{Pod: of}}, true},
		"heard":            {[]push.PodView{{Pod: of, Known: true}}, false},
		"not reached":      {[]push.PodView{{Pod: of, Err: "timeout"}}, false},
		"not in the fleet": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := replicasOf([]corev1.Pod{pod}, test.views)[0].awaited; got != test.awaited {
				t.Errorf("awaited: %t", got)
			}
		})
	}
}
