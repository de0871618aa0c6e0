package mapping

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/snapshot"
)

// FuzzTarget maps whatever comes as a signal in every form. What is to be JSON is JSON.
func FuzzTarget(f *testing.F) {
	for _, text := range []string{signalEvent, signalMessage, signalAnnouncement, eventText("merged", "/", `,"value":{"a":null,"b":{"c":null,"{{ ~x~ }}":null}}`)} {
		f.Add(text, "{{ thing-json:attributes/room | fn:default(header:mine) }}/{{ feature:id }}", "thingId,_context/value")
	}
	f.Add(eventText("deleted", "/attributes/~0a", `,"extra":{"_context":5,"attributes":{"":{}}}`), "{{ topic:full | fn:split('/') }}", "*,_deletedFields")
	f.Add(eventText("created", "/", `,"value":5`), "", "/")
	payloads := []snapshot.TargetPayload{snapshot.TargetDittoProtocol, snapshot.TargetNormalizedThing, snapshot.TargetRawMessage, snapshot.TargetCloudEvent}
	f.Fuzz(func(t *testing.T, text, template, fields string) {
		canonical, invalid := document.Canonical([]byte(text))
		before := strings.Clone(string(canonical))
		for _, payload := range payloads {
			of := &snapshot.Target{Payload: payload, Address: template, Headers: map[string]string{"x": template}, Fields: fields, DeletedFields: len(text)%2 == 0}
			to, err := NewTarget("cloud", snapshot.ConnectionNATS, &snapshot.Subscription{Target: of})
			if err != nil {
				continue
			}
			if s, err := ReadSignal([]byte(text)); err == nil {
				_, _ = to.Map(s, "made", moment)
			}
			if s, err := ReadSignal(canonical); invalid == nil && err == nil {
				checkMapped(t, to, s, payload)
			}
		}
		if string(canonical) != before {
			t.Fatalf("the signal was modified: %s", canonical)
		}
	})
}

// checkMapped checks the message for a signal whose text is canonical.
func checkMapped(t *testing.T, to *Target, s *Signal, payload snapshot.TargetPayload) {
	m, err := to.Map(s, "made", moment)
	if m == nil || err != nil {
		if m != nil {
			t.Fatalf("%s: message %v and error %v", s.Text, m, err)
		}
		return
	}
	if (m.Address == "") != (to.address == nil) || m.Key == "" && s.Topic.Name != "_" {
		t.Fatalf("%s: address %q, key %q", s.Text, m.Address, m.Key)
	}
	isRaw := payload == snapshot.TargetRawMessage && s.isMessage()
	if !isRaw && !json.Valid(m.Payload) {
		t.Fatalf("%s became %s as %s", s.Text, m.Payload, payload)
	}
}
