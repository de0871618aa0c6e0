package finder

import (
	"errors"
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// at looks at a thing: whether it is one that is searched for, and by what it is sorted. The result is nil if it is not.
func (f *finding) at(id string) (*found, error) {
	if !f.mayBeBehind(id) {
		return nil, nil
	}
	if err := f.worked(1); err != nil {
		return nil, err
	}
	if len(f.query.Namespaces) > 0 && !slices.Contains(f.query.Namespaces, namespaceOf(id)) {
		return nil, nil
	}
	f.looked++
	record, err := f.source.Load(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && record.Deleted {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := f.worked((len(record.Doc) + len(record.Meta)) / bytesPerStep); err != nil {
		return nil, err
	}
	doc, meta, ok := f.look(id, &record)
	if !ok {
		return nil, nil
	}
	if f.query.Filter != nil {
		if ok, err := f.matches(&record, doc, meta); err != nil || !ok {
			return nil, err
		}
	}
	one := &found{id, f.order.keys(id, &record)}
	if !f.isBehind(one) {
		return nil, nil
	}
	return one, nil
}

var metadataPointer = document.Pointer{"_metadata"}

// maxWork is how much work it may take to look at one thing. It is enough for the longest filter and a thing of 100 KiB that is one
// array of numbers: nobody can spoil the searches of others with a thing of the usual size.
const maxWork = 40 * rql.MaxWork

// workUnasked is how much of that there may be at a time as long as it is nobody's turn, and workPerStep what counts as a step.
const (
	workPerStep = 256
	workUnasked = stepsUnasked * workPerStep
)

// matches reports whether the filter holds for what is seen of a thing. What takes long is begun anew when it is somebody's turn.
func (f *finding) matches(r *store.Record, doc, meta []byte) (bool, error) {
	s := rql.Subject{
		Layers: []rql.Layer{{Value: doc}, {At: metadataPointer, Value: meta}},
		Facts:  facts{(*thing.State)(r)}, Now: f.query.Now,
	}
	if f.unasked {
		ok, err := f.evaluate(&s, workUnasked)
		if !errors.Is(err, rql.ErrTooMuchWork) {
			return ok, err
		}
		if err := f.pause(); err != nil {
			return false, err
		}
	}
	return f.evaluate(&s, maxWork)
}

// evaluate evaluates the filter with so much work at most, which counts.
func (f *finding) evaluate(s *rql.Subject, most int) (bool, error) {
	left := most
	s.Work, s.Limit = &left, most
	ok, err := f.query.Filter.Match(s)
	f.steps += (most - left) / workPerStep
	return ok, err
}

// facts is what a filter can ask of a thing beside the document. It implements rql.Facts.
type facts struct{ *thing.State }

// Placeholder implements rql.Facts: a search has none.
func (f facts) Placeholder(string) (string, bool) { return "", false }

func namespaceOf(id string) string {
	ns, _, _ := strings.Cut(id, ":")
	return ns
}
