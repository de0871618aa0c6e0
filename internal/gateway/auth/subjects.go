package auth

import "slices"

// MaxSubjects is how many subjects an identity may have.
//
// Protocol rule: with more, a handshake is refused as one with headers that are too large.
const MaxSubjects = 100

// maxSubjectBytes bounds the subjects of an identity together.
const maxSubjectBytes = 16 << 10

// collected are subjects in their order, each once.
type collected struct {
	subjects Subjects
	size     int // bytes
}

// add returns ErrTooManySubjects if there is no place for another one.
func (c *collected) add(subject string) error {
	if slices.Contains(c.subjects, subject) {
		return nil
	}
	c.size += len(subject)
	if len(c.subjects) == MaxSubjects || c.size > maxSubjectBytes {
		return ErrTooManySubjects
	}
	c.subjects = append(c.subjects, subject)
	return nil
}
