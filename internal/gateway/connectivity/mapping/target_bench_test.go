package mapping

import (
	"testing"

	"github.com/twinway/twinway/internal/snapshot"
)

// What it takes to read a signal, and to map it for one target with an address of three placeholders and two headers.
func BenchmarkMap(b *testing.B) {
	for _, bc := range []struct {
		payload snapshot.TargetPayload
		text    string
	}{
		{snapshot.TargetDittoProtocol, signalEvent},
		{snapshot.TargetNormalizedThing, signalEvent},
		{snapshot.TargetRawMessage, signalMessage},
		{snapshot.TargetCloudEvent, signalEvent},
	} {
		to := target(b, snapshot.Target{
			Payload: bc.payload, Address: "out/{{ thing:namespace }}/{{ thing:name }}/{{ feature:id }}",
			Headers: map[string]string{"mqtt.qos": "1", "id": "{{ header:correlation-id }}"},
		})
		b.Run(string(bc.payload), func(b *testing.B) {
			text := []byte(bc.text)
			b.ReportAllocs()
			for b.Loop() {
				s, err := ReadSignal(text)
				if err != nil {
					b.Fatal(err)
				}
				if m, err := to.Map(s, "made", moment); m == nil || err != nil {
					b.Fatal(m, err)
				}
			}
		})
	}
	b.Run("ReadSignal", func(b *testing.B) {
		text := []byte(signalEvent)
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ReadSignal(text); err != nil {
				b.Fatal(err)
			}
		}
	})
}
