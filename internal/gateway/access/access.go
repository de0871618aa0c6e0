// Package access decides which namespaces a session may address at all,
// whatever policies say: by rules of the operator whose conditions are about
// the token and the headers of the handshake.
//
// What a session may address is decided once, when it opens, and does not
// change with the rules.
package access

import (
	"net/http"
	"slices"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Rule opens namespaces to the sessions that meet its conditions.
type Rule struct {
	// Conditions must each resolve to something that is not empty, from the
	// placeholders jwt:<claim>, header:<name> and request:subjectId.
	Conditions []*placeholder.Template
	// Groups are the kinds of entities that the rule is about; empty: all.
	Groups []protocol.Group
	// Allowed are the namespaces that are opened, less those that are Blocked.
	Allowed, Blocked []document.Wildcard
}

// Rules are alternatives. Without any, everything may be addressed.
type Rules []Rule

// For returns what an identity may address whose handshake is r.
func (rules Rules) For(identity auth.Identity, r *http.Request) Grants {
	if len(rules) == 0 {
		return Grants{all: true}
	}
	src := handshake{identity, r.Header}
	var met Rules
	for _, rule := range rules {
		if rule.meets(src) {
			met = append(met, rule)
		}
	}
	return Grants{rules: met}
}

func (r *Rule) meets(src placeholder.Source) bool {
	return !slices.ContainsFunc(r.Conditions, func(c *placeholder.Template) bool {
		values, err := c.Resolve(src)
		return err != nil || !slices.ContainsFunc(values, func(v string) bool { return v != "" })
	})
}

// Grants are what one session may address.
type Grants struct {
	all   bool
	rules Rules
}

// MayAccess reports whether entities of the group in the namespace may be
// addressed.
func (g Grants) MayAccess(group protocol.Group, namespace string) bool {
	matches := func(p document.Wildcard) bool { return p.Match(namespace) }
	return g.all || slices.ContainsFunc(g.rules, func(r Rule) bool {
		return (len(r.Groups) == 0 || slices.Contains(r.Groups, group)) &&
			slices.ContainsFunc(r.Allowed, matches) && !slices.ContainsFunc(r.Blocked, matches)
	})
}

// handshake is what conditions are about.
type handshake struct {
	identity auth.Identity
	header   http.Header
}

// Lookup implements placeholder.Source.
func (h handshake) Lookup(prefix, name string) ([]string, bool) {
	switch prefix {
	case "header":
		return h.header.Values(name), true
	case "request":
		return h.identity.Subjects[:1], name == "subjectId"
	case "jwt":
		if h.identity.Claims == nil {
			return nil, true
		}
	}
	if h.identity.Claims == nil {
		return nil, false
	}
	return h.identity.Claims.Lookup(prefix, name)
}
