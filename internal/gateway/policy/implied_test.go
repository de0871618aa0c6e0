package policy

import "testing"

func TestImpliedDeniesNobodyOnly(t *testing.T) {
	for _, subjects := range []Subjects{nil, {}, {"nginx:ditto"}} {
		want := len(subjects) == 1
		if got := (Implied{}).MayRead(subjects, nil); got != want {
			t.Errorf("%v may read: %t", subjects, got)
		}
		if got := (Implied{}).MayWrite(subjects, nil); got != want {
			t.Errorf("%v may write: %t", subjects, got)
		}
	}
}
