package expiry

import (
	"slices"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// deletion is the announcement that a subject is removed from a policy. It
// implements pubsub.Body.
type deletion struct {
	policyID, subject string
	deleteAt, now     time.Time
	correlationID     string
	// labels are those of the acknowledgements that are requested, timeout is
	// how long they are waited for; zero if none are.
	labels  []string
	timeout time.Duration
}

// labels is how a deletion looks: with which labels its receiver is asked to
// acknowledge it, each followed by a line feed.
type labels string

// View implements pubsub.Body. Whoever acts for the subject is told, whatever
// the policy permits, and is asked for the acknowledgements that it declared.
func (d *deletion) View(a *pubsub.Audience, w *pubsub.Want) pubsub.View {
	if !slices.Contains(a.Subjects, d.subject) {
		return nil
	}
	if w != nil && w.Filter != nil && !d.matches(w.Filter) {
		return pubsub.Filtered
	}
	var shown labels
	for _, label := range d.labels {
		if slices.Contains(a.Acks, label) {
			shown += labels(label + "\n")
		}
	}
	return shown
}

// Forget implements pubsub.Body.
func (d *deletion) Forget() {}

// matches reports whether the announcement passes a filter. Protocol rule: what
// is no event has no document, only topic, entity and resource. What cannot be
// evaluated keeps no announcement back.
func (d *deletion) matches(filter *rql.Predicate) bool {
	matches, err := filter.Match(&rql.Subject{Facts: facts{topic: enrich.Signal{Topic: d.topic()}}, Now: d.now})
	return matches || err != nil
}

// facts are what filters can look at.
type facts struct{ topic enrich.Signal }

// AppendField implements rql.Facts.
func (f facts) AppendField(dst []byte, _ string) ([]byte, bool) { return dst, false }

// Placeholder implements rql.Facts.
func (f facts) Placeholder(name string) (string, bool) { return f.topic.Placeholder(name) }

func (d *deletion) topic() protocol.Topic { return protocol.SubjectDeletionTopic(d.policyID) }

// AppendSignal implements pubsub.Body.
func (d *deletion) AppendSignal(dst []byte, v pubsub.View, _ *pubsub.Delivery) ([]byte, bool) {
	a := protocol.Announcement{
		Topic:         d.topic(),
		CorrelationID: d.correlationID,
		Timeout:       d.timeout,
		RequestedAcks: strings.FieldsFunc(string(v.(labels)), func(r rune) bool { return r == '\n' }),
		Value:         protocol.AppendSubjectDeletion(nil, d.deleteAt, d.subject),
	}
	return a.Append(dst), true
}
