package rest

import "testing"

// BenchmarkShow is what each stream does with an event.
func BenchmarkShow(b *testing.B) {
	text := envelopeOf("modified", "/features/lamp/properties/on", `,"value":true`)
	for name, fields := range map[string]string{"whole": "", "fields": "thingId,features/lamp/properties,_revision", "context": "thingId,_context"} {
		b.Run(name, func(b *testing.B) {
			p, err := newProjection(nil, fields, fields != "")
			if err != nil {
				b.Fatal(err)
			}
			var out []byte
			b.ReportAllocs()
			for b.Loop() {
				e, ok := p.show(text)
				if !ok {
					b.Fatal("not shown")
				}
				out = e.append(out[:0])
			}
		})
	}
}

// BenchmarkPick is what an event costs a stream that it is not for.
func BenchmarkPick(b *testing.B) {
	text := envelopeOf("modified", "/features/lamp/properties/on", `,"value":true`)
	c := scope{things: map[string]bool{topicOf("ns", "other"): true}}
	picks := c.picks()
	b.ReportAllocs()
	for b.Loop() {
		if picks(text) {
			b.Fatal("picked")
		}
	}
}
