package soak

import (
	"bufio"
	"fmt"
	"math"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// books are what the gateway says of itself.
type books struct {
	metrics    map[string]float64
	goroutines goleak.Option
}

// count looks into the books.
func (w *world) count() books {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "http://"+w.gateway.AdminAddress()+"/metrics", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	response, err := w.client.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		w.t.Fatalf("metrics: %s", response.Status)
	}
	b := books{metrics: map[string]float64{}}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if name, value, ok := strings.Cut(lines.Text(), " "); ok && !strings.HasPrefix(name, "#") {
			b.metrics[name], _ = strconv.ParseFloat(value, 64)
		}
	}
	b.goroutines = goleak.IgnoreCurrent()
	return b
}

// mustBeSettled holds the gateway to waiting for nothing once everybody who stays has all outcomes. The devices are still
// there, and those who left were to wait for a minute, so that the guard is shorter than that.
func (w *world) mustBeSettled() {
	for _, name := range []string{"twinway_waits", "twinway_dues", "twinway_searches"} {
		w.awaitFor(min(*guard, eternity/2), "nothing is waited for", func() error {
			return w.shows(name, func(n float64) bool { return n == 0 })
		})
	}
	w.acquit()
	ended := w.count().metrics
	w.t.Logf("waits: %v answered, %v timed out, %v failed, %v abandoned, %v refused; lost: %v unknown, %v mismatched, %v repeated",
		ended[`twinway_waits_ended_total{result="answered"}`], ended[`twinway_waits_ended_total{result="timed-out"}`],
		ended[`twinway_waits_ended_total{result="failed"}`], ended[`twinway_waits_ended_total{result="abandoned"}`],
		ended[`twinway_waits_ended_total{result="refused"}`], ended[`twinway_answers_lost_total{reason="unknown"}`],
		ended[`twinway_answers_lost_total{reason="mismatched"}`], ended[`twinway_answers_lost_total{reason="repeated"}`])
}

// shows reports as an error if a metric is not as it should be.
func (w *world) shows(name string, is func(float64) bool) error {
	n, ok := w.count().metrics[name]
	switch {
	case !ok:
		return fmt.Errorf("there is no metric %s", name)
	case !is(n):
		return fmt.Errorf("%s is %v", name, n)
	}
	return nil
}

// empty are the metrics that are 0 when nobody is there.
var empty = []string{
	"twinway_sessions", "twinway_subscriptions", "twinway_waits", "twinway_dues", "twinway_session_queue_signals", "twinway_engine_queue_commands",
	"twinway_searches", "twinway_search_oldest_view_seconds",
}

// logWriter has a goroutine for each log of the store, of which there is a new one now and then.
const logWriter = "github.com/cockroachdb/pebble/v2/record.(*LogWriter).flushLoop"

// mustBeEmpty holds the gateway to being as it was before.
func (w *world) mustBeEmpty(before books) {
	w.t.Helper()
	for _, name := range empty {
		w.await("the books are empty", func() error { return w.shows(name, func(n float64) bool { return n == 0 }) })
	}
	w.await("there is no goroutine more than before", func() error {
		return goleak.Find(before.goroutines, goleak.IgnoreAnyFunction(logWriter))
	})
}

// memory is what is kept by what has to do with requests, in bytes by package.
type memory struct {
	bytes    map[string]float64
	requests int
}

// forgetful are the packages that keep nothing of a request once it is over. Others keep things and policies: the store and
// caches.
var forgetful = []string{
	"ack", "broker", "deadline", "exchange", "finder", "live", "pubsub", "query", "relay", "rql", "search", "session", "stream", "telling", "twin", "wire",
}

// measure estimates from the profile of memory what is kept.
func measure() memory {
	// What is freed in one cycle shows in the profile of the next one; pools are emptied in two.
	for range 3 {
		runtime.GC()
	}
	m := memory{bytes: map[string]float64{}}
	for _, r := range profile() {
		if name := owner(r.Stack()); name != "" {
			m.bytes[name] += estimate(r.InUseBytes(), r.InUseObjects())
		}
	}
	return m
}

func profile() []runtime.MemProfileRecord {
	for size := 1000; ; size *= 2 {
		records := make([]runtime.MemProfileRecord, size)
		if n, ok := runtime.MemProfile(records, false); ok {
			return records[:n]
		}
	}
}

// owner returns the package that has asked for memory, if it is one of forgetful.
func owner(stack []uintptr) string {
	frames := runtime.CallersFrames(stack)
	for {
		frame, more := frames.Next()
		if _, path, ok := strings.Cut(frame.Function, "/internal/gateway/"); ok {
			name, _, _ := strings.Cut(path, ".")
			if slices.Contains(forgetful, name) {
				return name
			}
			return ""
		}
		if !more {
			return ""
		}
	}
}

// estimate returns how much there is of what was sampled, by the size of it.
func estimate(bytes, objects int64) float64 {
	if objects == 0 {
		return 0
	}
	size := float64(bytes) / float64(objects)
	return float64(bytes) / (1 - math.Exp(-size/profileRate))
}

// What may be kept more than before: noise of the samples, and less for a request than the smallest thing that could be kept.
const (
	noise      = 256 << 10
	perRequest = 8
)

func (m memory) mustNotGrow(t *testing.T, before memory, requests int) {
	t.Helper()
	total := 0.0
	for name, bytes := range m.bytes {
		grown := bytes - before.bytes[name]
		total += grown
		if grown > noise+perRequest*float64(requests) {
			t.Errorf("%d requests make package %s keep %.0f bytes more, %.0f in all", requests, name, grown, bytes)
		}
	}
	t.Logf("%d requests made the packages that forget requests keep %.0f bytes more", requests, total)
}
