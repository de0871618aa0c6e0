package telling

import (
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// memory is what was found out about a signal for those who want something of
// it, so that it is found out once for all who want the same and may read the
// same.
type memory struct {
	results map[question]pubsub.View
	extras  map[choice]*extra
	// content is the extras by what they hold: who sees the same shares it.
	content map[string]*extra
	values  map[Reduced]reducedValue
	abouts  map[perspective]*about
	shown   map[[2]*enforcer.Rights]*shown // nil as long as there is none
	size    int                            // of the extras and of what is shown, in bytes
	policy  *string
	// failures are those that were told, by their reason; nil as long as there is none.
	failures map[string]*failure
	budget   budget
}

// perspective is all that it depends on what can be asked of a signal.
type perspective struct {
	view       pubsub.View
	subscriber string
}

// choice is all that it depends on what is added to a signal.
type choice struct {
	fields string
	view   pubsub.View
	lens   lens
}

// reducedValue is what is told of the event's value, if anything is told.
type reducedValue struct {
	value []byte
	told  bool
}

// Bounds of what is remembered of one signal. What does not fit is found out again.
const (
	maxResults      = 4096
	maxPerspectives = 64
	maxExtras       = 1 << 20 // bytes
)

func newMemory(work int) memory {
	return memory{
		budget:  budget{work: work, left: map[string]int{}},
		results: map[question]pubsub.View{}, values: map[Reduced]reducedValue{}, abouts: map[perspective]*about{},
		extras: map[choice]*extra{}, content: map[string]*extra{},
	}
}

func (m *memory) rememberResult(q question, result pubsub.View) {
	if len(m.results) < maxResults {
		m.results[q] = result
	}
}

// failure returns the failure for a reason, which all are told to whom it applies.
func (m *memory) failure(reason string, of func() *failure) *failure {
	f := m.failures[reason]
	if f == nil {
		f = of()
		if m.failures == nil {
			m.failures = map[string]*failure{}
		}
		m.failures[reason] = f
	}
	return f
}

// rememberShown remembers what rights show of the thing, and reports whether there was room.
func (m *memory) rememberShown(rights [2]*enforcer.Rights, s *shown) bool {
	size := len(s.doc) + len(s.meta)
	if m.size+size > maxExtras {
		return false
	}
	if m.shown == nil {
		m.shown = map[[2]*enforcer.Rights]*shown{}
	}
	m.shown[rights] = s
	m.size += size
	return true
}

// rememberExtra returns what holds the object, nil if that is nothing.
func (m *memory) rememberExtra(chosen choice, object []byte) *extra {
	added := m.content[string(object)]
	if added == nil && object != nil {
		added = &extra{object}
		if m.size+len(object) > maxExtras {
			return added
		}
		m.content[string(object)] = added
		m.size += len(object)
	}
	if len(m.extras) < maxResults {
		m.extras[chosen] = added
	}
	return added
}

// reduced is what the view leaves of the event's value, asked once for each.
func (t *Telling) reduced(view Reduced) (value []byte, told bool) {
	known, ok := t.values[view]
	if !ok {
		known.value, known.told = view.of(t.facts.Event)
		if len(t.values) < maxPerspectives {
			t.values[view] = known
		}
	}
	return known.value, known.told
}

// aboutSignal returns what can be asked of the signal, of which the value may be
// read. It is for one question at a time.
func (t *Telling) aboutSignal(q question, value []byte) *about {
	p := perspective{q.view, q.lens.subject}
	a := t.abouts[p]
	if a == nil {
		a = t.about(value, p.subscriber)
		a.Work, a.subject.Work = &t.budget.unused, &t.budget.unused
		if len(t.abouts) < maxPerspectives {
			t.abouts[p] = a
		}
	}
	return a
}

// policyID returns the id of the policy that the thing has after the signal.
func (t *Telling) policyID() string {
	if t.policy == nil {
		id := t.facts.State.PolicyID()
		t.policy = &id
	}
	return *t.policy
}
