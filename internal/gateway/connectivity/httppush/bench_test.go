package httppush

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// BenchmarkPush measures requests to an endpoint of the same process, 16 at once, of 64 things.
func BenchmarkPush(b *testing.B) {
	for _, version := range []string{"HTTP/1.1", "HTTP/2"} {
		for name, of := range map[string]*snapshot.Credentials{
			"bearer": {Bearer: "abc"},
			"AWS4": {HMAC: &snapshot.HMAC{
				Algorithm: snapshot.HMACAWS4, KeyID: "id", Key: "key", Region: "r", Service: "s", SignedHeaders: []string{"content-type", "host"},
			}},
		} {
			b.Run(version+"/"+name, func(b *testing.B) {
				e := serve(b, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, func(s *httptest.Server) {
					s.EnableHTTP2 = version == "HTTP/2"
				}).with(parallel(16)).with(credentials(of))
				client := e.dial()
				payload := make([]byte, 512)
				headers := external.Headers{"content-type": "application/vnd.eclipse.ditto+json", "correlation-id": "c"}
				var outcomes sync.WaitGroup
				outcomes.Add(b.N)
				done := func(link.Outcome) { outcomes.Done() }
				b.ReportAllocs()
				b.ResetTimer()
				for n := range b.N {
					key := fmt.Sprint("org.acme:", n%64)
					m := &external.Message{Address: "POST:/things/" + key, Key: key, Headers: headers, Payload: payload}
					if err := client.Publish(b.Context(), m, snapshot.AtLeastOnce, done); err != nil {
						b.Fatal(err)
					}
				}
				outcomes.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
			})
		}
	}
}

// BenchmarkRequest measures what this package adds to a request: its URL, its headers and a signature.
func BenchmarkRequest(b *testing.B) {
	e := serve(b, ok).with(credentials(&snapshot.Credentials{Bearer: "abc"}))
	c := e.dial().(*client)
	m := post("/things/org.acme:lamp?a=b")
	b.ReportAllocs()
	for b.Loop() {
		request, body, err := c.request(b.Context(), m)
		if err != nil {
			b.Fatal(err)
		}
		if err := c.authorize(request, body, e.is.Load().Credentials, link.Token{Text: "abc"}); err != nil {
			b.Fatal(err)
		}
	}
}
