package mapping

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/snapshot"
)

// A CloudEvent has the envelope as its data.
func TestCloudEvent(t *testing.T) {
	const end = `,"datacontenttype":"application/vnd.eclipse.ditto+json","data":`
	const unnamed = `{"topic":"ns/t/things/twin/errors","headers":{},"path":"/","value":{},"status":500}`
	for _, tc := range []struct{ name, text, want string }{
		{"an event", signalEvent, `{"specversion":"1.0","id":"c","source":"urn:twinway:cloud","type":"org.eclipse.ditto.outbound:things/twin/events/modified",` +
			`"time":"2026-03-04T05:06:07.8Z","subject":"ns:t"` + end + signalEvent + `}`},
		{"what has no time of its own", signalMessage, `{"specversion":"1.0","id":"c","source":"urn:twinway:cloud","type":"org.eclipse.ditto.outbound:things/live/messages/ask/me",` +
			`"time":"2026-03-04T05:06:10Z","subject":"ns:t"` + end + signalMessage + `}`},
		{"what has no id of its own", unnamed, `{"specversion":"1.0","id":"made","source":"urn:twinway:cloud","type":"org.eclipse.ditto.outbound:things/twin/errors",` +
			`"time":"2026-03-04T05:06:10Z","subject":"ns:t"` + end + unnamed + `}`},
		{"an announcement", signalAnnouncement, `{"specversion":"1.0","id":"c","source":"urn:twinway:cloud","type":"org.eclipse.ditto.outbound:policies/announcements/subjectDeletion",` +
			`"time":"2026-03-04T05:06:10Z","subject":"ns:p"` + end + signalAnnouncement + `}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m := mapped(t, target(t, snapshot.Target{Payload: snapshot.TargetCloudEvent}), tc.text)
			if diff := cmp.Diff(tc.want, string(m.Payload)); diff != "" {
				t.Errorf("event (-want +got):\n%s", diff)
			}
			if m.Headers["content-type"] != "application/cloudevents+json" {
				t.Errorf("headers %v", m.Headers)
			}
		})
	}
}

// The source is a reference to something, whatever the connection is called.
func TestCloudEventSource(t *testing.T) {
	to, err := NewTarget(`a b"`, snapshot.ConnectionKafka, &snapshot.Subscription{Target: &snapshot.Target{Payload: snapshot.TargetCloudEvent}})
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"specversion":"1.0","id":"c","source":"urn:twinway:a%20b%22",`
	if got := string(mapped(t, to, signalEvent).Payload); got[:len(want)] != want {
		t.Errorf("event %s", got)
	}
}
