package operator_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// requests are those that an operator makes of the API server.
type requests struct {
	mu        sync.Mutex
	written   map[string]int // by method and path, but for events and leases
	forbidden []string
	asked     map[string]bool // every path
	last      time.Time       // when the last was made, but for those that go on by themselves
}

func newRequests() *requests { return &requests{written: map[string]int{}, asked: map[string]bool{}} }

// note has all requests pass by.
func (r *requests) note(next http.RoundTripper) http.RoundTripper {
	return tripper(func(request *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(request)
		if err != nil {
			return nil, err
		}
		if response.StatusCode == http.StatusForbidden {
			err = r.forbid(request, response)
		}
		r.count(request)
		return response, err
	})
}

type tripper func(*http.Request) (*http.Response, error)

func (t tripper) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

// forbid notes a right that is missing. Admission forbids things too, which is
// another matter.
func (r *requests) forbid(request *http.Request, response *http.Response) error {
	const most = 64 << 10
	body, err := io.ReadAll(io.LimitReader(response.Body, most))
	if err != nil {
		return err
	}
	response.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), response.Body))
	if !bytes.Contains(body, []byte("User ")) || !bytes.Contains(body, []byte("cannot ")) {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forbidden = append(r.forbidden, request.Method+" "+request.URL.Path)
	return nil
}

func (r *requests) count(request *http.Request) {
	key := request.Method + " " + request.URL.Path
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked[request.URL.Path] = true
	if !request.URL.Query().Has("watch") && !strings.Contains(key, "/leases") {
		r.last = time.Now()
	}
	if request.Method != http.MethodGet && !strings.Contains(key, "/events") && !strings.Contains(key, "/leases") {
		r.written[key]++
	}
}

// forget forgets what was asked for so far.
func (r *requests) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.asked)
}

// idle says whether there was no request for a while.
func (r *requests) idle(d time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return time.Since(r.last) > d
}

// paths returns all that was asked for or written.
func (r *requests) paths() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(maps.Keys(r.asked))
}

// refused returns the requests for which a right was missing.
func (r *requests) refused() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.forbidden)
}

// forgive forgets the rights that were missing: an API server that has just been
// started knows no roles yet.
func (r *requests) forgive() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forbidden = nil
}

// writes returns how often each object was written so far.
func (r *requests) writes() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.written)
}

// since returns what was written beyond an earlier count.
func (r *requests) since(before map[string]int) []string {
	var more []string
	for key, count := range r.writes() {
		if n := count - before[key]; n > 0 {
			more = append(more, fmt.Sprintf("%s (%d times)", key, n))
		}
	}
	slices.Sort(more)
	return more
}
