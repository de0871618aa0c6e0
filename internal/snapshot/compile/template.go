package compile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/snapshot"
)

// maxTemplate bounds a template, in characters.
const maxTemplate = 512

func (c *check) subjectTemplate(path string, value v1alpha1.SubjectTemplate) string {
	if value == "" {
		c.errorf(path, snapshot.RuleRequired, "is required")
		return ""
	}
	if !balanced(string(value)) {
		c.errorf(path, snapshot.RuleTemplate, "must have as many {{ as }}")
		return string(value)
	}
	c.template(path, string(value), "jwt")
	return string(value)
}

// condition checks an expression that may use placeholders with the prefixes. A
// text without any placeholder is refused, because it would always hold.
func (c *check) condition(path string, value v1alpha1.Condition, prefixes ...string) string {
	text := string(value)
	if !strings.Contains(text, "{{") || !balanced(text) {
		c.errorf(path, snapshot.RuleTemplate, "must hold an expression, and have as many {{ as }}")
		return text
	}
	t := c.template(path, text, prefixes...)
	if t != nil && len(t.Placeholders()) == 0 {
		c.errorf(path, snapshot.RuleTemplate, "must hold a placeholder: it would always hold, or never")
	}
	return text
}

// balanced is what an API server checks of a template.
func balanced(text string) bool {
	return strings.Count(text, "{{") == strings.Count(text, "}}")
}

// template returns a template, which may use placeholders with the prefixes; nil
// if it is not valid.
func (c *check) template(path, text string, prefixes ...string) *placeholder.Template {
	if n := utf8.RuneCountInString(text); n > maxTemplate {
		c.errorf(path, snapshot.RuleRange, "must have at most %d characters, got %d", maxTemplate, n)
		return nil
	}
	t, err := placeholder.Parse(text)
	if err != nil {
		c.errorf(path, snapshot.RuleTemplate, "%s", templateProblem(err))
		return nil
	}
	for _, p := range t.Placeholders() {
		if !slices.Contains(prefixes, p.Prefix) {
			c.errorf(path, snapshot.RuleTemplate, "must not use %s: the prefix must be %s", p, strings.Join(prefixes, " or "))
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
