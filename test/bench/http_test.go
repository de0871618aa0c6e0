package bench

import (
	"bytes"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// Requests over HTTP, and what the same is as an envelope: thing by thing, the same ones.
const (
	getThing    = "GET /api/2/things/org.eclipse.ditto:test-thing-%d HTTP/1.1\r\nHost: bench\r\n%s\r\n\r\n"
	putProperty = "PUT /api/2/things/org.eclipse.ditto:test-thing-%d/features/coffee-brewer/properties/brewed-coffees HTTP/1.1\r\nHost: bench\r\n" +
		"%s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%d"
	searchThing = "GET /api/2/search/things?filter=eq(thingId,%%22org.eclipse.ditto:test-thing-%d%%22) HTTP/1.1\r\nHost: bench\r\n%s\r\n\r\n"
)

// asker sends a request and returns what answers it, valid until it asks again.
type asker interface {
	request(text string) ([]byte, error)
}

// request implements asker, for a session of which nothing else is in flight.
func (c *client) request(text string) ([]byte, error) {
	if err := c.send(text); err != nil {
		return nil, err
	}
	return c.next()
}

// inTurn has 50 clients ask, each one thing after the other, until b.N requests are answered with what is wanted.
func inTurn(b *testing.B, wanted string, newClient func() asker, text func(i int) string) {
	b.Helper()
	const clients = 50
	all := make([]asker, clients)
	for i := range all {
		all[i] = newClient()
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	runtime.GC()
	b.ResetTimer()
	began := processorTime()
	for _, c := range all {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return
				}
				if answer, err := c.request(text(i)); err != nil || !bytes.Contains(answer, []byte(wanted)) {
					b.Errorf("%s %v", answer, err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	reportProcessor(b, began, b.N)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}

// BenchmarkHTTP asks over connections that are kept, one request at a time in each, and, to compare, the same of sessions.
func BenchmarkHTTP(b *testing.B) {
	g := start(b)
	create(b, g.Address(), things)
	authorization := authorization()
	session := func() asker { return dial(b, g.Address()) }
	connection := func() asker { return dialHTTP(b, g.Address()) }
	some := func(i int) int { return i * 7919 % things }

	b.Run("get/session", func(b *testing.B) {
		inTurn(b, `"status":200`, session, func(i int) string { return fmt.Sprintf(retrieve, some(i), i) })
	})
	b.Run("get/http", func(b *testing.B) {
		inTurn(b, `200 {"thingId":`, connection, func(i int) string { return fmt.Sprintf(getThing, some(i), authorization) })
	})
	b.Run("put/session", func(b *testing.B) {
		inTurn(b, `"status":204`, session, func(i int) string { return fmt.Sprintf(modify, some(i), i, i) })
	})
	b.Run("put/http", func(b *testing.B) {
		inTurn(b, "204 ", connection, func(i int) string {
			length := len(fmt.Sprint(i))
			return fmt.Sprintf(putProperty, some(i), authorization, length, i)
		})
	})
	b.Run("search/http", func(b *testing.B) {
		inTurn(b, `200 {"items":[{"thingId":`, connection, func(i int) string {
			return fmt.Sprintf(searchThing, some(i), authorization)
		})
	})
}
