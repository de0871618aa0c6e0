package mapping

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// fix resolves the subjects once and for all if no message matters to them.
func (s *Source) fix() {
	if slices.ContainsFunc(s.subjects, func(t *template) bool { return !t.isFixed() }) {
		return
	}
	fixed, err := s.resolveSubjects(&incoming{})
	if err == nil {
		s.fixed = fixed
	}
}

// resolveSubjects returns on whose authority a message is taken. The error is connectivity:connection.configuration.invalid: a
// message that leaves one of them open is not taken on the authority of the others.
func (s *Source) resolveSubjects(in *incoming) ([]string, *protocol.Error) {
	if s.fixed != nil {
		return s.fixed, nil
	}
	var subjects []string
	for _, t := range s.subjects {
		texts, err := t.resolve(in)
		if err != nil || len(texts) == 0 || slices.Contains(texts, "") {
			return nil, protocol.ErrMessageSubjectsUnresolved(t.String())
		}
		for _, text := range texts {
			if !slices.Contains(subjects, text) {
				subjects = append(subjects, text)
			}
		}
	}
	if len(subjects) == 0 {
		return nil, protocol.ErrMessageSubjectsUnresolved("")
	}
	return subjects, nil
}
