package authority

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// TestReceivers asks who may read while the policy changes, and when it is gone.
func TestReceivers(t *testing.T) {
	l := newLibrary(t, plenty)
	l.write(t, "ns:p", "pre:ada")
	before := l.compiled(t, "ns:p").Enforcer
	var r Receivers
	expect := func(before *enforcer.Enforcer, who string, reads bool) {
		t.Helper()
		rights, err := r.Rights(l.Policies, "ns:p", before, "ns", []string{who})
		if err != nil {
			t.Fatal(err)
		}
		if got := rights.Unrestricted(enforcer.Thing, nil, enforcer.Read); got != reads {
			t.Errorf("%s reads: %v", who, got)
		}
	}
	expect(before, "pre:ada", true)
	expect(before, "pre:bob", false)
	l.change(t, "ns:p", "pre:bob")
	expect(before, "pre:ada", false)
	expect(before, "pre:bob", true)
	l.change(t, "ns:p", "") // deleted
	expect(before, "pre:ada", true)
	expect(before, "pre:bob", false)
	expect(nil, "pre:ada", false)
}
