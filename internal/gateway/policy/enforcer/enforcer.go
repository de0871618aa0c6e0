package enforcer

import "strings"

// Enforcer is a compiled policy. It is safe for concurrent use.
type Enforcer struct {
	nodes       []node
	groups      []group
	memberships []membership
	links       []link
	subjects    map[string]int32 // the last link of each
	known       cache
	size        int // of all but what is known
}

// link is the last membership of a subject, with the link to those before. References repeat the subjects of an entry in many
// others, and those who have been together in all entries so far have the same link.
type link struct{ membership, before int32 }

// noLink is where all chains of links end. It is what is found for those who are no subjects.
const noLink = 0

// membership says that what a group declares holds for those who have it.
type membership struct {
	group int32
	// namespaces are the patterns of those that it holds in; empty: all.
	namespaces []string
}

// Everywhere returns what the subjects may do together, if entries hold irrespective of namespaces: as it is for commands on
// policies and when permissions are checked by name. It is nil if they may do nothing.
func (e *Enforcer) Everywhere(subjects []string) *Rights {
	return e.rights(subjects, func(*membership) bool { return true })
}

// InNamespace returns what the subjects may do together with things of a namespace. Entries that are restricted to other
// namespaces are left out. It is nil if they may do nothing.
func (e *Enforcer) InNamespace(namespace string, subjects []string) *Rights {
	return e.rights(subjects, func(m *membership) bool { return m.holdsIn(namespace) })
}

// inlineGroups is how many groups a policy may have without allocations for each question for rights.
const inlineGroups = 2048

func (e *Enforcer) rights(subjects []string, holds func(*membership) bool) *Rights {
	var buf [inlineGroups / 8]byte
	set := groupSet(buf[:])
	if size := (len(e.groups) + 7) / 8; size <= len(buf) {
		set = set[:size]
	} else {
		set = make(groupSet, size)
	}
	member := false
	for _, subject := range subjects {
		for at := e.subjects[subject]; at != noLink; at = e.links[at].before {
			if m := &e.memberships[e.links[at].membership]; holds(m) {
				set.add(m.group)
				member = true
			}
		}
	}
	if !member {
		return nil
	}
	if r, ok := e.known.get(set); ok {
		return r
	}
	r, content := e.combine(set)
	return e.known.put(set, r, content)
}

// holdsIn reports whether the membership holds for things in the namespace.
func (m *membership) holdsIn(namespace string) bool {
	for _, pattern := range m.namespaces {
		if matches(pattern, namespace) {
			return true
		}
	}
	return len(m.namespaces) == 0
}

// matches reports whether a namespace is the one that the pattern names or, if it ends with ".*", below it.
func matches(pattern, namespace string) bool {
	if parent, ok := strings.CutSuffix(pattern, "*"); ok && strings.HasSuffix(parent, ".") {
		return len(namespace) > len(parent) && strings.HasPrefix(namespace, parent)
	}
	return pattern == namespace
}

// groupSet is a set of groups, one bit for each.
type groupSet []byte

func (s groupSet) add(g int32)      { s[g>>3] |= 1 << (g & 7) }
func (s groupSet) has(g int32) bool { return s[g>>3]>>(g&7)&1 != 0 }
