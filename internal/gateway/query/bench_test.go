package query

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// BenchmarkStream reads and compiles the searches for one thing.
func BenchmarkStream(b *testing.B) {
	for name, filter := range map[string]string{
		"by id":           `eq(thingId,"org.eclipse.ditto:test-thing-4711")`,
		"by an attribute": `eq(attributes/serial,"7f3a-4711")`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Stream(protocol.SearchParameters{Filter: filter, HasFilter: true}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
