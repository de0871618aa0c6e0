package policy

// Subjects are the authorization subjects on whose behalf something is done.
type Subjects = []string

// Implied is the policy of every entity. It denies those who have no subject,
// and grants everything to the others.
type Implied struct{}

// MayWrite reports whether the subjects may change the entity at the path.
func (Implied) MayWrite(subjects Subjects, _ string) bool { return len(subjects) > 0 }

// MayRead reports whether the subjects may read any of the entity at the path.
func (Implied) MayRead(subjects Subjects, _ string) bool { return len(subjects) > 0 }
