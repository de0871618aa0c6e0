package twin

import (
	"errors"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// about is what placeholders and filters can ask of the event. It implements
// placeholder.Source and rql.Facts.
type about struct {
	enrich.Signal
	command *command
	// subject is what filters are evaluated on. The layers are what has changed,
	// the id of the thing, and what is added.
	subject rql.Subject
	layers  [3]rql.Layer
}

// about makes it of the event. Value is what of it may be read.
//
// Protocol rule: the document of a filter is what has changed, at its path and
// without what a patch removes, then the id of the thing, and then what is
// added, where that does not conflict.
func (c *command) about(value []byte, subscriber string) *about {
	event := c.outcome.Event
	a := &about{command: c, Signal: enrich.Signal{
		Topic: c.eventTopic(), Path: event.Path.Pointer, Value: value,
		Headers: &c.Headers, Originator: c.thing.Subject, Revision: c.outcome.State.Revision,
		Subject: subscriber, Now: c.service.clock(),
	}}
	a.layers = [...]rql.Layer{
		{At: event.Path.Pointer, Value: value, Patch: event.MergePatch},
		{At: thingIDPointer, Value: document.AppendString(nil, c.thing.ID)},
		{},
	}
	a.subject = rql.Subject{Layers: a.layers[:], Facts: a, Now: a.Now}
	return a
}

// AppendField implements rql.Facts.
func (a *about) AppendField(dst []byte, name string) ([]byte, bool) {
	if name == "_namespace" { // of which the state knows nothing when the thing is gone
		return document.AppendString(dst, a.command.thing.Namespace), true
	}
	return a.command.outcome.State.AppendField(dst, name)
}

// added returns the fields that are added to the event, nil for none. A thing that is
// gone has none.
func (c *command) added(q question, asking *authority.Requester, a *about) (*extra, error) {
	if q.want.Extra == nil || c.outcome.State.Deleted {
		return nil, nil
	}
	chosen := choice{fields: q.want.Extra.String(), view: q.view, lens: q.lens}
	if known, ok := c.memory.extras[chosen]; ok {
		return known, nil
	}
	object, err := q.want.Extra.Select(c.seen(q.lens, asking), &a.Signal)
	if err == nil && asking != nil {
		err = asking.Err()
	}
	if err != nil {
		return nil, err
	}
	return c.memory.rememberExtra(chosen, object), nil
}

var thingIDPointer = document.Pointer{"thingId"}

// matches reports whether the event with what is added to it passes a filter,
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

// fail returns the view of an event that somebody is not told, because of err.
func (c *command) fail(err error) *failure {
	c.service.metrics.Evaluated(metrics.EvaluationFailed)
	reason := reasonOf(err)
	return c.memory.failure(reason, func() *failure {
		return &failure{protocol.ErrEnrichmentFailed(c.thing.ID, reason)}
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

// appendFailure appends what is told in place of the event.
func (c *command) appendFailure(dst []byte, f *failure) []byte {
	response := protocol.ErrorResponse{Topic: c.Topic, Headers: c.Headers, Originator: c.thing.Subject, Error: f.err}
	return response.Append(dst)
}
