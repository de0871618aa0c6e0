package expiry

import (
	"slices"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// deletion is the announcement that a subject is removed from a policy. It
// implements pubsub.Body.
type deletion struct {
	policyID, subject string
	deleteAt          time.Time
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
func (d *deletion) View(a *pubsub.Audience) pubsub.View {
	if !slices.Contains(a.Subjects, d.subject) {
		return nil
	}
	var shown labels
	for _, label := range d.labels {
		if slices.Contains(a.Acks, label) {
			shown += labels(label + "\n")
		}
	}
	return shown
}

// AppendSignal implements pubsub.Body.
func (d *deletion) AppendSignal(dst []byte, v pubsub.View) ([]byte, bool) {
	a := protocol.Announcement{
		Topic:         protocol.SubjectDeletionTopic(d.policyID),
		CorrelationID: d.correlationID,
		Timeout:       d.timeout,
		RequestedAcks: strings.FieldsFunc(string(v.(labels)), func(r rune) bool { return r == '\n' }),
		Value:         protocol.AppendSubjectDeletion(nil, d.deleteAt, d.subject),
	}
	return a.Append(dst), true
}
