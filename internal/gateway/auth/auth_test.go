package auth

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type answer struct {
	identity Identity
	err      error
}

func (a answer) Authenticate(context.Context, *http.Request) (Identity, error) {
	return a.identity, a.err
}

func TestChain(t *testing.T) {
	var (
		none  = answer{err: ErrNoCredentials}
		wrong = answer{err: ErrWrongCredentials}
		anna  = answer{identity: Identity{User: "anna", Subjects: Subjects{"nginx:anna"}}}
		bert  = answer{identity: Identity{User: "bert", Subjects: Subjects{"nginx:bert"}}}
	)
	for _, tc := range []struct {
		name  string
		chain Chain
		want  answer
	}{
		{"nobody is let in by an empty chain", Chain{}, none},
		{"nobody is let in without credentials", Chain{none, none}, none},
		{"the first applicable provider decides", Chain{none, anna, bert}, anna},
		{"a refusal is a decision too", Chain{wrong, anna}, wrong},
	} {
		t.Run(tc.name, func(t *testing.T) {
			id, err := tc.chain.Authenticate(t.Context(), &http.Request{})
			if !errors.Is(err, tc.want.err) {
				t.Errorf("error %v, want %v", err, tc.want.err)
			}
			if diff := cmp.Diff(tc.want.identity, id); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
}
