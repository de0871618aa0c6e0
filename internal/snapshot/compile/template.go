package compile

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/snapshot"
)

// Bounds of templates, in characters.
const (
	maxSubjectTemplate = 512
	maxTemplate        = 1024
)

func (c *check) subjectTemplate(path string, value v1alpha1.SubjectTemplate, words vocabulary) string {
	c.template(path, string(value), maxSubjectTemplate, words)
	return string(value)
}

// messageTemplate checks a template over messages or signals.
func (c *check) messageTemplate(path string, value v1alpha1.Template, words vocabulary) string {
	text := string(value)
	if !noControls.MatchString(text) || !balanced(text) {
		c.errorf(path, snapshot.RuleTemplate, "must be text without control characters, with as many {{ as }}")
		return text
	}
	c.template(path, text, maxTemplate, words)
	return text
}

// condition checks an expression. A text without any placeholder is refused,
// because it would always hold.
func (c *check) condition(path string, value v1alpha1.Condition, words vocabulary) string {
	text := string(value)
	if !strings.Contains(text, "{{") || !balanced(text) {
		c.errorf(path, snapshot.RuleTemplate, "must hold an expression, and have as many {{ as }}")
		return text
	}
	t := c.template(path, text, maxSubjectTemplate, words)
	if t != nil && len(t.Placeholders()) == 0 {
		c.errorf(path, snapshot.RuleTemplate, "must hold a placeholder: it would always hold, or never")
	}
	return text
}

// balanced is what an API server checks of a template.
func balanced(text string) bool {
	return strings.Count(text, "{{") == strings.Count(text, "}}")
}

// template returns a template of at most a number of characters, whose
// placeholders are of a vocabulary; nil if it is not valid.
func (c *check) template(path, text string, maxLength int, words vocabulary) *placeholder.Template {
	switch n := utf8.RuneCountInString(text); {
	case n == 0:
		c.errorf(path, snapshot.RuleRequired, "is required")
		return nil
	case !balanced(text):
		c.errorf(path, snapshot.RuleTemplate, "must have as many {{ as }}")
		return nil
	case n > maxLength:
		c.errorf(path, snapshot.RuleRange, "must have at most %d characters, got %d", maxLength, n)
		return nil
	}
	t, err := placeholder.Parse(text)
	if err != nil {
		c.errorf(path, snapshot.RuleTemplate, "%s", templateProblem(err))
		return nil
	}
	for _, p := range t.Placeholders() {
		if problem := words.problem(p); problem != "" {
			c.errorf(path, snapshot.RuleTemplate, "must not use %s: %s", p, problem)
			return nil
		}
	}
	return t
}

// templateProblem says what is wrong with a template, and where.
func templateProblem(err error) string {
	problem := "must be a template such as {{ jwt:sub }}"
	switch {
	case errors.Is(err, placeholder.ErrTooComplex):
		problem = "has too many expressions or functions"
	case errors.Is(err, placeholder.ErrFunctionUnknown):
		problem = "has a function that does not exist"
	case errors.Is(err, placeholder.ErrSignature):
		problem = "has a function with the wrong parameters"
	}
	if wrong, ok := errors.AsType[*placeholder.Error](err); ok && wrong.What != "" {
		problem += fmt.Sprintf(", at %q", wrong.What)
	}
	return problem
}
