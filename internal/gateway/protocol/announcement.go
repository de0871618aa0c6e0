package protocol

import (
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Announcement tells beforehand, or afterwards, of something that the server does on its own account.
type Announcement struct {
	// Topic has the criterion Announcements and the name of the announcement as subject.
	Topic         Topic
	CorrelationID string
	// Timeout is how long acknowledgements are waited for, in whole milliseconds; zero: none are requested.
	Timeout time.Duration
	// RequestedAcks are the labels that the receiver is asked to acknowledge with, which may be none although others are.
	RequestedAcks []string
	// Value is JSON.
	Value []byte
}

// Append appends the announcement as an envelope.
func (a *Announcement) Append(dst []byte) []byte {
	dst = append(dst, `{"topic":`...)
	dst = a.Topic.appendJSON(dst)
	dst = append(dst, `,"headers":{"correlation-id":`...)
	dst = document.AppendString(dst, a.CorrelationID)
	if a.Timeout > 0 {
		dst = AppendLabels(append(dst, `,"requested-acks":`...), a.RequestedAcks)
		dst = append(dst, `,"timeout":"`...)
		dst = append(appendTimeout(dst, a.Timeout), '"')
	}
	dst = append(dst, `},"path":"/"`...)
	dst = appendMember(dst, `,"value":`, a.Value)
	return append(dst, '}')
}

// appendTimeout appends a timeout as [Headers.Timeout] reads it, in seconds if they are whole.
func appendTimeout(dst []byte, d time.Duration) []byte {
	if d%time.Second == 0 {
		return append(strconv.AppendInt(dst, int64(d/time.Second), 10), 's')
	}
	return append(strconv.AppendInt(dst, d.Milliseconds(), 10), "ms"...)
}

// subjectDeletion is the name of the announcement that subjects of a policy are deleted.
const subjectDeletion = "subjectDeletion"

// SubjectDeletionTopic returns the topic of the announcement that subjects are going to be deleted from a policy, or were.
func SubjectDeletionTopic(policyID string) Topic {
	namespace, name, _ := strings.Cut(policyID, ":")
	return Topic{Namespace: namespace, Name: name, Group: Policies, Criterion: Announcements, Subject: subjectDeletion}
}

// AppendSubjectDeletion appends the value of that announcement: when the subjects are deleted, and their ids.
func AppendSubjectDeletion(dst []byte, deleteAt time.Time, subjects ...string) []byte {
	dst = append(dst, `{"deleteAt":"`...)
	dst = deleteAt.UTC().AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","subjectIds":`...)
	return append(AppendLabels(dst, subjects), '}')
}
