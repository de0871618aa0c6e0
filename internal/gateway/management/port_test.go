package management_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/management"
	wire "github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// gateway is one that only notes what is asked of it.
type gateway struct {
	mu      sync.Mutex
	status  wire.Status
	looks   int // how often Report was called
	refuses func(*snapshot.Snapshot) (wire.RefusalCode, error)
	calls   []string
	pushes  []management.PushResult
}

func (g *gateway) Report() wire.Status {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.looks++
	return g.status
}

func (g *gateway) looked() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.looks
}

func (g *gateway) Apply(next *snapshot.Snapshot) (wire.RefusalCode, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, "apply")
	if g.refuses != nil {
		if code, err := g.refuses(next); err != nil {
			return code, err
		}
	}
	g.status.Hash = next.Hash()
	return "", nil
}

func (g *gateway) TakeOut() {
	g.change("take out", func(s *wire.Status) { s.Draining, s.Ready = true, false })
}
func (g *gateway) Resume() {
	g.change("resume", func(s *wire.Status) { s.Draining, s.Ready = false, true })
}

func (g *gateway) change(call string, f func(*wire.Status)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls = append(g.calls, call)
	f(&g.status)
}

func (g *gateway) pushed(r management.PushResult) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.pushes = append(g.pushes, r)
}

func sample(t testing.TB) *snapshot.Snapshot {
	t.Helper()
	return gatewaytest.Snapshot(t, "../../../config/samples")
}

// newPort returns the port of a gateway that runs the sample.
func newPort(t testing.TB) (*management.Port, *gateway) {
	t.Helper()
	return newPortOf(sample(t))
}

// newPortOf returns the port of a gateway that runs a snapshot.
func newPortOf(snap *snapshot.Snapshot) (*management.Port, *gateway) {
	g := &gateway{status: wire.Status{Gateway: snap.Gateway, Hash: snap.Hash(), Ready: true, Sessions: 3}}
	return management.NewPort(management.Options{Gateway: g, Pushed: g.pushed, Logger: slog.New(slog.DiscardHandler)}), g
}

// ask sends a request to the handler.
func ask(t testing.TB, p *management.Port, method, target, body string) (*httptest.ResponseRecorder, wire.Status) {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body)))
	var status wire.Status
	if w.Header().Get("Content-Type") == "application/json" {
		if err := json.Unmarshal(w.Body.Bytes(), &status); err != nil {
			t.Fatalf("%v in %s", err, w.Body)
		}
	}
	return w, status
}

func TestPushes(t *testing.T) {
	changed := func(changes ...func(*snapshot.Snapshot)) string {
		s := sample(t)
		s.Drain.Budget++
		for _, change := range changes {
			change(s)
		}
		return string(s.Encode())
	}
	refuse := func(code wire.RefusalCode, text string) func(*snapshot.Snapshot) (wire.RefusalCode, error) {
		return func(*snapshot.Snapshot) (wire.RefusalCode, error) { return code, errors.New(text) }
	}
	const newer = "a newer operator wrote it; update the program that is to read it, a gateway by its image (spec.workload.image"
	for name, test := range map[string]struct {
		body    string
		refuses func(*snapshot.Snapshot) (wire.RefusalCode, error)
		code    int
		refused wire.RefusalCode
		message string // what it contains
		applies bool
	}{
		"another":        {changed(), nil, 200, "", "", true},
		"the same":       {string(sample(t).Encode()), nil, 200, "", "", false},
		"nothing":        {"", nil, 400, wire.RefusedUnreadable, "canonical", false},
		"garbage":        {"{garbage", nil, 400, wire.RefusedUnreadable, "canonical", false},
		"not canonical":  {changed() + "\n", nil, 400, wire.RefusedUnreadable, "canonical", false},
		"unknown field":  {strings.Replace(changed(), `{"version"`, `{"more":1,"version"`, 1), nil, 400, wire.RefusedUnreadable, newer, false},
		"newer version":  {strings.Replace(changed(), `"version":1`, `"version":2`, 1), nil, 400, wire.RefusedUnreadable, newer, false},
		"older version":  {strings.Replace(changed(), `"version":1`, `"version":0`, 1), nil, 400, wire.RefusedUnreadable, "0 instead of 1", false},
		"foreign":        {changed(func(s *snapshot.Snapshot) { s.Gateway.Name = "other" }), nil, 409, wire.RefusedForeign, "default/other", false},
		"needs restart":  {changed(), refuse(wire.RefusedRestart, "listener.port"), 409, wire.RefusedRestart, "listener.port", true},
		"not usable":     {changed(), refuse(wire.RefusedUnusable, "users"), 422, wire.RefusedUnusable, "users", true},
		"a long message": {changed(), refuse(wire.RefusedUnusable, strings.Repeat("é", 5000)), 422, wire.RefusedUnusable, "é…", true},
	} {
		t.Run(name, func(t *testing.T) {
			p, g := newPort(t)
			before := p.Status()
			g.refuses = test.refuses
			w, status := ask(t, p, http.MethodPut, wire.PathSnapshot, test.body)
			if w.Code != test.code {
				t.Errorf("answered %d, want %d: %s", w.Code, test.code, w.Body)
			}
			if applied := slices.Contains(g.calls, "apply"); applied != test.applies {
				t.Errorf("the gateway was asked: %t", applied)
			}
			if test.refused == "" {
				mustAccept(t, status, test.body)
				return
			}
			if status.Hash != before.Hash || status.Version != before.Version+1 {
				t.Errorf("hash %s version %d, before %s and %d", status.Hash, status.Version, before.Hash, before.Version)
			}
			r := status.Refused
			if r == nil || r.Code != test.refused || !strings.Contains(r.Message, test.message) || len(r.Message) > 1100 {
				t.Fatalf("refused: %+v", r)
			}
			if hashed(test.body) != r.Hash {
				t.Errorf("refused hash %s", r.Hash)
			}
			if diff := cmp.Diff([]management.PushResult{management.PushRefused}, g.pushes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func mustAccept(t *testing.T, status wire.Status, body string) {
	t.Helper()
	if status.Refused != nil || status.Hash != hashed(body) {
		t.Errorf("hash %s, refused %+v", status.Hash, status.Refused)
	}
}

func TestEqualPushIsNoChange(t *testing.T) {
	p, g := newPort(t)
	before := p.Status()
	for range 3 {
		ask(t, p, http.MethodPut, wire.PathSnapshot, string(sample(t).Encode()))
	}
	if diff := cmp.Diff(before, p.Status()); diff != "" {
		t.Errorf("the Status has changed:\n%s", diff)
	}
	if len(g.calls) > 0 || !slices.Equal(g.pushes, slices.Repeat([]management.PushResult{management.PushUnchanged}, 3)) {
		t.Errorf("calls %v, pushes %v", g.calls, g.pushes)
	}
}

// A refusal is told until a push is taken.
func TestRefusalIsForgotten(t *testing.T) {
	p, _ := newPort(t)
	ask(t, p, http.MethodPut, wire.PathSnapshot, "garbage")
	if s := p.Status(); s.Refused == nil {
		t.Fatal("nothing is refused")
	}
	if _, s := ask(t, p, http.MethodPut, wire.PathSnapshot, string(sample(t).Encode())); s.Refused != nil {
		t.Errorf("refused: %+v", s.Refused)
	}
}

// The largest snapshot is taken as far as its size goes, and not one byte more.
func TestBodySize(t *testing.T) {
	p, g := newPort(t)
	full := strings.Repeat(" ", snapshot.MaxEncodedSize)
	if w, s := ask(t, p, http.MethodPut, wire.PathSnapshot, full); w.Code != 400 || s.Refused == nil {
		t.Errorf("the largest is answered %d", w.Code)
	}
	refused := p.Status().Refused
	for name, body := range map[string]io.Reader{
		"announced":     strings.NewReader(full + " "),
		"not announced": struct{ io.Reader }{strings.NewReader(full + " ")},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPut, wire.PathSnapshot, body)
		p.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: answered %d", name, w.Code)
		}
	}
	if now := p.Status().Refused; now != refused || len(g.calls) > 0 {
		t.Errorf("refused %+v, calls %v", now, g.calls)
	}
}

func TestOtherRequests(t *testing.T) {
	for name, test := range map[string]struct {
		method, target string
		code           int
	}{
		"elsewhere":            {http.MethodGet, "/", 404},
		"get a snapshot":       {http.MethodGet, wire.PathSnapshot, 405},
		"post a snapshot":      {http.MethodPost, wire.PathSnapshot, 405},
		"put a status":         {http.MethodPut, wire.PathStatus, 405},
		"get drain":            {http.MethodGet, wire.PathDrain, 405},
		"a wait that is none":  {http.MethodGet, wire.PathStatus + "?after=x&wait=soon", 400},
		"no position":          {http.MethodGet, wire.PathStatus + "?wait=1m", 200},
		"no wait":              {http.MethodGet, wire.PathStatus + "?after=x/1", 200},
		"a position of others": {http.MethodGet, wire.PathStatus + "?after=x/1&wait=1m", 200},
		"a negative wait":      {http.MethodGet, wire.PathStatus + "?after=x/1&wait=-1m", 200},
	} {
		t.Run(name, func(t *testing.T) {
			p, g := newPort(t)
			if w, _ := ask(t, p, test.method, test.target, ""); w.Code != test.code {
				t.Errorf("answered %d, want %d", w.Code, test.code)
			}
			if len(g.calls) > 0 {
				t.Errorf("calls %v", g.calls)
			}
		})
	}
}

func TestStatusSaysEverything(t *testing.T) {
	p, g := newPort(t)
	links := []wire.LinkStatus{{Name: "a", State: wire.LinkNotServed, Message: "why"}}
	g.status.Reason, g.status.Connections, g.status.Subscriptions = "stuck", links, links
	_, got := ask(t, p, http.MethodGet, wire.PathStatus, "")
	want := g.status
	want.Boot, want.Version = got.Boot, 1
	if diff := cmp.Diff(want, got); diff != "" || got.Boot == "" {
		t.Errorf("boot %q (-want +got):\n%s", got.Boot, diff)
	}
	other, _ := newPort(t)
	if other.Status().Boot == got.Boot {
		t.Error("another port is the same boot")
	}
}

func TestDrainAndResume(t *testing.T) {
	p, g := newPort(t)
	if w, s := ask(t, p, http.MethodPut, wire.PathDrain, ""); w.Code != 200 || !s.Draining || s.Ready || s.Version != 1 {
		t.Errorf("drain: %d %+v", w.Code, s)
	}
	if w, s := ask(t, p, http.MethodDelete, wire.PathDrain, ""); w.Code != 200 || s.Draining || !s.Ready || s.Version != 2 {
		t.Errorf("resume: %d %+v", w.Code, s)
	}
	if diff := cmp.Diff([]string{"take out", "resume"}, g.calls); diff != "" {
		t.Error(diff)
	}
}

// What changes wakes up who waits: what is announced, and what is not.
func TestWaitEndsWithAChange(t *testing.T) {
	for name, change := range map[string]func(*management.Port, *gateway){
		"push": func(p *management.Port, _ *gateway) {
			next := sample(t)
			next.Drain.Budget++
			ask(t, p, http.MethodPut, wire.PathSnapshot, string(next.Encode()))
		},
		"refusal":   func(p *management.Port, _ *gateway) { ask(t, p, http.MethodPut, wire.PathSnapshot, "garbage") },
		"drain":     func(p *management.Port, _ *gateway) { ask(t, p, http.MethodPut, wire.PathDrain, "") },
		"announced": func(p *management.Port, g *gateway) { g.change("", func(s *wire.Status) { s.Hash = "x" }); p.Changed() },
		"readiness": func(_ *management.Port, g *gateway) { g.change("", func(s *wire.Status) { s.Ready = false }) },
		"reason":    func(_ *management.Port, g *gateway) { g.change("", func(s *wire.Status) { s.Reason = "stuck" }) },
		"link": func(_ *management.Port, g *gateway) {
			g.change("", func(s *wire.Status) { s.Connections = []wire.LinkStatus{{Name: "a", State: wire.LinkFailed}} })
		},
	} {
		t.Run(name, func(t *testing.T) {
			p, g := newPort(t)
			before, looked := p.Status(), g.looked()
			done := make(chan wire.Status, 1)
			go func() {
				_, s := ask(t, p, http.MethodGet, gatewaytest.Waiting(before, time.Minute), "")
				done <- s
			}()
			until(t, "it waits", func() bool { return g.looked() > looked })
			change(p, g)
			after := <-done
			if after.Version != before.Version+1 || after.Boot != before.Boot {
				t.Errorf("before %+v, after %+v", before, after)
			}
			if diff := cmp.Diff(after, p.Status()); diff != "" {
				t.Errorf("told and is:\n%s", diff)
			}
		})
	}
}

// Sessions come and go without anybody being told.
func TestWaitEndsWithoutAChange(t *testing.T) {
	p, g := newPort(t)
	before := p.Status()
	g.change("", func(s *wire.Status) { s.Sessions = 7 })
	_, s := ask(t, p, http.MethodGet, gatewaytest.Waiting(before, 10*time.Millisecond), "")
	if s.Version != before.Version || s.Sessions != 7 {
		t.Errorf("before %+v, after %+v", before, s)
	}
}

func TestWaitersAreBounded(t *testing.T) {
	p, _ := newPort(t)
	before := p.Status()
	var waiting sync.WaitGroup
	for range management.MaxWaiters {
		waiting.Go(func() {
			for { // the place may be taken by who asks below
				if w, _ := ask(t, p, http.MethodGet, gatewaytest.Waiting(before, time.Minute), ""); w.Code == http.StatusOK {
					return
				}
			}
		})
	}
	refused := func() bool {
		w, _ := ask(t, p, http.MethodGet, gatewaytest.Waiting(before, time.Nanosecond), "")
		return w.Code == http.StatusServiceUnavailable && w.Header().Get("Retry-After") != ""
	}
	guard := time.Now().Add(time.Minute)
	for !refused() {
		if time.Now().After(guard) {
			t.Fatal("one more is always taken")
		}
	}
	if w, _ := ask(t, p, http.MethodGet, wire.PathStatus, ""); w.Code != 200 {
		t.Errorf("who does not wait is answered %d", w.Code)
	}
	p.End()
	p.End()
	waiting.Wait() // for a minute, if End does not end them
}

func hashed(body string) string { return fmt.Sprintf("%x", sum(body)) }
