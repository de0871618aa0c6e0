package mapping

import (
	"errors"
	"strings"

	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// targetTemplate is a template of a target. Most are plain text, which costs nothing to resolve.
type targetTemplate struct {
	text string
	// template is nil for plain text.
	template *placeholder.Template
}

// newTargetTemplate parses a template. It refuses placeholders that no signal knows.
func newTargetTemplate(text string) (*targetTemplate, error) {
	parsed, err := placeholder.Parse(text)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(text, "{{") {
		return &targetTemplate{text: text}, nil
	}
	for _, p := range parsed.Placeholders() {
		if _, known := (&outWords{signal: &Signal{}}).Lookup(p.Prefix, p.Name); !known {
			return nil, &placeholder.Error{Err: placeholder.ErrPlaceholderUnknown, What: p.String(), Offset: -1}
		}
	}
	return &targetTemplate{text, parsed}, nil
}

// first returns the first of what the template stands for, nil if that is nothing.
//
// Errors: placeholder.ErrDeleted, placeholder.ErrTooManyResults.
func (t *targetTemplate) first(of placeholder.Source) (*string, error) {
	if t.template == nil {
		return &t.text, nil
	}
	results, err := t.template.Resolve(of)
	if err != nil || len(results) == 0 {
		return nil, err
	}
	return &results[0], nil
}

// isDeleted reports whether an error is the wish of a template that what it stands for be deleted.
func isDeleted(err error) bool { return errors.Is(err, placeholder.ErrDeleted) }
