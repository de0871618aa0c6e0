package controllers

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestRolling(t *testing.T) {
	set := func(generation, observed int64, current, update string) *appsv1.StatefulSet {
		return &appsv1.StatefulSet{
			ObjectMeta: metav1.ObjectMeta{Generation: generation},
			Status:     appsv1.StatefulSetStatus{ObservedGeneration: observed, CurrentRevision: current, UpdateRevision: update},
		}
	}
	of := func(revisions ...string) (pods []replica) {
		for _, revision := range revisions {
			pods = append(pods, replica{ready: true, revision: revision})
		}
		return pods
	}
	for name, test := range map[string]struct {
		set     *appsv1.StatefulSet
		pods    []replica
		rolling bool
	}{
		"there is no workload":                      {nil, nil, false},
		"nobody has looked at a new one":            {set(1, 0, "", ""), nil, true},
		"all pods are there":                        {set(1, 1, "a", "a"), of("a", "a"), false},
		"none are wanted":                           {set(2, 2, "a", "a"), nil, false},
		"nobody has looked at a change":             {set(2, 1, "a", "a"), of("a"), true},
		"pods are being replaced":                   {set(2, 2, "a", "b"), of("a"), true},
		"all are replaced, and not all were ready":  {set(2, 2, "a", "b"), of("b"), true},
		"a change is taken back, and pods are left": {set(3, 3, "a", "a"), of("a", "b"), true},
		"a pod that is not known to have gone":      {set(2, 2, "b", "b"), of("a"), true},
	} {
		if got := isRolling(test.set, test.pods); got != test.rolling {
			t.Errorf("%s: rolling = %t", name, got)
		}
	}
}
