package controllers

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

func TestTheTimeOfATransitionIsThatOfTheStatus(t *testing.T) {
	then, later := metav1.NewTime(time.Unix(1_000, 0)), metav1.NewTime(time.Unix(2_000, 0))
	before := []metav1.Condition{
		{Type: "Stays", Status: metav1.ConditionTrue, Reason: "Old", LastTransitionTime: then},
		{Type: "Changes", Status: metav1.ConditionTrue, Reason: "Old", LastTransitionTime: then},
		{Type: "Initial", Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonPending, LastTransitionTime: metav1.NewTime(time.Unix(0, 0))},
	}
	after := conditionsOf([]named{
		{"Stays", isTrue("New", "m")}, {"Changes", isFalse("New", "m")}, {"Initial", isUnknown("New", "m")}, {"New", isTrue("New", "m")},
	}, before, 7, later)
	for i, want := range []metav1.Time{then, later, later, later} {
		if got := after[i]; !got.LastTransitionTime.Equal(&want) || got.ObservedGeneration != 7 {
			t.Errorf("%s: %v at generation %d, want %v", got.Type, got.LastTransitionTime, got.ObservedGeneration, want)
		}
	}
}

func TestConditionsAreComparedByWhatTheySay(t *testing.T) {
	at := metav1.NewTime(time.Unix(1_000, 0))
	base := []metav1.Condition{
		{Type: "A", Status: metav1.ConditionTrue, Reason: "R", Message: "m", ObservedGeneration: 1, LastTransitionTime: at},
		{Type: "B", Status: metav1.ConditionTrue, Reason: "R", Message: "m", ObservedGeneration: 1, LastTransitionTime: at},
	}
	if !sameConditions(base, []metav1.Condition{base[1], base[0]}) {
		t.Error("another order is a difference")
	}
	for name, change := range map[string]func(*metav1.Condition){
		"status":     func(c *metav1.Condition) { c.Status = metav1.ConditionFalse },
		"reason":     func(c *metav1.Condition) { c.Reason = "S" },
		"message":    func(c *metav1.Condition) { c.Message = "n" },
		"generation": func(c *metav1.Condition) { c.ObservedGeneration = 2 },
		"type":       func(c *metav1.Condition) { c.Type = "C" },
	} {
		other := []metav1.Condition{base[0], base[1]}
		change(&other[1])
		if sameConditions(base, other) {
			t.Errorf("another %s is no difference", name)
		}
	}
	if sameConditions(base, base[:1]) || sameConditions(base[:1], base) {
		t.Error("a missing condition is no difference")
	}
}

func TestMessagesAreBounded(t *testing.T) {
	message := shorten(strings.Repeat("é", maxMessage))
	if len(message) > maxMessage || !utf8.ValidString(message) || !strings.HasSuffix(message, "…") {
		t.Errorf("%d bytes, valid %t", len(message), utf8.ValidString(message))
	}
}

// What an API server answers is made for terminals.
func TestMessagesAreOneLineOfText(t *testing.T) {
	for message, want := range map[string]string{
		"a\n\tb:\r\n * c\u0085d\x1b[2J \x00\n": "a b: * c d [2J",
		"a\xffb":                               "ab",
		strings.Repeat(" \n", 1<<20) + "a":     "",
	} {
		if got := shorten(message); got != want {
			t.Errorf("%.20q is %q, want %q", message, got, want)
		}
	}
}

func TestMemoryIsNewerThanTheCacheOnlyUntilItCatchesUp(t *testing.T) {
	m := newMemory[string]()
	object := &v1alpha1.Gateway{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "edge", UID: "1", ResourceVersion: "10"}}
	if got := m.latest(object, "cached"); got != "cached" {
		t.Errorf("without memory: %s", got)
	}
	m.wrote(object, "12", "written")
	for version, want := range map[string]string{"9": "written", "10": "written", "12": "cached", "13": "cached", "100": "cached"} {
		object.ResourceVersion = version
		if got := m.latest(object, "cached"); got != want {
			t.Errorf("at version %s: %s, want %s", version, got, want)
		}
	}
	object.UID, object.ResourceVersion = "2", "10"
	if got := m.latest(object, "cached"); got != "cached" {
		t.Errorf("another object of that name: %s", got)
	}
}
