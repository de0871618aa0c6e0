package statuscheck

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// healthy returns a Gateway that breaks no rule.
func healthy() Object {
	o := Object{Kind: "Gateway", Name: "edge", Generation: 3, ObservedGeneration: 3}
	for _, kind := range append(o.parts(), v1alpha1.ConditionReady) {
		o.set(kind, metav1.ConditionTrue)
	}
	return o
}

// set makes a condition be so, of the observed generation.
func (o *Object) set(kind string, status metav1.ConditionStatus) {
	c := metav1.Condition{
		Type: kind, Status: status, ObservedGeneration: o.ObservedGeneration, Reason: "Because", Message: "It is so",
	}
	if old := o.condition(kind); old != nil {
		*old = c
		return
	}
	o.Conditions = append(o.Conditions, c)
}

var surroundingsOfEdge = Surroundings{Pods: []string{"edge-0", "10.0.0.7"}, Secrets: []string{"sesame"}}

func TestViolations(t *testing.T) {
	tests := map[string]struct {
		change func(*Object)
		want   string // part of the one violation; empty for none
	}{
		"healthy":   {func(*Object) {}, ""},
		"lacking":   {func(o *Object) { o.Conditions = o.Conditions[1:] }, "lacks condition Accepted"},
		"twice":     {func(o *Object) { o.Conditions = append(o.Conditions, o.Conditions[0]) }, "Accepted twice"},
		"not known": {func(o *Object) { o.set("Connected", metav1.ConditionTrue) }, "not one of a Gateway"},
		"Stalled=False": {
			func(o *Object) { o.set("Stalled", metav1.ConditionFalse) }, "absent when it does not hold"},
		"Reconciling and Ready": {func(o *Object) { o.set("Reconciling", metav1.ConditionTrue) }, ""},
		"Stalled and Ready":     {func(o *Object) { o.set("Stalled", metav1.ConditionTrue) }, "is Failed by kstatus and Ready"},
		"Stalled and Reconciling": {func(o *Object) {
			o.set("Ready", metav1.ConditionFalse)
			o.set("Accepted", metav1.ConditionFalse)
			o.set("Stalled", metav1.ConditionTrue)
			o.set("Reconciling", metav1.ConditionTrue)
		}, "is Reconciling and Stalled at once"},
		"from the future": {func(o *Object) { o.Generation = 2 }, "observedGeneration 3 at generation 2"},
		"a condition from the past": {
			func(o *Object) { o.Conditions[0].ObservedGeneration = 2 }, "Accepted of generation 2 in a status of 3"},
		"a paused condition from the past": {func(o *Object) {
			o.Conditions[0].ObservedGeneration = 2
			o.set("Paused", metav1.ConditionTrue)
		}, ""},
		"not seen": {func(o *Object) {
			o.ObservedGeneration = -1
			for i := range o.Conditions {
				o.Conditions[i].Status = metav1.ConditionUnknown
			}
		}, ""},
		"not seen, and sure of itself": {func(o *Object) {
			o.ObservedGeneration = -1
			for i := range o.Conditions[1:] {
				o.Conditions[i+1].Status = metav1.ConditionUnknown
			}
		}, "not seen by an operator, and has condition Accepted=True"},
		"Ready without a part": {func(o *Object) { o.set("Programmed", metav1.ConditionFalse) }, "Ready=True, which should be False"},
		"Ready and unsure":     {func(o *Object) { o.set("Programmed", metav1.ConditionUnknown) }, "Ready=True, which should be Unknown"},
		"not ready and unsure": {func(o *Object) {
			o.set("Programmed", metav1.ConditionUnknown)
			o.set("Ready", metav1.ConditionFalse)
		}, ""},
		"not ready without a reason": {func(o *Object) { o.set("Ready", metav1.ConditionFalse) }, "Ready=False, which should be True"},
		"Ready and Draining":         {func(o *Object) { o.set("Draining", metav1.ConditionTrue) }, "should be False: it is Draining"},
		"no reason":                  {func(o *Object) { o.Conditions[0].Reason = "" }, `reason ""`},
		"a sentence as reason":       {func(o *Object) { o.Conditions[0].Reason = "It is so" }, `reason "It is so"`},
		"no message":                 {func(o *Object) { o.Conditions[0].Message = "" }, "message of 0 bytes"},
		"a long message": {
			func(o *Object) { o.Conditions[0].Message = strings.Repeat("x", maxMessage+1) }, "message of 2049 bytes"},
		"a pod in a message":         {func(o *Object) { o.Conditions[0].Message = "edge-0: refused" }, "names pod edge-0"},
		"an address in a message":    {func(o *Object) { o.Conditions[0].Message = "dial 10.0.0.7:9443" }, "names pod 10.0.0.7"},
		"a longer name in a message": {func(o *Object) { o.Conditions[0].Message = "edge-01 and x-edge-0" }, ""},
		"a secret in a message":      {func(o *Object) { o.Conditions[0].Message = "xsesamex" }, "what is in a Secret"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := healthy()
			test.change(&o)
			switch found := Violations(o, surroundingsOfEdge); {
			case test.want == "" && len(found) > 0:
				t.Errorf("found %q", found)
			case test.want != "" && (len(found) != 1 || !strings.Contains(found[0], test.want)):
				t.Errorf("found %q, not just one with %q", found, test.want)
			}
		})
	}
}

func TestCompute(t *testing.T) {
	tests := map[string]struct {
		change func(*Object)
		want   Result
	}{
		"healthy":     {func(*Object) {}, Current},
		"deleted":     {func(o *Object) { o.Deleting = true }, Terminating},
		"behind":      {func(o *Object) { o.Generation = 4 }, InProgress},
		"reconciling": {func(o *Object) { o.set("Reconciling", metav1.ConditionTrue) }, InProgress},
		"stalled":     {func(o *Object) { o.set("Stalled", metav1.ConditionTrue) }, Failed},
		"not ready":   {func(o *Object) { o.set("Ready", metav1.ConditionFalse) }, InProgress},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := healthy()
			test.change(&o)
			if got := Compute(o); got != test.want {
				t.Errorf("is %s, not %s", got, test.want)
			}
		})
	}
}
