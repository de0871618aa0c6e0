package enforcer

// combine returns the rights of those who belong to the groups, nil if they may do nothing, and what tells these rights from
// others.
func (e *Enforcer) combine(set groupSet) (r *Rights, content []byte) {
	c := combination{nodes: e.nodes, states: make([]state, len(e.nodes))}
	for id, g := range e.groups {
		if set.has(int32(id)) {
			c.declare(g)
		}
	}
	c.inherit()
	if c.summarize(); c.nothing() {
		return nil, nil
	}
	return c.rights(), c.content()
}

// combination is a tree with what some groups declare together.
type combination struct {
	nodes  []node
	states []state // of the nodes
}

type state struct {
	grant, revoke           Permissions // declared here
	effective               Permissions
	grantBelow, revokeBelow Permissions
	kept                    bool
}

func (c *combination) declare(g group) {
	for _, v := range g {
		s := &c.states[v.node]
		s.grant |= v.grant
		s.revoke |= v.revoke
	}
}

// inherit finds out what is effective, and drops declarations without which every question would be answered the same: grants
// of what is granted anyway, and revokes of what is not. Rights are then as small as they can be, and the same rights look the
// same.
//
// A dropped grant is not missed by those above it: either it is effective there too, or something on the way down grants it.
// The same goes for revokes.
func (c *combination) inherit() {
	for i := range c.states {
		s := &c.states[i]
		var inherited Permissions
		if parent := c.nodes[i].parent; parent >= 0 {
			inherited = c.states[parent].effective
		}
		s.grant &^= inherited
		s.revoke &= inherited | s.grant
		s.effective = (inherited | s.grant) &^ s.revoke
	}
}

// summarize tells nodes what is declared below them.
func (c *combination) summarize() {
	for i := len(c.states) - 1; i >= resourceTypes; i-- {
		s, parent := &c.states[i], &c.states[c.nodes[i].parent]
		parent.grantBelow |= s.grant | s.grantBelow
		parent.revokeBelow |= s.revoke | s.revokeBelow
		s.kept = s.grant|s.revoke|s.grantBelow|s.revokeBelow != 0
	}
}

// nothing reports whether nothing is permitted. A grant that is revoked on the same level counts as one, as it does for those
// who ask about the levels above.
func (c *combination) nothing() bool {
	for _, s := range c.states[:resourceTypes] {
		if s.effective|s.grantBelow != 0 {
			return false
		}
	}
	return true
}

// rights returns the kept part of the tree.
func (c *combination) rights() *Rights {
	size := resourceTypes
	for i := range c.states {
		if c.states[i].kept {
			size++
		}
	}
	r := &Rights{nodes: make([]right, 0, size)}
	moved := make([]int32, len(c.nodes))
	for i, s := range c.states {
		if !s.kept && i >= resourceTypes {
			continue
		}
		id := int32(len(r.nodes))
		moved[i] = id
		r.nodes = append(r.nodes, right{name: c.nodes[i].name, place: place{
			effective: s.effective, grantBelow: s.grantBelow, revokeBelow: s.revokeBelow,
		}})
		if parent := c.nodes[i].parent; parent >= 0 {
			p := &r.nodes[moved[parent]]
			if p.next == 0 {
				p.first = id
			}
			p.next = id + 1
		}
	}
	return r
}

// content returns text that is the same for combinations with the same rights.
func (c *combination) content() []byte {
	var text []byte
	for i, s := range c.states {
		if s.grant|s.revoke != 0 {
			text = verdict{int32(i), s.grant, s.revoke}.appendTo(text)
		}
	}
	return text
}
