package controllers

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// verdict is what a condition says.
type verdict struct {
	status  metav1.ConditionStatus
	reason  string
	message string
}

func isTrue(reason, message string) verdict {
	return verdict{metav1.ConditionTrue, reason, message}
}

func isFalse(reason, message string) verdict {
	return verdict{metav1.ConditionFalse, reason, message}
}

func isUnknown(reason, message string) verdict {
	return verdict{metav1.ConditionUnknown, reason, message}
}

// decision looks at facts for one reason why a condition does not simply hold.
type decision[F any] func(facts F) (v verdict, violated bool)

// decide returns the first verdict that is found, or else the one given.
func decide[F any](facts F, decisions []decision[F], otherwise verdict) verdict {
	for _, decision := range decisions {
		if v, violated := decision(facts); violated {
			return v
		}
	}
	return otherwise
}

// named is the verdict for one type of condition.
type named struct {
	condition string
	verdict   verdict
}

// ready sums up the other conditions: the first that is False says why, then the
// first that is Unknown.
func ready(conditions []named, message string) verdict {
	for _, status := range []metav1.ConditionStatus{metav1.ConditionFalse, metav1.ConditionUnknown} {
		for _, c := range conditions {
			if c.verdict.status == status {
				return c.verdict
			}
		}
	}
	return isTrue(v1alpha1.ReasonReady, message)
}

// stallingReasons are those that only a change by the user ends. A missing object
// is among them: it is watched, so that nothing is retried, and nothing happens
// until somebody creates it.
var stallingReasons = []string{
	v1alpha1.ReasonInvalid, v1alpha1.ReasonTooLarge, v1alpha1.ReasonRefNotFound, v1alpha1.ReasonRefInvalid,
	v1alpha1.ReasonGatewayNotFound, v1alpha1.ReasonConnectionNotFound, v1alpha1.ReasonNotCompiled,
	v1alpha1.ReasonConflict, v1alpha1.ReasonRefused, v1alpha1.ReasonNotServed,
}

// settledReasons are those of a state that was asked for, and that no pod is ready:
// whether one is on its way is a matter of Available.
var settledReasons = []string{
	v1alpha1.ReasonScaledToZero, v1alpha1.ReasonDraining, v1alpha1.ReasonPaused, v1alpha1.ReasonClosed, v1alpha1.ReasonNoReadyPods,
}

// progress returns Reconciling or Stalled, whichever holds; neither does when
// what was asked for is there. A reason that stalls counts wherever it is.
func progress(conditions []named) []named {
	pending := ""
	for _, c := range conditions {
		switch {
		case c.verdict.status == metav1.ConditionTrue:
		case c.verdict.status == metav1.ConditionFalse && slices.Contains(stallingReasons, c.verdict.reason):
			return []named{{v1alpha1.ConditionStalled, isTrue(c.verdict.reason, c.verdict.message)}}
		case slices.Contains(settledReasons, c.verdict.reason):
		case pending == "":
			pending = c.condition
		}
	}
	for _, c := range conditions {
		if c.condition == pending {
			return []named{{v1alpha1.ConditionReconciling, isTrue(c.verdict.reason, c.verdict.message)}}
		}
	}
	return nil
}

// maxMessage bounds the message of a condition, in bytes; the API allows more, but
// nobody reads it.
const maxMessage = 1024

// conditionsOf returns the conditions for verdicts. The time of the last
// transition is now for those whose status differs from before.
func conditionsOf(verdicts []named, before []metav1.Condition, generation int64, now metav1.Time) []metav1.Condition {
	out := make([]metav1.Condition, 0, len(verdicts))
	for _, v := range verdicts {
		c := metav1.Condition{
			Type: v.condition, Status: v.verdict.status, Reason: v.verdict.reason, Message: once(shorten(v.verdict.message)),
			ObservedGeneration: generation, LastTransitionTime: now,
		}
		if i := indexOf(before, v.condition); i >= 0 && before[i].Status == c.Status && !isInitial(before[i]) {
			c.LastTransitionTime = before[i].LastTransitionTime
		}
		out = append(out, c)
	}
	return out
}

// isInitial recognises a condition that came with the object, at a time of no
// meaning.
func isInitial(c metav1.Condition) bool {
	return c.Reason == v1alpha1.ReasonPending && c.LastTransitionTime.Unix() <= 0
}

func indexOf(conditions []metav1.Condition, condition string) int {
	return slices.IndexFunc(conditions, func(c metav1.Condition) bool { return c.Type == condition })
}

// statusOf returns the status of a condition, Unknown when there is none.
func statusOf(conditions []metav1.Condition, condition string) metav1.ConditionStatus {
	if i := indexOf(conditions, condition); i >= 0 {
		return conditions[i].Status
	}
	return metav1.ConditionUnknown
}

// sameConditions says whether two lists say the same, in whatever order.
func sameConditions(a, b []metav1.Condition) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(c metav1.Condition) bool {
		i := indexOf(b, c.Type)
		return i < 0 || !sameCondition(c, b[i])
	})
}

func sameCondition(a, b metav1.Condition) bool {
	return a.Status == b.Status && a.Reason == b.Reason && a.Message == b.Message &&
		a.ObservedGeneration == b.ObservedGeneration && a.LastTransitionTime.Equal(&b.LastTransitionTime)
}

// applyConditions returns conditions as they are applied.
func applyConditions(conditions []metav1.Condition) []*metav1ac.ConditionApplyConfiguration {
	out := make([]*metav1ac.ConditionApplyConfiguration, 0, len(conditions))
	for _, c := range conditions {
		out = append(out, metav1ac.Condition().WithType(c.Type).WithStatus(c.Status).WithReason(c.Reason).
			WithMessage(c.Message).WithObservedGeneration(c.ObservedGeneration).WithLastTransitionTime(c.LastTransitionTime))
	}
	return out
}

// describe puts findings into the message of a condition: the first, and how many
// there are besides.
func describe(findings snapshot.Findings) string {
	if len(findings) == 0 {
		return ""
	}
	message := findings[0].String()
	switch more := len(findings) - 1; {
	case more == 1:
		message += "; and 1 more problem"
	case more >= findingsKept-1: // not all may have been kept
		message += "; and many more problems"
	case more > 1:
		message += "; and " + number(more) + " more problems"
	}
	return message
}

// shorten makes a message of somebody else one line of valid text, and not too long
// a one.
func shorten(message string) string {
	message = strings.ToValidUTF8(message[:min(len(message), 4*maxMessage)], "")
	message = strings.Join(strings.FieldsFunc(message, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(message) <= maxMessage {
		return message
	}
	cut := maxMessage - len("…")
	for cut > 0 && !utf8.RuneStart(message[cut]) {
		cut--
	}
	return strings.TrimSpace(message[:cut]) + "…"
}

func number(n int) string { return strconv.Itoa(n) }
