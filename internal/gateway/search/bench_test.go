package search_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// BenchmarkSearch is a search with one page, from the text of its two messages on, without finding anything.
func BenchmarkSearch(b *testing.B) {
	w := newWorld(b, `{"thingId":"n:t"}`)
	w.quiet = true
	subscribe := []byte(`{"topic":"_/_/things/twin/search/subscribe","path":"/","headers":{"correlation-id":"s"},` +
		`"fields":"thingId","value":{"filter":"eq(thingId,'n:t')","options":"sort(+attributes/a),size(25)","namespaces":["n"]}}`)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		w.asked, w.taken, w.told = w.asked[:0], w.taken[:0], w.told[:0]
		request := fmt.Appendf(nil, `{"topic":"_/_/things/twin/search/request","path":"/","headers":{"correlation-id":"r"},`+
			`"value":{"subscriptionId":"%d","demand":1}}`, i)
		for _, text := range [][]byte{subscribe, request} {
			var env protocol.Envelope
			if err := protocol.Decode(text, &env); err != nil {
				b.Fatal(err)
			}
			w.service.Handle(context.Background(), w, &env)
		}
	}
}
