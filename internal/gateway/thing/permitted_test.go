package thing

import (
	"slices"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// checkPermitted checks that what a command does, tells its requester and tells others is permitted leaf by leaf. It makes the
// policy that came with a thing one of the world.
func checkPermitted(t *testing.T, frame string, before *State, c *Command, o Outcome, who *world) {
	t.Helper()
	rights, _ := who.ThingRights(before.PolicyID(), "ns")
	switch {
	case c.IsQuery():
		checkReadable(t, frame, rights, c.Path.Pointer, o.Response.Value)
	case !before.Exists():
		if o.Policy != nil {
			who.policies[o.PolicyID] = o.Policy.State
			delete(who.compiled, o.PolicyID)
		}
		rights, _ = who.ThingRights(o.PolicyID, "ns")
		if !rights.Unrestricted(enforcer.Thing, nil, enforcer.Write) {
			t.Fatalf("%s created a thing under the policy %s, which does not let its creator write it", frame, o.PolicyID)
		}
	default:
		checkWritable(t, frame, rights, nil, before.Doc, o.State.Doc)
	}
	if o.Event == nil {
		return
	}
	if value, told := o.Event.Reduced(rights); told && o.Event.Value != nil {
		checkReadable(t, frame, rights, c.Path.Pointer, value)
	}
}

// checkWritable checks that everything in which two values at a place differ may be written. Objects that come into being on
// the way to something that may be written are excepted, and what was in their place.
func checkWritable(t *testing.T, frame string, rights *enforcer.Rights, at document.Pointer, before, after []byte) {
	t.Helper()
	if string(before) == string(after) {
		return
	}
	was, is := document.KindOf(before) == document.Object, document.KindOf(after) == document.Object
	if !is && !rights.Unrestricted(enforcer.Thing, at, enforcer.Write) || is && !was && !rights.Partial(enforcer.Thing, at, enforcer.Write) {
		t.Fatalf("%s changed %s from %s to %s, which its requester may not", frame, at, before, after)
	}
	for name, value := range document.Members(after) {
		old, _ := document.Get(before, document.Pointer{name})
		checkWritable(t, frame, rights, append(slices.Clone(at), name), old, value)
	}
	for name, value := range document.Members(before) {
		if _, ok := document.Get(after, document.Pointer{name}); is && !ok {
			checkWritable(t, frame, rights, append(slices.Clone(at), name), value, nil)
		}
	}
}

// checkReadable checks that everything in a value at a place may be read.
func checkReadable(t *testing.T, frame string, rights *enforcer.Rights, at document.Pointer, value []byte) {
	t.Helper()
	switch kind := document.KindOf(value); {
	case kind == document.Object && string(value) != "{}":
		for name, member := range document.Members(value) {
			if len(at) > 0 || !slices.Contains(alwaysVisible, name) {
				checkReadable(t, frame, rights, append(slices.Clone(at), name), member)
			}
		}
	case kind == document.Array && string(value) != "[]":
		for element := range document.Elements(value) {
			checkReadable(t, frame, rights, at, element)
		}
	case !rights.Effective(enforcer.Thing, at, enforcer.Read):
		t.Fatalf("%s tells %s at %s, which must not be read", frame, value, at)
	}
}
