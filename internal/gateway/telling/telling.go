package telling

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Facts are what is known of a signal.
type Facts struct {
	// ThingID and Namespace are those of the thing.
	ThingID, Namespace string
	// Topic, Headers and Originator are those with which the signal is told.
	Topic      protocol.Topic
	Headers    *protocol.Headers
	Originator string
	// Path and Value are what the signal is about. Value is JSON, nil for none, and nil for what is not JSON of a thing, as the
	// payload of a message.
	Path  document.Pointer
	Value []byte
	// Event is what has happened to the thing; Path and Value are those of it. Nil: the signal is no event.
	Event *thing.Event
	// Revision, Created and Modified are what an event says of the thing. Zero: it does not say.
	Revision          int64
	Created, Modified time.Time
	// State is what fields are selected from: the thing after an event of its twin, or as it is when another signal is told.
	// Nil or deleted: there are none.
	State *thing.State
	// PolicyID is the policy under which audiences have the rights that View is called with. "": that of the State.
	PolicyID string
	// Policies is asked for rights under the policy of the State, if that is another one. Nil: there are none.
	Policies Policies
}

// Policies tells what may be done under a policy.
type Policies interface {
	// RightsUnder returns what subjects may do with the thing under a policy, nil if that is nothing.
	RightsUnder(policyID string, subjects []string) *enforcer.Rights
}

// Deps are what a telling needs.
type Deps struct {
	// Authority is asked what may be read of policies.
	Authority *authority.Authority
	Metrics   *metrics.Metrics
	// MaxSize is that of things, in bytes. What may be done for one signal depends on it.
	MaxSize int
	// Now is when the signal is told.
	Now time.Time
}

// Telling is a signal as it looks to those who want something of it.
type Telling struct {
	facts Facts
	deps  Deps
	memory
}

// New returns the telling of a signal.
func New(f Facts, d Deps) *Telling {
	return &Telling{facts: f, deps: d, memory: newMemory(workOn(d.MaxSize))}
}

// question is all that it depends on what becomes of a signal for somebody who
// wants something of it.
type question struct {
	want *pubsub.Want
	// view is the plain one.
	view pubsub.View
	// lens is zero if no fields are to be added.
	lens lens
}

// View returns how the signal looks to an audience that wants w and otherwise sees it with the plain view: the plain view
// itself, one with fields of the thing, one that stands for the signal because w could not be applied to it,
// [pubsub.Filtered], or nil if the signal is not told to them. Rights are what the audience may do with the thing, before it
// is what an event has made of it. Neither w nor the plain view is nil.
func (t *Telling) View(a *pubsub.Audience, w *pubsub.Want, plain pubsub.View, rights *enforcer.Rights) pubsub.View {
	q, asking := question{want: w, view: plain}, (*authority.Requester)(nil)
	if t.selects(w) {
		q.lens, asking = t.lens(a, w, rights)
	}
	if result, known := t.results[q]; known {
		return result
	}
	return t.judgeFor(q, userOf(a), asking)
}

// selects reports whether fields may be added to the signal. Of a thing that is gone there are none.
func (t *Telling) selects(w *pubsub.Want) bool { return w.Extra != nil && t.facts.State.Exists() }

// judgeFor answers a question within what is left to a user, and remembers the answer unless it may be another one for who has
// more left. A signal that is not to be told does not fail, either.
func (t *Telling) judgeFor(q question, user string, asking *authority.Requester) pubsub.View {
	value, told := t.Value(q.view)
	if !told {
		return nil
	}
	some, whole := t.budget.grant(user)
	if !some {
		return t.fail(rql.ErrTooMuchWork)
	}
	result := t.judge(q, value, asking)
	t.budget.settle(user)
	if _, failed := result.(*failure); whole || !failed {
		t.rememberResult(q, result)
	}
	return result
}

// judge answers a question about a signal of which the value may be read. Protocol
// rule: fields are added first, and the filter is about the signal together with
// them. It is about what the subscriber may read: it would tell the rest otherwise.
func (t *Telling) judge(q question, value []byte, asking *authority.Requester) pubsub.View {
	about := t.aboutSignal(q, value)
	added, err := t.added(q, asking, about)
	if err != nil {
		return t.fail(err)
	}
	matches, err := about.matches(q.want.Filter, added)
	switch {
	case err != nil:
		return t.fail(err)
	case !matches:
		t.deps.Metrics.Evaluated(metrics.EvaluationFiltered)
		return pubsub.Filtered
	}
	t.deps.Metrics.Evaluated(metrics.EvaluationMatched)
	if added == nil {
		return q.view
	}
	return enriched{q.view, added}
}
