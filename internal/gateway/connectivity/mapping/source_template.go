package mapping

import (
	"errors"
	"fmt"
	"strings"

	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// template is a template, what it resolves to if it is always the same, and the placeholder that it is if it is nothing else.
type template struct {
	*placeholder.Template
	fixed []string
	err   error
	only  *placeholder.Placeholder
}

// parse reads a template that is resolved at a stage.
func (s stage) parse(text string) (*template, error) {
	parsed, err := placeholder.Parse(text)
	if err != nil {
		return nil, err
	}
	for _, used := range parsed.Placeholders() {
		if !s.knows(used) {
			return nil, fmt.Errorf("the placeholder %s has no meaning here", used)
		}
	}
	t := &template{Template: parsed}
	switch used := parsed.Placeholders(); {
	case len(used) == 0:
		t.fixed, t.err = parsed.Resolve(&incoming{})
	case len(used) == 1 && isOnly(text, used[0]):
		t.only = &used[0]
	}
	return t, nil
}

// isOnly reports whether the text of a template is a placeholder between braces.
func isOnly(text string, p placeholder.Placeholder) bool {
	return strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(text, expression), "}}")) == p.String()
}

// isFixed reports whether the template has no placeholders.
func (t *template) isFixed() bool { return t.fixed != nil || t.err != nil }

// resolve returns what the template stands for.
func (t *template) resolve(in *incoming) ([]string, error) {
	switch {
	case t.isFixed():
		return t.fixed, t.err
	case t.only != nil: // which most are
		texts, _ := in.Lookup(t.only.Prefix, t.only.Name)
		return texts, nil
	}
	return t.Resolve(in)
}

// text returns the first of what the template stands for, "" if that is nothing.
func (t *template) text(in *incoming) string {
	if texts, err := t.resolve(in); err == nil && len(texts) > 0 {
		return texts[0]
	}
	return ""
}

// reader reads the templates of a source, and keeps the first error.
type reader struct{ err error }

// read reads a template that is called by a name when it cannot be used.
func (r *reader) read(s stage, name, text string) *template {
	t, err := s.parse(text)
	r.fail(name, err)
	return t
}

// require keeps the error that something is missing, unless it is there.
func (r *reader) require(name string, there bool) {
	if !there {
		r.fail(name, errors.New("is required"))
	}
}

// fail keeps an error, if it is one and the first.
func (r *reader) fail(name string, err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
}
