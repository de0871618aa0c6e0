package policy

import "github.com/twinway/twinway/internal/gateway/document"

// Subjects are the authorization subjects on whose behalf something is done.
type Subjects = []string

// Implied is the policy of every entity. It denies those who have no subject,
// and grants everything to the others.
type Implied struct{}

// MayWrite reports whether the subjects may change the thing at the path.
func (Implied) MayWrite(subjects Subjects, _ document.Pointer) bool { return len(subjects) > 0 }

// MayRead reports whether the subjects may read any of the thing at the path.
func (Implied) MayRead(subjects Subjects, _ document.Pointer) bool { return len(subjects) > 0 }
