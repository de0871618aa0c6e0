package expiry

import (
	"slices"
	"sync"

	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// Ack is the acknowledgement of an announcement by a session.
type Ack struct {
	PolicyID string
	// CorrelationID is that of the announcement.
	CorrelationID string
	Label         string
	// Status is positive.
	Status int
	// Audience is that of the session. The subject that was announced must be
	// one of its subjects.
	Audience *pubsub.Audience
}

// attempt is an announcement that was made and waits for acknowledgements.
type attempt struct {
	correlationID string
	leaver        *leaver
	// policyID, subject and labels are the leaver's. No label is there twice.
	policyID, subject string
	labels            []string
	// answers are the statuses by label, 0 while there is none.
	answers []int
	missing int
}

// attempts are those that wait. It takes acknowledgements, and keeps them with
// the attempt, so that there is no queue of them.
type attempts struct {
	wake chan struct{} // capacity 1: there is something to do

	mu       sync.Mutex
	waiting  map[string]*attempt // by correlation id
	answered []*attempt          // those that have all answers, and were not taken
}

func newAttempts(wake chan struct{}) *attempts {
	return &attempts{wake: wake, waiting: map[string]*attempt{}}
}

// open begins an attempt.
func (t *attempts) open(correlationID string, l *leaver) *attempt {
	a := &attempt{
		correlationID: correlationID, leaver: l, policyID: l.ward.id, subject: l.id, labels: l.labels,
		answers: make([]int, len(l.labels)), missing: len(l.labels),
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting[correlationID] = a
	return a
}

// acknowledge takes an acknowledgement, and reports whether it was waited for.
// Of several for one label the first counts.
func (t *attempts) acknowledge(ack Ack) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.waiting[ack.CorrelationID]
	if a == nil || a.policyID != ack.PolicyID || ack.Audience == nil || !slices.Contains(ack.Audience.Subjects, a.subject) {
		return false
	}
	i := slices.Index(a.labels, ack.Label)
	if i < 0 || a.answers[i] != 0 || ack.Status <= 0 {
		return false
	}
	a.answers[i] = ack.Status
	a.missing--
	if a.missing == 0 {
		t.answered = append(t.answered, a)
		signal(t.wake)
	}
	return true
}

// takeAnswered returns the attempts that were answered since the last time.
func (t *attempts) takeAnswered() []*attempt {
	t.mu.Lock()
	defer t.mu.Unlock()
	answered := t.answered
	t.answered = nil
	return answered
}

// close ends an attempt and returns its answers, 0 for each that is missing.
func (t *attempts) close(a *attempt) []int {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.waiting, a.correlationID)
	return a.answers
}

// end ends all attempts.
func (t *attempts) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.waiting)
	t.answered = nil
}

// verdict is what the answers to an announcement come to.
type verdict uint8

const (
	again verdict = iota
	positive
	final
)

// Statuses that say that the announcement should be made again. So do those
// from serverErrors on.
const (
	requestTimeout   = 408
	failedDependency = 424
	serverErrors     = 500
)

// judge returns what answers come to. One that is missing is a timeout.
//
// Protocol rule: as long as there is an answer that may become a better one,
// the announcement is repeated.
func judge(answers []int) verdict {
	v := positive
	for _, status := range answers {
		switch {
		case status == 0 || status == requestTimeout || status == failedDependency || status >= serverErrors:
			return again
		case status < 200 || status > 299:
			v = final
		}
	}
	return v
}
