package twin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// deaf takes what it is delivered and does nothing with it.
type deaf struct{ audience pubsub.Audience }

func (d *deaf) Audience() *pubsub.Audience { return &d.audience }
func (d *deaf) Deliver(wire.Burst)         {}

// BenchmarkEventTo1000 publishes a change of one property of a thing of 2 KB to 1,000 subscribers. Those of one user share an
// audience; with a subject each there are 1,000.
func BenchmarkEventTo1000(b *testing.B) {
	const subscribers = 1000
	three := `and(gt(features/f1/properties/value,20),ne(features/f1/properties/unit,"K"),like(thingId,"ns:*"))`
	for _, shape := range []struct {
		name, filter, fields string
		filters, subjects    int
	}{
		{"everything", "", "", 0, 1},
		{"filter", three, "", 1, 1},
		{"filters=100/matching=1", "eq(features/f1/properties/value,%d)", "", 100, 1},
		{"filters=100/matching=100", "gt(features/f1/properties/value,-1%d)", "", 100, 1},
		{"extra", "", "attributes/name,features/*/properties/unit", 1, 1},
		{"filter+extra", three, "attributes/name,features/*/properties/unit", 1, 1},
		{"everything/subjects=1000", "", "", 0, 1000},
		{"filter/subjects=1000", three, "", 1, 1000},
		{"filters=100/matching=1/subjects=1000", "eq(features/f1/properties/value,%d)", "", 100, 1000},
		{"filter+extra/subjects=1000", three, "attributes/name,features/*/properties/unit", 1, 1000},
	} {
		b.Run(shape.name, func(b *testing.B) {
			s := serve(b, vfs.NewMem(), "db", settings())
			entries := []string{everything}
			for i := range shape.subjects {
				entries = append(entries, fmt.Sprintf("s:%d +r /", i))
			}
			s.permit(b, "ns:p", entries...)
			author := newCaller()
			var features []string
			for i := range 20 {
				features = append(features, fmt.Sprintf(`"f%d":{"properties":{"value":%d,"unit":"C","since":"2026-01-01T00:00:00Z","ok":true}}`, i, i))
			}
			ask(b, s, author, createThing, "", `"path":"/","value":{"policyId":"ns:p","attributes":{"name":"a lamp"},"features":{`+strings.Join(features, ",")+`}}`)
			author.mustReply(b, "201")
			ask(b, s, author, "ns/t/things/twin/commands/modify", "", `"path":"/features/f1/properties/value","value":42`)
			author.mustReply(b, "204")
			for i := range subscribers {
				filter := shape.filter
				if shape.filters > 1 {
					filter = fmt.Sprintf(filter, i%shape.filters)
				}
				s.hub.Subscribe(&deaf{pubsub.Audience{Subjects: []string{fmt.Sprintf("s:%d", i%shape.subjects)}}}, wanting(b, filter, shape.fields))
			}
			event := *s.published.Load()
			b.ReportAllocs()
			for b.Loop() {
				s.hub.Publish(event)
			}
		})
	}
}
