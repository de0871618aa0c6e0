package metrics

import (
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// SearchEnd is how a search has ended.
type SearchEnd int

// The ends.
const (
	SearchCompleted SearchEnd = iota // all that it finds was told, or counted
	SearchCancelled                  // its client did not want more, was not heard of, or is gone
	SearchFailed                     // it was wrong in itself, or the store failed
	SearchTimedOut                   // it took too long, or would have had to keep too much
	SearchRefused                    // too many were under way
	searchEnds
)

// String returns the label of the end.
func (e SearchEnd) String() string {
	return [...]string{"completed", "cancelled", "failed", "timed-out", "refused"}[e]
}

// EndOfSearch returns how a search has ended that ends with an error of a status.
func EndOfSearch(status int) SearchEnd {
	switch status {
	case http.StatusRequestTimeout:
		return SearchTimedOut
	case http.StatusTooManyRequests:
		return SearchRefused
	}
	return SearchFailed
}

// FullScan says why a search may have to look at every thing.
type FullScan int

// The reasons.
const (
	ScanNoFilter   FullScan = iota // nothing is asked of the things
	ScanNotIndexed                 // the index says nothing about what is asked
	fullScans
)

// String returns the label of the reason.
func (s FullScan) String() string { return [...]string{"no-filter", "not-indexed"}[s] }

// searchMetrics are about searches.
type searchMetrics struct {
	ends                  [searchEnds]prometheus.Counter
	scans                 [fullScans]prometheus.Counter
	looked, passed, found prometheus.Counter
	duration              prometheus.Histogram
	waited                prometheus.Counter
}

func newSearchMetrics(r *prometheus.Registry) (m searchMetrics) {
	ends := counters(r, "searches_total", "Searches, counts of things among them, by how they have ended.", "outcome")
	for end := range searchEnds {
		m.ends[end] = ends.WithLabelValues(end.String())
	}
	scans := counters(r, "search_full_scans_total", "Searches for which the index does not narrow down where to look, by reason.", "reason")
	for reason := range fullScans {
		m.scans[reason] = scans.WithLabelValues(reason.String())
	}
	m.looked = counter(r, "search_things_looked_at_total", "Things that searches have read to see whether they match.")
	m.passed = counter(r, "search_keys_passed_total", "Keys of the index that searches have passed.")
	m.found = counter(r, "search_things_found_total", "Things that searches have found, or counted.")
	m.duration = histogram(r, "search_duration_seconds", "Time to find a page of things, or that there are no more, or to count them, waiting for a turn included.",
		prometheus.ExponentialBuckets(0.0001, 2.5, 15))
	m.waited = counter(r, "search_waiting_seconds_total", "Time that searches have waited for others to let them work.")
	return m
}

// SearchEnded counts the end of a search.
func (m *Metrics) SearchEnded(how SearchEnd) { m.search.ends[how].Inc() }

// SearchScans counts a search that may have to look at every thing.
func (m *Metrics) SearchScans(reason FullScan) { m.search.scans[reason].Inc() }

// SearchWorked counts what searches have done: things looked at, keys passed, things found.
func (m *Metrics) SearchWorked(looked, passed, found int) {
	m.search.looked.Add(float64(looked))
	m.search.passed.Add(float64(passed))
	m.search.found.Add(float64(found))
}

// SearchTook notes how long it has taken to find a page, or to count.
func (m *Metrics) SearchTook(d time.Duration) { m.search.duration.Observe(d.Seconds()) }

// SearchWaited notes how long a search has waited until it could work.
func (m *Metrics) SearchWaited(d time.Duration) { m.search.waited.Add(d.Seconds()) }
