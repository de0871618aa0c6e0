package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/test/slowdisk"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// told collects what is published.
type told struct {
	mu    sync.Mutex
	texts []string
}

func (p *told) Publish(signals []*pubsub.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range signals {
		text, _ := s.Body.AppendSignal(nil, s.Body.View(&pubsub.Audience{}, nil), nil)
		p.texts = append(p.texts, string(text))
	}
}

func (p *told) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.texts...)
}

type noHooks struct{}

func (noHooks) GroupDecided(int, int)  {}
func (noHooks) StoreRefused(error)     {}
func (noHooks) Durable([]store.Append) {}

// bench is an engine on a real store.
type bench struct {
	*engine.Engine
	disk  *slowdisk.Disk
	store *pebble.Store
	told  *told
	fatal chan error
	// failed says that the disk was made to fail.
	failed bool
}

func start(t testing.TB, o engine.Options) *bench {
	t.Helper()
	b := &bench{disk: slowdisk.New(), told: &told{}, fatal: make(chan error, 1)}
	var err error
	b.store, err = pebble.Open(pebble.Options{
		Dir: "db", FS: b.disk, CacheSize: 8 << 20, Logger: slog.New(slog.DiscardHandler),
		OnFatal: func(err error) { b.fatal <- err },
	})
	if err != nil {
		t.Fatal(err)
	}
	o.Store, o.Publisher, o.Hooks, o.Clock = b.store, b.told, noHooks{}, time.Now
	b.Engine = engine.New(o)
	t.Cleanup(func() {
		b.Close()
		if err := b.store.Close(); err != nil && !b.failed {
			t.Error(err)
		}
	})
	return b
}

// count is a command that adds one to the entity, or reads it.
type count struct {
	engine.Task
	id    string
	read  bool
	block chan struct{} // Decide waits for it, if set
	pad   int           // added to the size of the record, in bytes

	seen int64 // the revision after the decision
	done chan error
}

func (c *count) Key() store.Key { return store.Key{Kind: store.Thing, ID: c.id} }

func (c *count) Decide(current *store.Record, _ *engine.Siblings, now time.Time) engine.Effect {
	if c.block != nil {
		<-c.block
	}
	if current != nil {
		c.seen = current.Revision
	}
	if c.read {
		return engine.Effect{}
	}
	c.seen++
	text := fmt.Sprintf("%s@%d", c.id, c.seen)
	return engine.Effect{
		Record:  &store.Record{Revision: c.seen, Modified: now, Doc: append(make([]byte, c.pad, c.pad+len(text)), text...)},
		Journal: []byte(text),
		Signal:  &pubsub.Signal{Namespace: "n", Body: words(text)},
	}
}

func (c *count) Complete(err error) { c.done <- err }

type words string

func (w words) View(*pubsub.Audience, *pubsub.Want) pubsub.View { return w }

func (words) Forget() {}

func (w words) AppendSignal(dst []byte, _ pubsub.View, _ *pubsub.Delivery) ([]byte, bool) {
	return append(dst, w...), true
}

// submit queues a command and returns it.
func (b *bench) submit(t testing.TB, c *count) *count {
	t.Helper()
	c.done = make(chan error, 1)
	c.Command = c
	if err := b.Submit(t.Context(), &c.Task); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCommandsOnOneEntityKeepTheirOrder(t *testing.T) {
	b := start(t, engine.Options{})
	var commands []*count
	for i := range 1000 {
		commands = append(commands, b.submit(t, &count{id: "a", read: i%3 == 2}))
	}
	want := int64(0)
	for i, c := range commands {
		if !c.read {
			want++
		}
		if err := <-c.done; err != nil || c.seen != want {
			t.Fatalf("command %d: revision %d, want %d: %v", i, c.seen, want, err)
		}
	}
	texts := b.told.all()
	for i, text := range texts {
		if text != fmt.Sprintf("a@%d", i+1) {
			t.Fatalf("event %d is %s", i, text)
		}
	}
	if len(texts) != int(want) {
		t.Errorf("%d events, want %d", len(texts), want)
	}
}

func TestManyEntitiesAtOnce(t *testing.T) {
	b := start(t, engine.Options{CacheBytes: 4 << 10}) // so small that records are read again from the store
	const entities, each = 50, 40
	var wg sync.WaitGroup
	for e := range entities {
		wg.Go(func() {
			for n := range each {
				c := b.submit(t, &count{id: fmt.Sprint("e", e)})
				if err := <-c.done; err != nil || c.seen != int64(n+1) {
					t.Errorf("entity %d: revision %d, want %d: %v", e, c.seen, n+1, err)
				}
			}
		})
	}
	wg.Wait()
}

// What is decided is not told before the disk has it: no completion, no event,
// and no answer to a read that has seen it.
func TestNothingIsToldBeforeItIsDurable(t *testing.T) {
	b := start(t, engine.Options{})
	if err := <-b.submit(t, &count{id: "a"}).done; err != nil {
		t.Fatal(err)
	}
	release := b.disk.HoldSyncs()
	defer release()

	write := b.submit(t, &count{id: "a"})
	read := b.submit(t, &count{id: "a", read: true})
	other := b.submit(t, &count{id: "a-never-written", read: true})
	if err := <-other.done; err != nil {
		t.Fatal("a read of something durable waits for the disk", err)
	}
	time.Sleep(20 * time.Millisecond) // gives a wrong engine time to tell
	select {
	case err := <-write.done:
		t.Fatal("a write was acknowledged before it was durable", err)
	case err := <-read.done:
		t.Fatal("a read showed what was not durable", err)
	default:
	}
	if texts := b.told.all(); len(texts) != 1 {
		t.Fatalf("published before durable: %v", texts)
	}
	release()
	if err := errors.Join(<-write.done, <-read.done); err != nil {
		t.Fatal(err)
	}
	if read.seen != 2 {
		t.Errorf("the read saw revision %d, want its predecessor's 2", read.seen)
	}
}

func TestDeadlinePassesWhileTheDiskHangs(t *testing.T) {
	b := start(t, engine.Options{})
	release := b.disk.HoldSyncs()
	defer release()
	deciding := &count{id: "a", Task: engine.Task{Deadline: time.Now().Add(50 * time.Millisecond)}}
	b.submit(t, deciding)
	if err := <-deciding.done; !errors.Is(err, engine.ErrTimeout) {
		t.Fatalf("completed with %v", err)
	}
	release()
	// It took effect all the same, and its event is published.
	after := b.submit(t, &count{id: "a", read: true})
	if err := <-after.done; err != nil || after.seen != 1 {
		t.Fatalf("revision %d, %v", after.seen, err)
	}
	select {
	case err := <-deciding.done:
		t.Fatalf("completed twice: %v", err)
	default:
	}
	if texts := b.told.all(); len(texts) != 1 {
		t.Fatalf("events: %v", texts)
	}
}

func TestDeadlinePassesInTheQueue(t *testing.T) {
	b := start(t, engine.Options{Shards: 1})
	block := make(chan struct{})
	b.submit(t, &count{id: "a", block: block})
	late := b.submit(t, &count{id: "b", Task: engine.Task{Deadline: time.Now().Add(30 * time.Millisecond)}})
	if err := <-late.done; !errors.Is(err, engine.ErrTimeout) {
		t.Fatalf("completed with %v", err)
	}
	close(block)
	check := b.submit(t, &count{id: "b", read: true})
	if err := <-check.done; err != nil || check.seen != 0 {
		t.Fatalf("a command was decided after its deadline: revision %d, %v", check.seen, err)
	}
}

func TestFullQueueMakesSubmittersWait(t *testing.T) {
	b := start(t, engine.Options{Shards: 1, QueueLimit: 2})
	block := make(chan struct{})
	b.submit(t, &count{id: "a", block: block})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	taken := 0
	for {
		c := &count{id: "a", done: make(chan error, 1)}
		c.Command = c
		if err := b.Submit(ctx, &c.Task); err != nil {
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			break
		}
		taken++
	}
	if taken > 3 {
		t.Errorf("a queue of 2 took %d commands", taken)
	}
	close(block)
	after := b.submit(t, &count{id: "a"})
	if err := <-after.done; err != nil || after.seen != int64(taken+2) {
		t.Errorf("revision %d after %d commands, %v", after.seen, taken+2, err)
	}
}

func TestFailedDiskEndsTheEngine(t *testing.T) {
	b := start(t, engine.Options{})
	if err := <-b.submit(t, &count{id: "a"}).done; err != nil {
		t.Fatal(err)
	}
	b.disk.FailSyncs()
	b.failed = true
	if err := <-b.submit(t, &count{id: "a"}).done; !errors.Is(err, engine.ErrUnavailable) {
		t.Fatalf("completed with %v", err)
	}
	if err := <-b.fatal; err == nil {
		t.Error("the store failed without a reason")
	}
	for _, c := range []*count{{id: "a", read: true}, {id: "b"}} {
		if err := <-b.submit(t, c).done; !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("after the failure %q completed with %v", c.id, err)
		}
	}
	if b.Err() == nil {
		t.Error("Err is nil")
	}
	if texts := b.told.all(); len(texts) != 1 {
		t.Errorf("events: %v", texts)
	}
}

// gather queues commands so that they are decided together, behind one that
// blocks.
func (b *bench) gather(t *testing.T, commands []*count) {
	t.Helper()
	block := make(chan struct{})
	b.submit(t, &count{id: "block", block: block})
	for _, c := range commands {
		b.submit(t, c)
	}
	close(block)
}

// What a command has changed is seen by the next, also if the cache has no
// room for it and the store does not have it yet.
func TestChangesAreSeenBeforeTheyAreInTheStore(t *testing.T) {
	b := start(t, engine.Options{Shards: 1, CacheBytes: 1})
	for _, id := range []string{"a", "x", "y", "z"} {
		if err := <-b.submit(t, &count{id: id}).done; err != nil {
			t.Fatal(err)
		}
	}
	commands := []*count{
		{id: "a"}, {id: "x", read: true}, {id: "y", read: true}, {id: "z", read: true}, {id: "a", read: true},
		{id: "new"}, {id: "x", read: true}, {id: "y", read: true}, {id: "new"}, {id: "a"},
	}
	b.gather(t, commands)
	for i, want := range []int64{2, 1, 1, 1, 2, 1, 1, 1, 2, 3} {
		if err := <-commands[i].done; err != nil || commands[i].seen != want {
			t.Errorf("command %d on %s saw revision %d, want %d: %v", i, commands[i].id, commands[i].seen, want, err)
		}
	}
}

// However much waits, no batch is larger than the store takes.
func TestGroupsAreBoundedInBytes(t *testing.T) {
	b := start(t, engine.Options{Shards: 1, CacheBytes: 1 << 20})
	var commands []*count
	for range 1500 { // in two groups at the most, each of which would be too large
		commands = append(commands, &count{id: "a", pad: 100 << 10})
	}
	b.gather(t, commands)
	for i, c := range commands {
		if err := <-c.done; err != nil || c.seen != int64(i+1) {
			t.Fatalf("command %d: revision %d, %v", i, c.seen, err)
		}
	}
}

func TestCloseFinishesWhatWasTaken(t *testing.T) {
	b := start(t, engine.Options{})
	var commands []*count
	for i := range 500 {
		commands = append(commands, b.submit(t, &count{id: fmt.Sprint(i % 7)}))
	}
	b.Engine.Close()
	for _, c := range commands {
		select {
		case err := <-c.done:
			if err != nil {
				t.Fatal(err)
			}
		default:
			t.Fatal("Close returned before a command was completed")
		}
	}
	c := &count{id: "a"}
	c.Command = c
	if err := b.Submit(t.Context(), &c.Task); !errors.Is(err, engine.ErrClosed) {
		t.Errorf("Submit after Close: %v", err)
	}
}

func BenchmarkModify(b *testing.B) {
	e := start(b, engine.Options{})
	ids := make([]string, 1000)
	for i := range ids {
		ids[i] = fmt.Sprint("thing", i)
	}
	var next atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c := e.submit(b, &count{id: ids[next.Add(1)%1000]})
			if err := <-c.done; err != nil {
				b.Error(err)
			}
		}
	})
}
