package live

import "testing"

// BenchmarkMessage is what a message costs: once, and for each receiver.
func BenchmarkMessage(b *testing.B) {
	env := decode(b, frame("messages/ask", "/inbox/messages/ask",
		`"headers":{"correlation-id":"c","content-type":"application/json","custom":"x"},"value":{"a":[1,2,3]}`))
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := NewMessage(env); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("append", func(b *testing.B) {
		m, _ := NewMessage(env)
		d := Delivery{CorrelationID: "c", ResponseRequired: true}
		dst := make([]byte, 0, 1024)
		b.ReportAllocs()
		for b.Loop() {
			dst = m.AppendSignal(dst[:0], d)
		}
	})
}
