package compile

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/snapshot"
)

// Bounds of the template of a thing, in characters.
const (
	minThing = 2
	maxThing = 16384
)

// maxThingTemplates is how many strings of a thing may have expressions.
const maxThingTemplates = 64

// implicitThing checks the template of a thing.
func (c *check) implicitThing(path string, implicit *v1alpha1.ImplicitThing) *snapshot.ImplicitThing {
	if implicit == nil {
		return nil
	}
	path += ".thing"
	text := implicit.Thing
	switch n := utf8.RuneCountInString(text); {
	case n < minThing:
		c.errorf(path, snapshot.RuleRange, "must have at least %d characters, got %d", minThing, n)
	case n > maxThing:
		c.errorf(path, snapshot.RuleRange, "must have at most %d characters, got %d", maxThing, n)
	default:
		c.thingTemplate(path, text)
	}
	return &snapshot.ImplicitThing{Thing: text}
}

// thingTemplate checks that a text is a JSON object of a thing, and the templates
// in it: each is one string of it.
func (c *check) thingTemplate(path, text string) {
	var thing map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &thing); err != nil {
		c.errorf(path, snapshot.RuleSyntax, "must be the JSON of a thing, with every template in a string")
		return
	}
	var id string
	if err := json.Unmarshal(thing["thingId"], &id); err != nil || id == "" {
		c.errorf(path, snapshot.RuleRequired, `must have a thingId, such as "com.example:{{ header:device }}"`)
	}
	count := 0
	values := json.NewDecoder(strings.NewReader(text))
	for {
		token, err := values.Token()
		if err != nil {
			return // it was all valid
		}
		template, isText := token.(string)
		if !isText || !strings.Contains(template, "{{") || copies.MatchString(template) {
			continue
		}
		if count++; count > maxThingTemplates {
			c.errorf(path, snapshot.RuleBounded, "must have at most %d strings with expressions", maxThingTemplates)
			return
		}
		if !c.stringTemplate(path, template) {
			return
		}
	}
}

// copies is how a thing names the thing or policy that its policy is copied from:
// who creates the thing resolves that.
var copies = regexp.MustCompile(`^\{\{ *ref:`)

// stringTemplate checks one string of a thing that has expressions, and says
// whether it is well.
func (c *check) stringTemplate(path, text string) bool {
	t, err := placeholder.Parse(text)
	if err != nil {
		c.errorf(path, snapshot.RuleTemplate, "%s", templateProblem(err))
		return false
	}
	for _, p := range t.Placeholders() {
		if problem := ofNewThing.problem(p); problem != "" {
			c.errorf(path, snapshot.RuleTemplate, "must not use %s: %s", p, problem)
			return false
		}
	}
	return true
}
