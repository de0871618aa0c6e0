package manifest

import (
	"fmt"

	"sigs.k8s.io/yaml"

	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// Bounds on the documents of one file and on what is reported about each.
const (
	maxDocuments = 1000
	maxFindings  = 20
)

// document is one YAML document of a file.
type document struct {
	*loader
	origin compile.Origin
	tree   tree
	object snapshot.Object
	// found counts the findings about the document.
	found int
}

// file takes the objects out of one file.
func (l *loader) file(path string, data []byte) {
	chunks := split(data)
	if len(chunks) > maxDocuments {
		l.findings = append(l.findings, snapshot.Finding{
			Severity: snapshot.Error, File: path, Rule: snapshot.RuleBounded,
			Message: fmt.Sprintf("must have at most %d documents, got %d", maxDocuments, len(chunks)),
		})
		return
	}
	for i, c := range chunks {
		d := document{loader: l, origin: compile.Origin{File: path, Document: i + 1}}
		d.read(c)
	}
}

// read takes the object out of the document, if it is of a kind that matters.
func (d *document) read(c chunk) {
	var err error
	if d.tree, err = parse(c); err != nil {
		d.syntaxError(err, c)
		return
	}
	d.origin.Line = d.tree.line
	d.object = d.tree.object()
	use := d.lookUp()
	if use.add == nil || !d.wellFormed() {
		return
	}
	raw, err := yaml.YAMLToJSONStrict(c.text)
	if err != nil {
		// The error may cite values.
		d.errorf("", snapshot.RuleSyntax, "cannot be converted to JSON")
		return
	}
	use.add(d, raw)
}
