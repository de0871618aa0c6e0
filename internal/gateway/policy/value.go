package policy

import (
	"math"
	"slices"

	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// lenient accepts every value that any time, requester and settings could make acceptable.
var lenient = model.Reader{MaxImports: math.MaxInt, Requester: "any:subject"}

// resolve returns the command with its value as it is to be stored, and without placeholders in its path.
//
// Protocol rule: the id of a subject has placeholders wherever it is written, and be it in a path.
func (c *Command) resolve(r model.Reader) (*Command, *protocol.Error) {
	resolved := *c
	if c.Path.Kind == protocol.PolicySubject {
		id, err := r.SubjectID(c.Path.Pointer[3])
		if err != nil {
			return nil, err
		}
		resolved.Path.Pointer = append(slices.Clone(c.Path.Pointer[:3]), id)
	}
	var err *protocol.Error
	resolved.Value, err = resolved.read(r)
	return &resolved, err
}

// read reads the value and writes it as it is to be stored.
func (c *Command) read(r model.Reader) ([]byte, *protocol.Error) {
	switch p := c.Path.Pointer; c.Path.Kind {
	case protocol.Root:
		return written(appendPolicy)(r.Policy(c.ID, c.Value))
	case protocol.PolicyEntries:
		return written(model.AppendEntries)(r.Entries(c.ID, c.Value))
	case protocol.PolicyImports:
		return written(model.AppendImports)(r.Imports(c.ID, c.Value))
	case protocol.PolicyImport:
		return written(model.AppendImport)(r.Import(c.ID, p[1], c.Value))
	case protocol.PolicyImportEntries:
		return written(model.AppendImportEntries)(r.ImportEntries(c.Value))
	case protocol.PolicyImportTransitiveImports:
		return written(model.AppendTransitiveImports)(r.TransitiveImports(c.ID, p[1], c.Value))
	}
	return c.readEntry(r)
}

// readEntry is read for an entry and what is in one.
func (c *Command) readEntry(r model.Reader) ([]byte, *protocol.Error) {
	switch p := c.Path.Pointer; c.Path.Kind {
	case protocol.PolicyEntry:
		return written(model.AppendEntry)(r.Entry(p[1], c.Value))
	case protocol.PolicySubjects:
		return written(model.AppendSubjects)(r.Subjects(c.Value))
	case protocol.PolicySubject:
		return written(model.AppendSubject)(r.Subject(p[3], c.Value))
	case protocol.PolicyResources:
		return written(model.AppendResources)(r.Resources(c.Value))
	case protocol.PolicyResource:
		return written(model.AppendResource)(r.Resource(p[3], c.Value))
	case protocol.PolicyImportable:
		return written(model.AppendImportable)(r.Importable(c.Value))
	case protocol.PolicyNamespaces:
		return written(model.AppendNamespaces)(r.Namespaces(c.Value))
	case protocol.PolicyAllowedAdditions:
		return written(model.AppendAllowedAdditions)(r.AllowedAdditions(c.Value))
	case protocol.PolicyReferences:
		return written(model.AppendReferences)(r.References(c.Value))
	}
	return nil, protocol.ErrInternal() // there are no others
}

func appendPolicy(dst []byte, p *model.Policy) []byte { return p.Append(dst) }

// written returns a function that takes what a reader returns and writes it.
func written[T any](write func([]byte, T) []byte) func(T, *protocol.Error) ([]byte, *protocol.Error) {
	return func(v T, err *protocol.Error) ([]byte, *protocol.Error) {
		if err != nil {
			return nil, err
		}
		return write(nil, v), nil
	}
}
