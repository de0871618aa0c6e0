package authority

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// CreationRules say who may create entities. Something may be created if a
// grant matches and no revoke does.
type CreationRules struct {
	Grant, Revoke []CreationRule
}

// CreationRule matches what is in all of its lists. An empty list matches
// everything. Entries but those of Groups are wildcard patterns.
type CreationRule struct {
	Groups       []protocol.Group
	Namespaces   []document.Wildcard
	AuthSubjects []document.Wildcard
	// Definitions match the definition of a thing; only the empty pattern
	// matches that of a thing without one. Policies match whatever is here.
	Definitions []document.Wildcard
}

// AnyoneCreates are the rules of a server that has none.
func AnyoneCreates() CreationRules { return CreationRules{Grant: []CreationRule{{}}} }

// creation is what a rule is held against.
type creation struct {
	group                 protocol.Group
	namespace, definition string
	subjects              []string
}

func (r *CreationRules) allow(c *creation) bool {
	matches := func(rule CreationRule) bool { return rule.matches(c) }
	return slices.ContainsFunc(r.Grant, matches) && !slices.ContainsFunc(r.Revoke, matches)
}

func (r *CreationRule) matches(c *creation) bool {
	if len(r.Groups) > 0 && !slices.Contains(r.Groups, c.group) {
		return false
	}
	if len(r.Definitions) > 0 && c.group == protocol.Things && !r.defines(c.definition) {
		return false
	}
	if len(r.Namespaces) > 0 && !anyMatch(r.Namespaces, c.namespace) {
		return false
	}
	return len(r.AuthSubjects) == 0 ||
		slices.ContainsFunc(c.subjects, func(s string) bool { return anyMatch(r.AuthSubjects, s) })
}

func (r *CreationRule) defines(definition string) bool {
	if definition == "" {
		return slices.Contains(r.Definitions, "")
	}
	return anyMatch(r.Definitions, definition)
}

func anyMatch(patterns []document.Wildcard, text string) bool {
	return slices.ContainsFunc(patterns, func(p document.Wildcard) bool { return p.Match(text) })
}
