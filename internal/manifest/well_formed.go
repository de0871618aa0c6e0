package manifest

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/twinway/twinway/internal/snapshot"
)

// maxDepth bounds how deep mappings and lists are nested in one document.
const maxDepth = 50

// wellFormed reports keys that are there twice and what is nested too deep,
// and says whether there was neither.
func (d *document) wellFormed() bool {
	before := d.found
	d.checkNode(d.tree.root, "", maxDepth)
	return d.found == before
}

func (d *document) checkNode(n *yaml.Node, path string, depth int) {
	if depth == 0 {
		d.errorf(path, snapshot.RuleBounded, "must be nested at most %d deep", maxDepth)
		return
	}
	switch n.Kind {
	case yaml.MappingNode:
		seen := make(map[string]bool, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i].Value
			below := member(path, name)
			if seen[name] {
				d.errorf(below, snapshot.RuleUnique, "is there twice")
			}
			seen[name] = true
			d.checkNode(n.Content[i+1], below, depth-1)
		}
	case yaml.SequenceNode:
		for i, element := range n.Content {
			d.checkNode(element, fmt.Sprintf("%s[%d]", path, i), depth-1)
		}
	}
}
