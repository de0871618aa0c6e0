package mapping

import (
	"slices"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// enforcement lets a message be only about what its sender speaks for.
type enforcement struct {
	input   *template
	filters []*template
}

func (r *reader) enforcement(e *snapshot.Enforcement) *enforcement {
	if e == nil {
		return nil
	}
	read := &enforcement{input: r.read(arrived, "enforcement.input", e.Input)}
	for i, filter := range e.Filters {
		read.filters = append(read.filters, r.read(understood, "enforcement.filters["+strconv.Itoa(i)+"]", filter))
	}
	return read
}

// check checks the envelope that a message has become. Protocol rule: what the input resolves to must equal what one of the filters
// does. What cannot be resolved equals nothing.
//
// The error is connectivity:connection.id.enforcement.failed.
func (e *enforcement) check(in *incoming) *protocol.Error {
	if e == nil {
		return nil
	}
	inputs, err := e.input.resolve(in)
	if err == nil && slices.ContainsFunc(e.filters, func(filter *template) bool { return filter.meets(in, inputs) }) {
		return nil
	}
	return protocol.ErrEnforcementFailed(in.env.Topic.EntityID())
}

// meets reports whether the template stands for one of some texts. An empty one is none.
func (t *template) meets(in *incoming, texts []string) bool {
	own, err := t.resolve(in)
	return err == nil && slices.ContainsFunc(own, func(text string) bool { return text != "" && slices.Contains(texts, text) })
}
