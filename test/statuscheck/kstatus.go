package statuscheck

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Result is what tools that follow kstatus make of an object's status.
type Result string

// Results, by the names that kstatus has for them.
const (
	Current     Result = "Current"
	InProgress  Result = "InProgress"
	Failed      Result = "Failed"
	Terminating Result = "Terminating"
)

// Compute applies the rules of kstatus for objects that it does not know, in
// its order.
func Compute(o Object) Result {
	ready := o.condition(v1alpha1.ConditionReady)
	switch {
	case o.Deleting:
		return Terminating
	case o.ObservedGeneration != o.Generation:
		return InProgress
	case o.holds(v1alpha1.ConditionReconciling):
		return InProgress
	case o.holds(v1alpha1.ConditionStalled):
		return Failed
	case ready != nil && ready.Status != metav1.ConditionTrue:
		return InProgress
	default:
		return Current
	}
}
