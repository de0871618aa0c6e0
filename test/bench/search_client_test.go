package bench

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// lookup is a search: the members of its value, and what of it is wanted.
type lookup struct {
	value string
	// pages is how many pages are requested, 0 for all.
	pages int
	// finds is how many things there must be in them at least.
	finds int
}

const (
	subscribe = `{"topic":"_/_/things/twin/search/subscribe","headers":{"correlation-id":"%s"},"path":"/","value":{%s}}`
	request   = `{"topic":"_/_/things/twin/search/request","headers":{"correlation-id":"%s"},"path":"/","value":{"subscriptionId":"%s","demand":%d}}`
	cancel    = `{"topic":"_/_/things/twin/search/cancel","headers":{"correlation-id":"%s"},"path":"/","value":{"subscriptionId":"%s"}}`
)

// pending is a search of a session that is under way.
type pending struct {
	lookup
	began time.Time
	found int
	left  int // pages to come
	id    string
}

// searcher is a session that searches.
type searcher struct {
	*client
	flying map[string]*pending // by correlation id
	took   []time.Duration
	sent   int
}

// begin sends a search. The request follows when it is created, as from a client that knows nothing of ids.
func (s *searcher) begin(l lookup) error {
	s.sent++
	correlation := fmt.Sprintf("s%d", s.sent)
	s.flying[correlation] = &pending{lookup: l, began: time.Now(), left: l.pages}
	return s.send(fmt.Sprintf(subscribe, correlation, l.value))
}

// read reads a frame, and answers it if need be. It tells whether that was the end of a search.
func (s *searcher) read() (bool, error) {
	text, err := s.next()
	if err != nil {
		return false, err
	}
	correlation := between(text, `"correlation-id":"`, `"`)
	p := s.flying[correlation]
	if p == nil {
		return false, nil // what comes behind the last page that was wanted
	}
	switch action := between(text, `"topic":"_/_/things/twin/search/`, `"`); action {
	case "created":
		p.id = between(text, `"subscriptionId":"`, `"`)
		demand := p.pages
		if demand == 0 {
			demand = 1 << 30
		}
		return false, s.send(fmt.Sprintf(request, correlation, p.id, demand))
	case "next":
		p.found += bytes.Count(text, []byte(`{"thingId":"`))
		if p.left--; p.left != 0 {
			return false, nil
		}
		if err := s.send(fmt.Sprintf(cancel, correlation, p.id)); err != nil {
			return false, err
		}
	case "complete":
	default:
		return false, fmt.Errorf("%s: %s", p.value, text)
	}
	if p.found < p.finds {
		return false, fmt.Errorf("%s: %d things, want at least %d", p.value, p.found, p.finds)
	}
	s.took = append(s.took, time.Since(p.began))
	delete(s.flying, correlation)
	return true, nil
}

// between returns what stands in a text between two others.
func between(text []byte, before, behind string) string {
	_, rest, _ := bytes.Cut(text, []byte(before))
	found, _, _ := bytes.Cut(rest, []byte(behind))
	return string(found)
}

// search has sessions search, several searches in flight in each, until b.N have ended.
func search(b *testing.B, address string, sessions, window int, of func(i int) lookup) {
	b.Helper()
	all := make([]*searcher, sessions)
	for i := range all {
		all[i] = &searcher{client: dial(b, address), flying: map[string]*pending{}}
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	began := processorTime()
	for _, s := range all {
		wg.Go(func() {
			send := func() bool {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return false
				}
				if err := s.begin(of(i)); err != nil {
					b.Error(err)
					return false
				}
				return true
			}
			for len(s.flying) < window && send() {
			}
			for len(s.flying) > 0 {
				ended, err := s.read()
				if err != nil {
					b.Error(err)
					return
				}
				if ended {
					send()
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	reportProcessor(b, began, b.N)
	var took []time.Duration
	for _, s := range all {
		took = append(took, s.took...)
		_ = s.Close()
	}
	reportSearches(b, took)
}

// reportSearches reports how many searches there were, and how long they took.
func reportSearches(b *testing.B, took []time.Duration) {
	b.Helper()
	if len(took) == 0 {
		return
	}
	slices.Sort(took)
	milliseconds := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "searches/s")
	b.ReportMetric(milliseconds(took[len(took)/2]), "p50-ms")
	b.ReportMetric(milliseconds(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(0, "ns/op")
}
