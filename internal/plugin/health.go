package plugin

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Health is what conditions come to.
type Health struct {
	// Ready says whether the object is as its spec says.
	Ready bool `json:"ready"`
	// Reason and Message are those of the condition that says most about why it is
	// not; empty if it is.
	Reason  string `json:"reason,omitempty"`
	Message string `json:"message,omitempty"`
}

// String returns the health as one line.
func (h Health) String() string {
	switch {
	case h.Ready:
		return "Ready"
	case h.Message == "":
		return clean("Not ready: " + h.Reason)
	}
	return clean(fmt.Sprintf("Not ready: %s: %s", h.Reason, h.Message))
}

// telling are the conditions that can say why an object is not ready, those
// first that are the cause of others, and the summary last.
var telling = []struct {
	condition string
	bad       metav1.ConditionStatus // empty: whatever is not True
}{
	{v1alpha1.ConditionPaused, metav1.ConditionTrue},
	{v1alpha1.ConditionDraining, metav1.ConditionTrue},
	{v1alpha1.ConditionAccepted, ""},
	{v1alpha1.ConditionResolvedRefs, ""},
	{v1alpha1.ConditionProgrammed, ""},
	{v1alpha1.ConditionAvailable, ""},
	{v1alpha1.ConditionConnected, ""},
	{v1alpha1.ConditionActive, ""},
	{v1alpha1.ConditionStalled, metav1.ConditionTrue},
	{v1alpha1.ConditionReady, ""},
}

// health sums up the conditions of an object. A status of an earlier generation
// says nothing about this one.
func health(conditions []metav1.Condition, generation, observed int64) Health {
	if observed != generation {
		return Health{Reason: v1alpha1.ReasonPending, Message: "the operator has not seen the latest change yet"}
	}
	if meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionReady) {
		return Health{Ready: true}
	}
	for _, t := range telling {
		c := meta.FindStatusCondition(conditions, t.condition)
		if c == nil {
			continue
		}
		if c.Status == t.bad || t.bad == "" && c.Status != metav1.ConditionTrue {
			return Health{Reason: c.Reason, Message: c.Message}
		}
	}
	return Health{Reason: v1alpha1.ReasonPending, Message: "there are no conditions"}
}
