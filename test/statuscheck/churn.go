package statuscheck

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// maxReturns is how often one generation of an object may come back to a status
// that it has had before. A few times is life: pods come and go.
const maxReturns = 10

// churn compares each version of an object with the one before. It is used by
// one goroutine for each kind.
type churn struct {
	last map[types.UID]client.Object
	seen map[types.UID]history
}

// history is how often each status was there in one generation.
type history struct {
	generation int64
	count      map[string]int
}

func newChurn() *churn {
	return &churn{last: map[types.UID]client.Object{}, seen: map[types.UID]history{}}
}

// forget drops an object that is gone.
func (c *churn) forget(object client.Object) {
	delete(c.last, object.GetUID())
	delete(c.seen, object.GetUID())
}

// skip notes that versions were missed: those that come now follow on none that was seen.
func (c *churn) skip() { clear(c.last) }

// next returns which rules the step from the last version to this breaks.
func (c *churn) next(object client.Object) []string {
	uid := object.GetUID()
	old := c.last[uid]
	c.last[uid] = object
	var found []string
	if old != nil && old.GetResourceVersion() != object.GetResourceVersion() {
		found = Step(old, object)
	}
	if old == nil || old.GetResourceVersion() != object.GetResourceVersion() {
		found = append(found, c.count(object)...)
	}
	return found
}

// Step returns which rules a write breaks that made the one object the other.
func Step(from, to client.Object) []string {
	var found []string
	if equality.Semantic.DeepEqual(essence(from), essence(to)) {
		found = append(found, "was written without a change")
	}
	a, b := view(from), view(to)
	for _, c := range b.Conditions {
		if before := a.condition(c.Type); before != nil {
			found = append(found, transition(*before, c)...)
		}
	}
	return found
}

// transition holds the time of a condition to the change of its status. The time
// that an object is born with is none, and may be replaced.
func transition(from, to metav1.Condition) []string {
	if from.LastTransitionTime.Unix() == 0 {
		return nil
	}
	same := from.LastTransitionTime.Equal(&to.LastTransitionTime)
	if from.Status == to.Status && !same {
		return []string{fmt.Sprintf("has another lastTransitionTime of condition %s, which still is %s", to.Type, to.Status)}
	}
	if from.Status != to.Status && to.LastTransitionTime.Before(&from.LastTransitionTime) {
		return []string{fmt.Sprintf("has a lastTransitionTime of condition %s that went back", to.Type)}
	}
	return nil
}

// essence is an object without what changes with every write. Who manages which
// fields is part of it: somebody else may apply the same.
func essence(object client.Object) runtime.Object {
	stripped := object.DeepCopyObject().(client.Object)
	stripped.SetResourceVersion("")
	fields := stripped.GetManagedFields()
	for i := range fields {
		fields[i].Time = nil
	}
	stripped.SetManagedFields(fields)
	return stripped
}

// count notes the status and complains when it was there too often.
func (c *churn) count(object client.Object) []string {
	uid := object.GetUID()
	h := c.seen[uid]
	if h.count == nil || h.generation != object.GetGeneration() {
		h = history{generation: object.GetGeneration(), count: map[string]int{}}
	}
	status := said(view(object))
	h.count[status]++
	c.seen[uid] = h
	if h.count[status] == maxReturns+1 {
		return []string{fmt.Sprintf("came to the same status %d times without a change of its spec: %s", maxReturns+1, status)}
	}
	return nil
}

// said returns what the conditions say, without times.
func said(o Object) string {
	conditions := map[string]string{}
	for _, c := range o.Conditions {
		conditions[c.Type] = fmt.Sprintf("%s %s %s", c.Status, c.Reason, c.Message)
	}
	return fmt.Sprint(conditions) // in the order of the keys
}
