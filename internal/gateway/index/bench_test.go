package index

import (
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
)

// BenchmarkChanges sets one property of a thing.
func BenchmarkChanges(b *testing.B) {
	from := thingOf(b, `{"thingId":"org.eclipse.ditto:test-thing-1","policyId":"org.eclipse.ditto:test-thing-1","definition":"org.eclipse.ditto:coffeebrewer:0.1.0",
		"attributes":{"location":"test location","model":"Speaking coffee machine"},"features":{"coffee-brewer":{"properties":{"brewed-coffees":0}}}}`)
	to := from
	to.Doc = document.Set(from.Doc, document.Pointer{"features", "coffee-brewer", "properties", "brewed-coffees"}, []byte("1"))
	to.Modified = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for name, c := range map[string][2]Thing{"set": {from, to}, "create": {{}, to}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Changes(c[0], c[1])
			}
		})
	}
}
