package twin

import (
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// enriched is the view of an event to which fields of the thing are added.
type enriched struct {
	view  pubsub.View // whole or reduced
	extra *extra
}

// extra is what is added to an event.
type extra struct{ object []byte }

// failure is the view of an event to which the parameters of a subscription
// cannot be applied.
type failure struct{ err *protocol.Error }

// question is all that it depends on what becomes of an event for somebody who
// wants something of it.
type question struct {
	want *pubsub.Want
	// view is whole or reduced.
	view pubsub.View
	// lens is zero if no fields are to be added.
	lens lens
}

// wanted returns how the event looks to an audience that wants something of it
// and otherwise sees it with the given view; rights are those before the event.
func (c *command) wanted(a *pubsub.Audience, w *pubsub.Want, view pubsub.View, rights *enforcer.Rights) pubsub.View {
	if c.memory == nil {
		c.memory = newMemory(workOn(c.limits.MaxSize))
	}
	q, asking := question{want: w, view: view}, (*authority.Requester)(nil)
	if w.Extra != nil && !c.outcome.State.Deleted {
		q.lens, asking = c.lens(a, w, rights)
	}
	if result, known := c.memory.results[q]; known {
		return result
	}
	return c.judgeFor(q, userOf(a), asking)
}

// judgeFor answers a question within what is left to a user, and remembers the answer unless it may be another one for who has
// more left. An event that is not to be told does not fail, either.
func (c *command) judgeFor(q question, user string, asking *authority.Requester) pubsub.View {
	value, told := c.value(q.view)
	if !told {
		return nil
	}
	some, whole := c.memory.budget.grant(user)
	if !some {
		return c.fail(rql.ErrTooMuchWork)
	}
	result := c.judge(q, value, asking)
	c.memory.budget.settle(user)
	if _, failed := result.(*failure); whole || !failed {
		c.memory.rememberResult(q, result)
	}
	return result
}

// judge answers a question about an event of which the value may be read. Protocol
// rule: fields are added first, and the filter is about the event together with
// them. It is about what the subscriber may read: it would tell the rest otherwise.
func (c *command) judge(q question, value []byte, asking *authority.Requester) pubsub.View {
	about := c.memory.aboutEvent(c, q, value)
	added, err := c.added(q, asking, about)
	if err != nil {
		return c.fail(err)
	}
	matches, err := about.matches(q.want.Filter, added)
	switch {
	case err != nil:
		return c.fail(err)
	case !matches:
		c.service.metrics.Evaluated(metrics.EvaluationFiltered)
		return pubsub.Filtered
	}
	c.service.metrics.Evaluated(metrics.EvaluationMatched)
	if added == nil {
		return q.view
	}
	return enriched{q.view, added}
}
