package telling

import (
	"errors"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// about is what placeholders and filters can ask of the signal. It implements
// placeholder.Source and rql.Facts.
type about struct {
	enrich.Signal
	facts *Facts
	// subject is what filters are evaluated on. The layers are what has changed,
	// the id of the thing, and what is added.
	subject rql.Subject
	layers  [3]rql.Layer
}

// about makes it of the signal. Value is what of it may be read.
//
// Protocol rule: the document of a filter is what has changed, at its path and
// without what a patch removes, then the id of the thing, and then what is
// added, where that does not conflict. A signal that is no event tells nothing
// of the thing: there is only what is added.
func (t *Telling) about(value []byte, subscriber string) *about {
	f := &t.facts
	a := &about{facts: f, Signal: enrich.Signal{
		Topic: f.Topic, Path: f.Path, Value: value,
		Headers: f.Headers, Originator: f.Originator, Revision: f.Revision,
		Subject: subscriber, Now: t.deps.Now,
	}}
	if f.Event != nil {
		a.layers[0] = rql.Layer{At: f.Path, Value: value, Patch: f.Event.MergePatch}
		a.layers[1] = rql.Layer{At: thingIDPointer, Value: document.AppendString(nil, f.ThingID)}
	}
	a.subject = rql.Subject{Layers: a.layers[:], Facts: a, Now: a.Now}
	return a
}

// AppendField implements rql.Facts: what an event says of the thing.
func (a *about) AppendField(dst []byte, name string) ([]byte, bool) {
	f := a.facts
	switch {
	case f.Event == nil, name == "_created" && f.Created.IsZero(), name == "_modified" && f.Modified.IsZero():
		return dst, false
	case name == "_namespace": // of which the state knows nothing when the thing is gone
		return document.AppendString(dst, f.Namespace), true
	}
	said := thing.State{Revision: f.Revision, Created: f.Created, Modified: f.Modified}
	return said.AppendField(dst, name)
}

// added returns the fields that are added to the signal, nil for none.
func (t *Telling) added(q question, asking *authority.Requester, a *about) (*extra, error) {
	if !t.selects(q.want) || q.lens == blind {
		return nil, nil
	}
	chosen := choice{fields: q.want.Extra.String(), view: q.view, lens: q.lens}
	if known, ok := t.extras[chosen]; ok {
		return known, nil
	}
	object, err := q.want.Extra.Select(t.seen(q.lens, asking), &a.Signal)
	if err == nil && asking != nil {
		err = asking.Err()
	}
	if err != nil {
		return nil, err
	}
	return t.rememberExtra(chosen, object), nil
}

var thingIDPointer = document.Pointer{"thingId"}

// matches reports whether the signal with what is added to it passes a filter,
// which may be nil.
func (a *about) matches(filter *rql.Predicate, added *extra) (bool, error) {
	if filter == nil {
		return true, nil
	}
	a.layers[2].Value = nil
	if added != nil {
		a.layers[2].Value = added.object
	}
	return filter.Match(&a.subject)
}

// fail returns the view of a signal that somebody is not told, because of err.
func (t *Telling) fail(err error) *failure {
	t.deps.Metrics.Evaluated(metrics.EvaluationFailed)
	reason := reasonOf(err)
	return t.failure(reason, func() *failure {
		return &failure{protocol.ErrEnrichmentFailed(t.facts.ThingID, reason)}
	})
}

// reasonOf is what a subscriber is told of an error. What the store says is for
// operators.
func reasonOf(err error) string {
	switch {
	case errors.Is(err, rql.ErrTooMuchWork), errors.Is(err, enrich.ErrTooMuchWork):
		return "To apply the filters and extra fields of your sessions takes too much work. Choose simpler ones, or fewer different ones."
	case errors.Is(err, enrich.ErrTooManyEntries):
		return "Placeholders in the extra fields stand for too many fields. Choose fewer."
	case errors.Is(err, enrich.ErrTooLarge):
		return "The extra fields are too large. Choose fewer."
	}
	return "The thing or its policy could not be read. Retrieve the current state."
}
