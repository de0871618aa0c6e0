package httppush

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// keyed is the n-th message of a key.
func keyed(key string, n int) *external.Message {
	return &external.Message{Address: fmt.Sprintf("POST:/%s?%d", key, n), Key: key, Payload: []byte("{}")}
}

// crowd counts who is there at once.
type crowd struct {
	mu         sync.Mutex
	now, most  int
	byKey      map[string]int
	overtaking []string
	arrived    map[string][]string
}

func newCrowd() *crowd { return &crowd{byKey: map[string]int{}, arrived: map[string][]string{}} }

func (c *crowd) enter(r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.most = max(c.most, c.now)
	if c.byKey[r.URL.Path]++; c.byKey[r.URL.Path] > 1 {
		c.overtaking = append(c.overtaking, r.RequestURI)
	}
	c.arrived[r.URL.Path] = append(c.arrived[r.URL.Path], r.URL.RawQuery)
}

func (c *crowd) leave(r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now--
	c.byKey[r.URL.Path]--
}

// TestOrder publishes many messages of some keys to an endpoint that takes its time and fails now and then.
func TestOrder(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		t.Run(name, func(t *testing.T) { testOrder(t, http2) })
	}
}

func testOrder(t *testing.T, http2 bool) {
	const keys, each, parallelism = 20, 25, 8
	crowd := newCrowd()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		crowd.enter(r)
		defer crowd.leave(r)
		time.Sleep(rand.N(2 * time.Millisecond))
		switch rand.N(10) {
		case 0:
			w.WriteHeader(http.StatusInternalServerError)
		case 1:
			panic(http.ErrAbortHandler)
		}
	}, func(s *httptest.Server) { s.EnableHTTP2 = http2 }).with(parallel(parallelism)).dial()
	var outcomes sync.WaitGroup
	want := []string{}
	for n := range each {
		want = append(want, fmt.Sprint(n))
		for key := range keys {
			outcomes.Add(1)
			err := client.Publish(t.Context(), keyed(fmt.Sprintf("key%d", key), n), snapshot.AtMostOnce, func(link.Outcome) { outcomes.Done() })
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	outcomes.Wait()
	if len(crowd.overtaking) > 0 {
		t.Errorf("requests of one key at the same time: %v", crowd.overtaking)
	}
	if crowd.most > parallelism {
		t.Errorf("%d requests at once, want at most %d", crowd.most, parallelism)
	}
	for key, arrived := range crowd.arrived {
		if !slices.Equal(arrived, want) {
			t.Errorf("those of %s came as %v", key, arrived)
		}
	}
	if len(crowd.arrived) != keys {
		t.Errorf("there were requests of %d keys, want %d", len(crowd.arrived), keys)
	}
}

// TestOrderOfRetries has a caller that publishes what failed again before what comes next, as at least once asks for.
func TestOrderOfRetries(t *testing.T) {
	const keys, each = 6, 15
	var mu sync.Mutex
	taken := map[string][]string{}
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if rand.N(3) == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		taken[r.URL.Path] = append(taken[r.URL.Path], r.URL.RawQuery)
	}).with(parallel(4)).dial()
	want := []string{}
	for n := range each {
		want = append(want, fmt.Sprint(n))
	}
	var callers sync.WaitGroup
	for key := range keys {
		callers.Go(func() {
			for n := range each {
				for push(t, client, keyed(fmt.Sprint(key), n)).Again {
				}
			}
		})
	}
	callers.Wait()
	for key := range keys {
		if got := taken["/"+fmt.Sprint(key)]; !slices.Equal(got, want) {
			t.Errorf("those of %d came as %v", key, got)
		}
	}
}

// TestParallelism: one slow key stops no other, and messages without key stop nobody.
func TestParallelism(t *testing.T) {
	for name, key := range map[string]string{"a key": "slow", "none": ""} {
		t.Run(name, func(t *testing.T) {
			release, entered := make(chan struct{}), make(chan struct{})
			client := serve(t, func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/slow" {
					close(entered)
					<-release
				}
			}).with(parallel(2)).dial()
			slow := make(chan link.Outcome, 1)
			m := keyed("slow", 0)
			m.Key = key
			if err := client.Publish(t.Context(), m, snapshot.AtMostOnce, func(o link.Outcome) { slow <- o }); err != nil {
				t.Fatal(err)
			}
			<-entered
			for n := range 20 {
				m := keyed("fast", n)
				m.Key = map[bool]string{true: "fast", false: ""}[key != ""]
				delivered(t, client, m)
			}
			close(release)
			if outcome := <-slow; !outcome.Delivered() {
				t.Errorf("got %+v", outcome)
			}
		})
	}
}

// TestAllAtOnce: as many requests are under way as there may be.
func TestAllAtOnce(t *testing.T) {
	const parallelism = 16
	var there sync.WaitGroup
	there.Add(parallelism)
	client := serve(t, func(http.ResponseWriter, *http.Request) {
		there.Done()
		there.Wait() // It ends when all are there.
	}).with(parallel(parallelism)).dial()
	var outcomes sync.WaitGroup
	for n := range parallelism {
		outcomes.Add(1)
		m := keyed(fmt.Sprint(n), 0)
		if err := client.Publish(t.Context(), m, snapshot.AtMostOnce, func(link.Outcome) { outcomes.Done() }); err != nil {
			t.Fatal(err)
		}
	}
	outcomes.Wait()
}

// held is a client of an endpoint that answers nothing before it is released.
func held(t *testing.T) (client link.Client, entered <-chan string, release func()) {
	t.Helper()
	in, out := make(chan string, 2*maxQueued), make(chan struct{})
	release = sync.OnceFunc(func() { close(out) })
	client = serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		in <- r.RequestURI
		select {
		case <-out:
		case <-r.Context().Done():
		}
	}).dial()
	t.Cleanup(release)
	return client, in, release
}

// TestNoRoom: who publishes more than may wait, waits.
func TestNoRoom(t *testing.T) {
	client, _, release := held(t)
	var outcomes sync.WaitGroup
	put := func(ctx context.Context, m *external.Message) error {
		outcomes.Add(1)
		err := client.Publish(ctx, m, snapshot.AtMostOnce, func(link.Outcome) { outcomes.Done() })
		if err != nil {
			outcomes.Done()
		}
		return err
	}
	for n := range maxQueued {
		if err := put(t.Context(), keyed(fmt.Sprint(n%7), n)); err != nil {
			t.Fatal(err)
		}
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := put(short, keyed("a", 0)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("one more: %v", err)
	}
	waits := make(chan error, 1)
	go func() { waits <- put(t.Context(), keyed("a", 1)) }()
	release()
	if err := <-waits; err != nil {
		t.Errorf("when there is room: %v", err)
	}
	outcomes.Wait()
}

// TestNoRoomForBytes: large messages find room for fewer, but one alone always does.
func TestNoRoomForBytes(t *testing.T) {
	client, _, release := held(t)
	var outcomes sync.WaitGroup
	large := func(ctx context.Context, size int) error {
		outcomes.Add(1)
		m := &external.Message{Address: "POST:/", Payload: make([]byte, size)}
		err := client.Publish(ctx, m, snapshot.AtMostOnce, func(link.Outcome) { outcomes.Done() })
		if err != nil {
			outcomes.Done()
		}
		return err
	}
	if err := large(t.Context(), maxQueuedBytes+1); err != nil {
		t.Fatalf("one alone: %v", err)
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := large(short, 1); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a small one beside it: %v", err)
	}
	release()
	outcomes.Wait()
	if err := large(t.Context(), 1); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	outcomes.Wait()
}

// TestCloseWaits for the outcomes of what was published.
func TestCloseWaits(t *testing.T) {
	client, entered, release := held(t)
	var got atomic.Int64
	for n := range 50 {
		m := keyed(fmt.Sprint(n%3), n)
		err := client.Publish(t.Context(), m, snapshot.AtLeastOnce, func(o link.Outcome) {
			if o.Delivered() {
				got.Add(1)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	<-entered
	closed := make(chan struct{})
	go func() {
		client.Close(context.Background())
		close(closed)
	}()
	<-client.Lost()
	if err := client.Publish(t.Context(), keyed("a", 1), snapshot.AtLeastOnce, func(link.Outcome) { t.Error("an outcome") }); !errors.Is(err, link.ErrLost) {
		t.Errorf("publishing while it is closed: %v", err)
	}
	select {
	case <-closed:
		t.Error("closed before the outcomes")
	default:
	}
	release()
	<-closed
	if n := got.Load(); n != 50 {
		t.Errorf("%d of 50 were delivered", n)
	}
	if err := client.Err(); err != nil {
		t.Errorf("it was closed, and not lost: %v", err)
	}
	client.Close(context.Background()) // Once more does no harm.
}

// TestCloseInTime: what has no answer when the time for that is over has an outcome nevertheless, and may be delivered later.
func TestCloseInTime(t *testing.T) {
	client, entered, _ := held(t)
	outcomes := make(chan link.Outcome, 50)
	for n := range 50 {
		if err := client.Publish(t.Context(), keyed(fmt.Sprint(n%3), n), snapshot.AtLeastOnce, func(o link.Outcome) { outcomes <- o }); err != nil {
			t.Fatal(err)
		}
	}
	<-entered
	over, cancel := context.WithCancel(context.Background())
	cancel()
	client.Close(over)
	if len(outcomes) != 50 {
		t.Fatalf("there are %d outcomes of 50 when it is closed", len(outcomes))
	}
	for range 50 {
		if o := <-outcomes; o.Delivered() || !o.Again || !errors.Is(o.Err, link.ErrLost) {
			t.Errorf("got %+v", o)
		}
	}
	if len(entered) != 0 {
		t.Errorf("%d more requests were made", len(entered))
	}
}

// TestCloseWhileFull: who waits for room does not wait for what never comes.
func TestCloseWhileFull(t *testing.T) {
	client, _, _ := held(t)
	for n := range maxQueued {
		if err := client.Publish(t.Context(), keyed("a", n), snapshot.AtMostOnce, func(link.Outcome) {}); err != nil {
			t.Fatal(err)
		}
	}
	waits := make(chan error, 1)
	go func() {
		waits <- client.Publish(t.Context(), keyed("a", 0), snapshot.AtMostOnce, func(link.Outcome) { t.Error("an outcome") })
	}()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	client.Close(over)
	if err := <-waits; !errors.Is(err, link.ErrLost) {
		t.Errorf("who waits for room is told %v", err)
	}
}

// TestCloseWhilePublishing closes while many publish: each message has an outcome or an error, never both.
func TestCloseWhilePublishing(t *testing.T) {
	e := serve(t, ok).with(parallel(4))
	for range 8 {
		client := e.dial()
		var published, outcomes, lost atomic.Int64
		var publishers sync.WaitGroup
		for p := range 4 {
			publishers.Go(func() {
				for n := range 100 {
					err := client.Publish(t.Context(), keyed(fmt.Sprint(p), n), snapshot.AtMostOnce, func(link.Outcome) { outcomes.Add(1) })
					published.Add(1)
					if err != nil {
						lost.Add(1)
					}
				}
			})
		}
		for published.Load() < 20 {
			time.Sleep(time.Microsecond)
		}
		client.Close(context.Background())
		before := outcomes.Load()
		publishers.Wait()
		if outcomes.Load() != before {
			t.Fatalf("%d outcomes after it was closed", outcomes.Load()-before)
		}
		if published.Load() != outcomes.Load()+lost.Load() {
			t.Fatalf("of %d messages %d have outcomes and %d errors", published.Load(), outcomes.Load(), lost.Load())
		}
	}
}

// TestCloseWhileConnecting: who takes connections and says nothing keeps nobody waiting.
func TestCloseWhileConnecting(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	client := serve(t, ok).with(func(c *snapshot.Connection) { c.URI = "https://" + listener.Addr().String() }).dial()
	outcomes := make(chan link.Outcome, 1)
	if err := client.Publish(t.Context(), post("/"), snapshot.AtLeastOnce, func(o link.Outcome) { outcomes <- o }); err != nil {
		t.Fatal(err)
	}
	silent, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = silent.Close() }()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	client.Close(over)
	if o := <-outcomes; !o.Again || !errors.Is(o.Err, link.ErrLost) {
		t.Errorf("got %+v", o)
	}
	// It ends with the client, and not when a handshake takes too long.
	_ = silent.SetReadDeadline(time.Now().Add(handshakeTimeout / 2))
	if _, err := io.Copy(io.Discard, silent); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
}
