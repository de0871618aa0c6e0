package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/internal/gateway/twin"
)

const (
	writers = 8  // each owns one thing
	window  = 16 // commands of a writer in flight
)

// ledger is what the outside knows of one thing: the n-th modification sets
// the attribute n, so that the thing's revision is n+1, creation being 1.
type ledger struct {
	sent  int64 // the last modification sent
	acked int64 // the last modification acknowledged
	seen  int64 // the highest revision that a subscriber was shown
}

// TestKill is the promise of durability, kept against SIGKILL.
func TestKill(t *testing.T) {
	rounds := 50
	if n, err := strconv.Atoi(os.Getenv("CRASH_ROUNDS")); err == nil {
		rounds = n
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))

	binary, data := build(t), t.TempDir()
	ledgers := make([]*ledger, writers)
	for i := range ledgers {
		ledgers[i] = &ledger{}
	}
	total := int64(0)
	for round := range rounds {
		p := start(t, binary, data)
		verify(t, p, ledgers)
		load(t, p, ledgers, round%early == 0, time.Duration(random.Int64N(int64(150*time.Millisecond))))
		if t.Failed() {
			t.Fatalf("failed in round %d; the gateway's log ends:\n%s", round, p.log)
		}
		if round%2 == 0 { // else the gateway itself recovers the store next
			verifyHistory(t, data, ledgers)
		}
	}
	p := start(t, binary, data)
	verify(t, p, ledgers)
	if err := p.terminate(); err != nil {
		t.Errorf("the gateway did not end well: %v\n%s", err, p.log)
	}
	for _, l := range ledgers {
		total += l.acked
	}
	t.Logf("%d rounds, %d acknowledged modifications survived", rounds, total)
	if total < int64(rounds-rounds/early-1) {
		t.Errorf("only %d modifications in %d rounds: the test tested nothing", total, rounds)
	}
}

func name(writer int) string { return "thing-" + strconv.Itoa(writer) }

// early is one in how many rounds ends when it may not have modified anything yet.
const early = 5

// load modifies the things while a subscriber watches, and kills the gateway
// when some time has passed: since it was there, or else since the first
// modification was acknowledged.
func load(t *testing.T, p *process, ledgers []*ledger, atOnce bool, after time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	watcher, err := dial(ctx, p.address)
	if err == nil {
		err = watcher.subscribe(ctx)
	}
	if err != nil {
		p.kill()
		t.Error(err)
		return
	}
	defer watcher.close()
	var wg sync.WaitGroup
	wg.Go(func() { watch(ctx, t, watcher, ledgers) })
	acknowledged := make(chan struct{})
	begin := sync.OnceFunc(func() { close(acknowledged) })
	for i, l := range ledgers {
		wg.Go(func() { write(ctx, t, p.address, name(i), l, begin) })
	}
	if !atOnce {
		select {
		case <-acknowledged:
		case <-ctx.Done():
			t.Error("nothing is acknowledged")
		}
	}
	time.Sleep(after)
	p.kill()
	wg.Wait()
}

// watch notes the revisions that a subscriber is shown, which must follow on
// each other.
func watch(ctx context.Context, t *testing.T, c *client, ledgers []*ledger) {
	last := map[string]int64{}
	for {
		e, err := c.receive(ctx)
		if err != nil {
			return // killed
		}
		thing := e.thing()
		if before, ok := last[thing]; ok && e.Revision != before+1 {
			t.Errorf("%s: event of revision %d after that of %d", thing, e.Revision, before)
		}
		last[thing] = e.Revision
		i, err := strconv.Atoi(strings.TrimPrefix(thing, "thing-"))
		if err != nil || i >= len(ledgers) {
			t.Errorf("event of an unknown thing %q", thing)
			return
		}
		ledgers[i].seen = e.Revision
	}
}

// write creates the thing if need be and modifies it until the gateway dies. Acked
// is called for every modification that was acknowledged.
func write(ctx context.Context, t *testing.T, address, thing string, l *ledger, acked func()) {
	c, err := dial(ctx, address)
	if err != nil {
		return // killed
	}
	defer c.close()
	if l.sent == 0 {
		if err := create(ctx, c, thing); err != nil {
			return
		}
	}
	places := make(chan struct{}, window)
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		acknowledge(ctx, t, c, l, places, acked)
	}()
	defer func() { <-killed }()
	for {
		select {
		case places <- struct{}{}:
		case <-killed:
			return
		}
		n := l.sent + 1
		l.sent = n // before sending: a write that fails may have arrived
		err := c.send(ctx, thing, "modify", "/attributes/n", strconv.FormatInt(n, 10), fmt.Sprintf(`,"value":%d`, n))
		if err != nil {
			return
		}
	}
}

// create makes the thing; that it exists already is fine, since the gateway
// may have died before it said so.
func create(ctx context.Context, c *client, thing string) error {
	if err := c.send(ctx, thing, "create", "/", "create", `,"value":{}`); err != nil {
		return err
	}
	e, err := c.receive(ctx)
	if err == nil && e.Status != http.StatusCreated && e.Status != http.StatusConflict {
		err = fmt.Errorf("create: status %d", e.Status)
	}
	return err
}

// acknowledge notes the acknowledged modifications, which must come in order
// and carry the revision that follows from their number.
func acknowledge(ctx context.Context, t *testing.T, c *client, l *ledger, places <-chan struct{}, acked func()) {
	for {
		e, err := c.receive(ctx)
		if err != nil {
			return // killed
		}
		<-places
		n, err := strconv.ParseInt(e.Headers.CorrelationID, 10, 64)
		if err != nil || e.Status/100 != 2 {
			t.Errorf("modification %q of %s: status %d %s", e.Headers.CorrelationID, e.thing(), e.Status, e.Value)
			continue
		}
		if n <= l.acked || e.Headers.Revision != n+1 {
			t.Errorf("%s: modification %d acknowledged after %d, with revision %d", e.thing(), n, l.acked, e.Headers.Revision)
		}
		l.acked = n
		acked()
	}
}

// verify asks a fresh gateway what has survived.
func verify(t *testing.T, p *process, ledgers []*ledger) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c, err := dial(ctx, p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	for i, l := range ledgers {
		if err := c.send(ctx, name(i), "retrieve", "/", "r", `,"fields":"_revision,attributes/n"`); err != nil {
			t.Fatal(err)
		}
		e, err := c.receive(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if e.Status == http.StatusNotFound && l.acked == 0 && l.seen == 0 {
			l.sent = 0
			continue
		}
		var thing struct {
			Revision   int64 `json:"_revision"`
			Attributes struct{ N int64 }
		}
		if err := json.Unmarshal(e.Value, &thing); err != nil || e.Status != http.StatusOK {
			t.Fatalf("%s: status %d, %s, %v", name(i), e.Status, e.Value, err)
		}
		l.compare(t, name(i), thing.Revision, thing.Attributes.N)
		verifyFound(ctx, t, c, name(i), thing.Attributes.N)
		verifyPast(ctx, t, c, name(i), thing.Revision)
	}
}

// compare holds what is there against what is known, and makes it what is
// known from now on.
func (l *ledger) compare(t *testing.T, thing string, revision, n int64) {
	t.Helper()
	if n < l.acked {
		t.Errorf("%s: acknowledged modification %d is lost, the thing is at %d", thing, l.acked, n)
	}
	if n > l.sent {
		t.Errorf("%s: modification %d was never sent, only %d", thing, n, l.sent)
	}
	if revision != n+1 {
		t.Errorf("%s: revision %d after %d modifications", thing, revision, n)
	}
	if l.seen > revision {
		t.Errorf("%s: a subscriber was shown revision %d, the thing is at %d", thing, l.seen, revision)
	}
	l.sent, l.acked = n, n
}

// verifyHistory opens the dead gateway's store and checks that the journal of
// every thing is one unbroken run up to its current revision.
func verifyHistory(t *testing.T, data string, ledgers []*ledger) {
	t.Helper()
	s, err := pebble.Open(pebble.Options{
		Dir: data, IndexRules: index.Version,
		Index: func(store.Record) [][]byte { t.Error("the index is made anew"); return nil },
	})
	if err != nil {
		t.Fatalf("open the store of the killed gateway: %v", err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	}()
	verifyIndex(t, s, ledgers)
	for i := range ledgers {
		key := store.Key{Kind: store.Thing, ID: "test.crash:" + name(i)}
		record, err := s.Load(key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		last := int64(0)
		err = s.History(key, 0, record.Revision+1000, func(e store.Event) bool {
			if last != 0 && e.Revision != last+1 {
				t.Errorf("%s: revision %d follows %d in the history", key.ID, e.Revision, last)
			}
			last = e.Revision
			return true
		})
		if err != nil || last != record.Revision {
			t.Errorf("%s: the history ends at %d, the state is at %d: %v", key.ID, last, record.Revision, err)
		}
	}
}

// verifyIndex checks that things are found by what they are, and by nothing else.
func verifyIndex(t *testing.T, s *pebble.Store, ledgers []*ledger) {
	t.Helper()
	want := map[string]bool{}
	for i := range ledgers {
		record, err := s.Load(store.Key{Kind: store.Thing, ID: "test.crash:" + name(i)})
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range twin.Entries(index.Rules{})(record) {
			want[string(entry)+"test.crash:"+name(i)] = true
		}
	}
	view, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = view.Close() }()
	keys, err := view.Keys(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = keys.Close() }()
	found := 0
	for ok := keys.First(); ok; ok = keys.Next() {
		if _, _, id := index.Split(keys.Key()); !strings.HasPrefix(string(id), "test.crash:") {
			continue
		}
		if found++; !want[string(keys.Key())] {
			t.Errorf("the index has %q", keys.Key())
		}
	}
	if err := keys.Error(); err != nil || found != len(want) {
		t.Errorf("the index has %d entries of %d: %v", found, len(want), err)
	}
}
