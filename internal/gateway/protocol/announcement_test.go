package protocol

import (
	"testing"
	"time"
)

func TestAnnouncement(t *testing.T) {
	when := time.Date(2026, 8, 18, 12, 0, 0, 500_000_000, time.FixedZone("", 7200))
	value := AppendSubjectDeletion(nil, when, "integration:x")
	const (
		begin = `{"topic":"org.acme/my:policy/policies/announcements/subjectDeletion","headers":{"correlation-id":"c\"1"`
		end   = `},"path":"/","value":{"deleteAt":"2026-08-18T10:00:00.5Z","subjectIds":["integration:x"]}}`
	)
	for name, c := range map[string]struct {
		timeout time.Duration
		labels  []string
		want    string
	}{
		"that needs no acknowledgement": {0, []string{"not:shown"}, ``},
		"that the receiver is to acknowledge": {10 * time.Second, []string{"my:ack", "other"},
			`,"requested-acks":["my:ack","other"],"timeout":"10s"`},
		"that others are to acknowledge": {time.Minute, nil, `,"requested-acks":[],"timeout":"60s"`},
		"with a timeout of no seconds":   {1500 * time.Millisecond, nil, `,"requested-acks":[],"timeout":"1500ms"`},
	} {
		a := Announcement{
			Topic: SubjectDeletionTopic("org.acme:my:policy"), CorrelationID: `c"1`, Timeout: c.timeout, RequestedAcks: c.labels, Value: value,
		}
		if got := string(a.Append([]byte("x"))); got != "x"+begin+c.want+end {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, begin+c.want+end)
		}
	}
}

func TestSubjectDeletionOfSeveral(t *testing.T) {
	when := time.Date(2026, 8, 18, 10, 0, 0, 0, time.UTC)
	const want = `{"deleteAt":"2026-08-18T10:00:00Z","subjectIds":["a:\"","b:c"]}`
	if got := string(AppendSubjectDeletion(nil, when, `a:"`, "b:c")); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Without a namespace there is still a topic.
func TestSubjectDeletionTopic(t *testing.T) {
	for id, want := range map[string]string{
		"ns:n": "ns/n/policies/announcements/subjectDeletion",
		":n:m": "/n:m/policies/announcements/subjectDeletion",
	} {
		topic := SubjectDeletionTopic(id)
		if got := topic.String(); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
		if parsed, err := ParseTopic(want); err != nil || parsed != topic {
			t.Errorf("%s: is read as %+v, %v", want, parsed, err)
		}
	}
}
