package enforcer

import (
	"encoding/binary"
	"slices"
)

const everything = Read | Write | Execute

// declaration is what an entry says about one resource.
type declaration struct {
	resource ResourceType
	path     []string
	node     int32 // in the tree of the enforcer, once there is one
	grant    Permissions
	revoke   Permissions
}

// Compile prepares the entries of a policy for questions. Resources with other types than those of this package, with keys
// that are none, or without permissions are left out, and so are entries without subjects or resources.
// The entries must not be modified afterwards.
func Compile(entries []Entry) *Enforcer {
	var declarations []declaration
	ends := make([]int, len(entries))
	for i := range entries {
		if len(entries[i].Subjects) > 0 {
			declarations = appendDeclarations(declarations, entries[i].Resources)
		}
		ends[i] = len(declarations)
	}
	c := compiler{
		enforcer: &Enforcer{nodes: grow(declarations), links: make([]link, 1), subjects: map[string]int32{}},
		groups:   map[string]int32{},
		linked:   map[link]int32{},
	}
	start := 0
	for i := range entries {
		if own := declarations[start:ends[i]]; len(own) > 0 {
			c.admit(&entries[i], c.group(own))
		}
		start = ends[i]
	}
	c.enforcer.measure()
	return c.enforcer
}

func appendDeclarations(dst []declaration, resources []Resource) []declaration {
	for _, r := range resources {
		d := declaration{grant: r.Grant & everything, revoke: r.Revoke & everything}
		if d.grant|d.revoke == 0 {
			continue
		}
		var ok bool
		if d.resource, d.path, ok = parseKey(r.Key); ok {
			dst = append(dst, d)
		}
	}
	return dst
}

// compiler fills an enforcer whose tree is complete.
type compiler struct {
	enforcer *Enforcer
	groups   map[string]int32 // by their content
	linked   map[link]int32   // links by their content
	key      []byte
}

// group returns the group of the declarations, which belong to one entry. Entries that declare the same share one.
func (c *compiler) group(own []declaration) int32 {
	slices.SortFunc(own, func(a, b declaration) int { return int(a.node) - int(b.node) })
	var g group
	for _, d := range own {
		if last := len(g) - 1; last >= 0 && g[last].node == d.node {
			g[last].grant |= d.grant
			g[last].revoke |= d.revoke
			continue
		}
		g = append(g, verdict{d.node, d.grant, d.revoke})
	}
	c.key = c.key[:0]
	for _, v := range g {
		c.key = v.appendTo(c.key)
	}
	id, known := c.groups[string(c.key)]
	if !known {
		id = int32(len(c.enforcer.groups))
		c.groups[string(c.key)] = id
		c.enforcer.groups = append(c.enforcer.groups, g)
	}
	return id
}

// admit makes the subjects of the entry members of the group.
func (c *compiler) admit(e *Entry, group int32) {
	own := int32(len(c.enforcer.memberships))
	c.enforcer.memberships = append(c.enforcer.memberships, membership{group: group, namespaces: e.Namespaces})
	for _, subject := range e.Subjects {
		c.enforcer.subjects[subject] = c.link(link{own, c.enforcer.subjects[subject]})
	}
}

// link returns where the link is, which is made once.
func (c *compiler) link(l link) int32 {
	at, known := c.linked[l]
	if !known {
		at = int32(len(c.enforcer.links))
		c.enforcer.links = append(c.enforcer.links, l)
		c.linked[l] = at
	}
	return at
}

// group is what an entry declares, ordered by nodes.
type group []verdict

// verdict is what is declared at a node of the enforcer's tree.
type verdict struct {
	node          int32
	grant, revoke Permissions
}

// appendTo appends what tells the verdict apart from others.
func (v verdict) appendTo(key []byte) []byte {
	return append(binary.AppendUvarint(key, uint64(v.node)), byte(v.grant), byte(v.revoke))
}
