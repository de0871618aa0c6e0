package manifest

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// tree is a document as the YAML parser sees it: what the conversion to JSON
// forgets, lines above all.
type tree struct {
	root *yaml.Node
	// before is the number of lines of the file before the document.
	before int
}

var (
	errTrailing  = errors.New("text after the end of the document")
	errNotObject = errors.New("must be an object with apiVersion and kind")
)

// parse returns the tree of a document. It refuses text that the conversion to
// JSON would ignore.
func parse(c chunk) (tree, error) {
	var root, more yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(c.text))
	if err := decoder.Decode(&root); err != nil && !errors.Is(err, io.EOF) {
		return tree{}, err
	}
	if len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return tree{}, errNotObject
	}
	if err := decoder.Decode(&more); !errors.Is(err, io.EOF) {
		return tree{}, errTrailing
	}
	return tree{root: root.Content[0], before: c.line - 1}, nil
}

// object returns what the document says it is, as far as that can be read.
func (t tree) object() snapshot.Object {
	o := snapshot.Object{
		Kind:      t.text("kind"),
		Namespace: t.text("metadata.namespace"),
		Name:      t.text("metadata.name"),
	}
	if o.Namespace == "" {
		o.Namespace = compile.DefaultNamespace
	}
	return o
}

// line returns the line in the file of a field path such as spec.list[0] or
// data[key], or of as much of it as there is.
func (t tree) line(path string) int {
	_, line, _ := t.find(path)
	return line
}

// text returns the scalar at a field path, or the empty string.
func (t tree) text(path string) string {
	n, _, ok := t.find(path)
	if !ok || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// find returns the node at a field path and the line that its key is on, or
// the last one on the way that there is.
func (t tree) find(path string) (n *yaml.Node, line int, ok bool) {
	n, line = t.root, t.root.Line
	for path != "" {
		var step string
		step, path = cutStep(path)
		key, value := child(n, step)
		if value == nil {
			return n, line + t.before, false
		}
		n, line = value, key.Line
	}
	return n, line + t.before, true
}

// cutStep cuts the first step off a field path: a name up to the next dot or
// bracket, or what is within the brackets it begins with.
func cutStep(path string) (step, rest string) {
	if strings.HasPrefix(path, "[") {
		step, rest, _ = strings.Cut(path[1:], "]")
		return step, strings.TrimPrefix(rest, ".")
	}
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		return path, ""
	}
	return path[:end], strings.TrimPrefix(path[end:], ".")
}

// child returns the key and the value of a member of a mapping, or the element
// of a sequence twice; nil when there is none.
func child(n *yaml.Node, step string) (key, value *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == step {
				return n.Content[i], n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i], n.Content[i]
		}
	}
	return nil, nil
}
