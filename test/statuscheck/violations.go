package statuscheck

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Surroundings are what messages must not repeat.
type Surroundings struct {
	// Pods are names and addresses of pods: they come and go, and a message must
	// not change with them.
	Pods []string
	// Secrets are what is in Secrets.
	Secrets []string
}

// maxMessage is the longest message, in bytes, that people can still be asked to
// read.
const maxMessage = 2048

var camelCase = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// onlyWhenTrue are the conditions that are absent unless they hold.
var onlyWhenTrue = []string{
	v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled, v1alpha1.ConditionDraining, v1alpha1.ConditionPaused,
}

// Violations returns which rules the status of an object breaks. None of them
// may be broken at any time.
func Violations(o Object, s Surroundings) []string {
	rules := []func(Object) []string{complete, unique, known, presence, generations, summary, agreement}
	var found []string
	for _, rule := range rules {
		found = append(found, rule(o)...)
	}
	for _, c := range o.Conditions {
		found = append(found, wording(c, s)...)
	}
	return found
}

// Behind says whether the status is of an older generation without saying so.
// That may be for a moment, until the operator has seen the object.
func Behind(o Object) bool {
	return o.ObservedGeneration != o.Generation &&
		!o.Deleting && !o.holds(v1alpha1.ConditionReconciling) && !o.holds(v1alpha1.ConditionPaused)
}

func complete(o Object) []string {
	var found []string
	for _, kind := range append(o.parts(), v1alpha1.ConditionReady) {
		if o.condition(kind) == nil {
			found = append(found, "lacks condition "+kind)
		}
	}
	return found
}

func unique(o Object) []string {
	var found []string
	seen := map[string]bool{}
	for _, c := range o.Conditions {
		if seen[c.Type] {
			found = append(found, "has condition "+c.Type+" twice")
		}
		seen[c.Type] = true
	}
	return found
}

func known(o Object) []string {
	var found []string
	all := slices.Concat(o.parts(), onlyWhenTrue, []string{v1alpha1.ConditionReady})
	for _, c := range o.Conditions {
		if !slices.Contains(all, c.Type) {
			found = append(found, fmt.Sprintf("has condition %s, which is not one of a %s", c.Type, o.Kind))
		}
	}
	return found
}

func presence(o Object) []string {
	var found []string
	for _, kind := range onlyWhenTrue {
		if c := o.condition(kind); c != nil && c.Status != metav1.ConditionTrue {
			found = append(found, fmt.Sprintf("has condition %s=%s, which is absent when it does not hold", kind, c.Status))
		}
	}
	if o.holds(v1alpha1.ConditionReconciling) && o.holds(v1alpha1.ConditionStalled) {
		found = append(found, "is Reconciling and Stalled at once")
	}
	return found
}

// generations of the conditions are that of the status; a paused object's stay.
func generations(o Object) []string {
	if o.ObservedGeneration == -1 {
		return unseen(o)
	}
	var found []string
	if o.ObservedGeneration < 1 || o.ObservedGeneration > o.Generation {
		found = append(found, fmt.Sprintf("has observedGeneration %d at generation %d", o.ObservedGeneration, o.Generation))
	}
	for _, c := range o.Conditions {
		if c.ObservedGeneration == o.ObservedGeneration {
			continue
		}
		if !o.holds(v1alpha1.ConditionPaused) || c.ObservedGeneration > o.Generation {
			found = append(found, fmt.Sprintf("has condition %s of generation %d in a status of %d",
				c.Type, c.ObservedGeneration, o.ObservedGeneration))
		}
	}
	return found
}

// unseen objects know nothing of themselves.
func unseen(o Object) []string {
	var found []string
	for _, c := range o.Conditions {
		if c.Status != metav1.ConditionUnknown && c.Type != v1alpha1.ConditionPaused {
			found = append(found, fmt.Sprintf("was not seen by an operator, and has condition %s=%s", c.Type, c.Status))
		}
	}
	return found
}

// summary holds Ready to the others.
func summary(o Object) []string {
	ready := o.condition(v1alpha1.ConditionReady)
	if ready == nil {
		return nil
	}
	want, because := o.readiness()
	if ready.Status == want || want == metav1.ConditionUnknown && ready.Status == metav1.ConditionFalse {
		return nil
	}
	return []string{fmt.Sprintf("has Ready=%s, which should be %s: %s", ready.Status, want, because)}
}

// readiness returns what Ready should be. Something that is wrong makes it
// False, and something that is not known may.
func (o Object) readiness() (metav1.ConditionStatus, string) {
	if o.holds(v1alpha1.ConditionDraining) {
		return metav1.ConditionFalse, "it is Draining"
	}
	status, because := metav1.ConditionTrue, "all others hold"
	for _, kind := range o.parts() {
		switch c := o.condition(kind); {
		case c == nil:
		case c.Reason == v1alpha1.ReasonClosed: // as the spec asks
		case c.Status == metav1.ConditionFalse:
			return metav1.ConditionFalse, kind + " is False"
		case c.Status != metav1.ConditionTrue:
			status, because = metav1.ConditionUnknown, kind+" is "+string(c.Status)
		}
	}
	return status, because
}

// agreement is between those who read Ready and those who follow kstatus.
func agreement(o Object) []string {
	ready := o.holds(v1alpha1.ConditionReady)
	switch result := Compute(o); {
	case result == Current && !ready:
		return []string{"is Current by kstatus and not Ready"}
	case result == Failed && ready:
		return []string{"is Failed by kstatus and Ready"}
	default:
		return nil
	}
}

func wording(c metav1.Condition, s Surroundings) []string {
	var found []string
	if !camelCase.MatchString(c.Reason) {
		found = append(found, fmt.Sprintf("has condition %s with reason %q", c.Type, c.Reason))
	}
	if c.Message == "" || len(c.Message) > maxMessage {
		found = append(found, fmt.Sprintf("has condition %s with a message of %d bytes", c.Type, len(c.Message)))
	}
	for _, pod := range s.Pods {
		if containsWord(c.Message, pod) {
			found = append(found, fmt.Sprintf("has condition %s whose message names pod %s: %s", c.Type, pod, c.Message))
		}
	}
	for _, secret := range s.Secrets {
		if strings.Contains(c.Message, secret) {
			found = append(found, fmt.Sprintf("has condition %s whose message holds what is in a Secret", c.Type))
		}
	}
	return found
}

// containsWord says whether the text has the name, and not just as a part of a
// longer one.
func containsWord(text, name string) bool {
	for rest := text; ; {
		i := strings.Index(rest, name)
		if i < 0 {
			return false
		}
		end := i + len(name)
		if (i == 0 || !inName(rest[i-1])) && (end == len(rest) || !inName(rest[end])) {
			return true
		}
		rest = rest[end:]
	}
}

func inName(b byte) bool {
	return b == '-' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z'
}
