package enforcer

import (
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// This file is the oracle of the tests: the rules of the protocol applied to the entries of a policy as they are written, with
// nothing prepared, and to documents as trees.

// naive is all that is declared for the subjects of a caller.
type naive []naiveDeclaration

type naiveDeclaration struct {
	typ           string
	path          []string
	grant, revoke Permissions
}

// newNaive leaves out the entries that do not hold. In "" all hold.
func newNaive(entries []Entry, namespace string, subjects []string) naive {
	var n naive
	for _, e := range entries {
		if namespace != "" && len(e.Namespaces) > 0 && !slices.ContainsFunc(e.Namespaces, func(p string) bool {
			return p == namespace || strings.HasSuffix(p, ".*") && strings.HasPrefix(namespace, strings.TrimSuffix(p, "*"))
		}) {
			continue
		}
		if !slices.ContainsFunc(e.Subjects, func(s string) bool { return slices.Contains(subjects, s) }) {
			continue
		}
		for _, r := range e.Resources {
			if typ, path, ok := strings.Cut(r.Key, ":"); ok {
				n = append(n, naiveDeclaration{typ, naivePath([]string{path}), r.Grant, r.Revoke})
			}
		}
	}
	return n
}

// declared calls f with everything that is declared for the type.
func (n naive) declared(t ResourceType, f func(path []string, grant, revoke Permissions)) {
	for _, d := range n {
		if d.typ == []string{Thing: "thing", Policy: "policy", Message: "message"}[t] {
			f(d.path, d.grant, d.revoke)
		}
	}
}

// naivePath splits names at slashes and drops what is empty.
func naivePath(names []string) []string {
	return strings.FieldsFunc(strings.Join(names, "/"), func(r rune) bool { return r == '/' })
}

func (n naive) eff(t ResourceType, p Permissions, path []string) bool {
	granted := false
	for depth := range len(path) + 1 {
		grants, revokes := false, false
		n.declared(t, func(at []string, grant, revoke Permissions) {
			if slices.Equal(at, path[:depth]) {
				grants = grants || grant&p != 0
				revokes = revokes || revoke&p != 0
			}
		})
		if revokes {
			granted = false
		} else if grants {
			granted = true
		}
	}
	return granted
}

func (n naive) below(t ResourceType, path []string, is func(grant, revoke Permissions) bool) bool {
	found := false
	n.declared(t, func(at []string, grant, revoke Permissions) {
		if len(at) > len(path) && slices.Equal(at[:len(path)], path) && is(grant, revoke) {
			found = true
		}
	})
	return found
}

// all reports whether ps has permissions that all pass the test.
func all(ps Permissions, test func(Permissions) bool) bool {
	for _, p := range []Permissions{Read, Write, Execute} {
		if ps&p != 0 && !test(p) {
			return false
		}
	}
	return ps != 0
}

func (n naive) effective(t ResourceType, path []string, ps Permissions) bool {
	return all(ps, func(p Permissions) bool { return n.eff(t, p, path) })
}

func (n naive) unrestricted(t ResourceType, path []string, ps Permissions) bool {
	return all(ps, func(p Permissions) bool {
		return n.eff(t, p, path) && !n.below(t, path, func(_, revoke Permissions) bool { return revoke&p != 0 })
	})
}

func (n naive) partial(t ResourceType, path []string, ps Permissions) bool {
	return all(ps, func(p Permissions) bool {
		return n.eff(t, p, path) || n.below(t, path, func(grant, _ Permissions) bool { return grant&p != 0 })
	})
}

// A tree is the text of a scalar, an array or an object.
type (
	array  []any
	object []member
	member struct {
		name  string
		value any
	}
)

func text(tree any) string {
	var parts []string
	switch tree := tree.(type) {
	case array:
		for _, e := range tree {
			parts = append(parts, text(e))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case object:
		for _, m := range tree {
			parts = append(parts, string(document.AppendString(nil, m.name))+":"+text(m.value))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return tree.(string)
}

// view goes from leaf to leaf.
func (n naive) view(t ResourceType, path []string, tree any, always ...string) (any, bool) {
	switch tree := tree.(type) {
	case array:
		var kept array
		for _, e := range tree {
			if e, ok := n.view(t, path, e); ok {
				kept = append(kept, e)
			}
		}
		if len(tree) > 0 {
			return kept, len(kept) > 0
		}
	case object:
		var kept object
		for _, m := range tree {
			if slices.Contains(always, m.name) && n.partial(t, nil, Read) {
				kept = append(kept, m)
			} else if v, ok := n.view(t, naivePath(append(slices.Clone(path), m.name)), m.value); ok {
				kept = append(kept, member{m.name, v})
			}
		}
		if len(tree) > 0 {
			return kept, len(kept) > 0
		}
	}
	return tree, n.eff(t, Read, path)
}
