package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
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
	most  int // how many signals were published together
	// publishing is told of the first signals, which then wait until it is closed; nil: they do not.
	publishing chan struct{}
	held       atomic.Bool
	// first passes on, with publishing, how many times something is published before that.
	first atomic.Int64
}

func (p *told) Publish(signals []*pubsub.Signal) {
	if p.publishing != nil && p.first.Add(-1) < 0 && p.held.CompareAndSwap(false, true) {
		p.publishing <- struct{}{}
		<-p.publishing
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.most = max(p.most, len(signals))
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

// count is a command that adds one to the entity, reads it, or says what it has read.
type count struct {
	engine.Task
	id    string
	read  bool
	says  bool
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
	switch {
	case c.says:
		return engine.Effect{Signal: &pubsub.Signal{Namespace: "n", Body: words(fmt.Sprintf("%s is at %d", c.id, c.seen))}}
	case c.read:
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

// What changes nothing may have something to tell, too. That comes in its place among the events of the entity.
func TestSignalsWithoutAChangeKeepTheirPlace(t *testing.T) {
	b := start(t, engine.Options{})
	var commands []*count
	var want []string
	for i, revision := 0, 0; i < 1000; i++ {
		says := i%3 == 1
		if !says {
			revision++
			want = append(want, fmt.Sprintf("a@%d", revision))
		} else {
			want = append(want, fmt.Sprintf("a is at %d", revision))
		}
		commands = append(commands, b.submit(t, &count{id: "a", says: says}))
		if i%50 == 0 { // what follows begins a new group
			commands[i].done <- <-commands[i].done
		}
	}
	for _, c := range commands {
		if err := <-c.done; err != nil {
			t.Fatal(err)
		}
	}
	if got := b.told.all(); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

// Something is told of an entity when what it has seen of it is durable: not before, and not later.
func TestSignalsWithoutAChangeWaitForWhatTheyHaveSeen(t *testing.T) {
	b := start(t, engine.Options{})
	if err := <-b.submit(t, &count{id: "a"}).done; err != nil {
		t.Fatal(err)
	}
	release := b.disk.HoldSyncs()
	defer release()
	if err := <-b.submit(t, &count{id: "a", says: true}).done; err != nil {
		t.Fatal(err)
	}
	write := b.submit(t, &count{id: "a"})
	second := b.submit(t, &count{id: "a", says: true})
	time.Sleep(20 * time.Millisecond) // gives a wrong engine time to tell
	if got, want := b.told.all(), []string{"a@1", "a is at 1"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	release()
	if err := errors.Join(<-write.done, <-second.done); err != nil {
		t.Fatal(err)
	}
	if got, want := b.told.all(), []string{"a@1", "a is at 1", "a@2", "a is at 2"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

// What is durable is not yet published.
func TestSignalsWithoutAChangeWaitForThoseBefore(t *testing.T) {
	b := start(t, engine.Options{Shards: 1})
	b.told.publishing = make(chan struct{})
	write := b.submit(t, &count{id: "a"})
	<-b.told.publishing
	second := b.submit(t, &count{id: "a", says: true})
	b.decided(t)
	close(b.told.publishing)
	if err := errors.Join(<-write.done, <-second.done); err != nil {
		t.Fatal(err)
	}
	if got, want := b.told.all(), []string{"a@1", "a is at 1"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}

// decided returns when all that was submitted to the only shard is decided.
func (b *bench) decided(t *testing.T) {
	t.Helper()
	if err := <-b.submit(t, &count{id: "never-written", read: true}).done; err != nil {
		t.Fatal(err)
	}
}

// What had to wait is not overtaken by what comes when it need not wait any more.
func TestWhatChangesNothingKeepsItsOrder(t *testing.T) {
	b := start(t, engine.Options{Shards: 1})
	b.told.publishing = make(chan struct{})
	b.told.first.Store(1) // the change, but nothing of what has seen it
	release := b.disk.HoldSyncs()
	write := b.submit(t, &count{id: "a"})
	b.decided(t)
	first := []*count{b.submit(t, &count{id: "a", says: true}), b.submit(t, &count{id: "a", read: true})}
	b.decided(t)
	release()
	if err := <-write.done; err != nil {
		t.Fatal(err)
	}
	<-b.told.publishing
	second := []*count{b.submit(t, &count{id: "a", says: true}), b.submit(t, &count{id: "a", read: true})}
	b.decided(t)
	for i, c := range second {
		if len(c.done) > 0 {
			t.Errorf("%d was completed although one before was not", i)
		}
	}
	close(b.told.publishing)
	for _, c := range append(first, second...) {
		if err := <-c.done; err != nil {
			t.Fatal(err)
		}
	}
}

// What has seen a change that never happened is not told, and its requester is told so.
func TestNothingIsToldOfWhatNeverHappened(t *testing.T) {
	b := start(t, engine.Options{Shards: 1})
	release := b.disk.HoldSyncs()
	write := b.submit(t, &count{id: "a"})
	b.decided(t)
	says, reads := b.submit(t, &count{id: "a", says: true}), b.submit(t, &count{id: "a", read: true})
	b.decided(t)
	b.failed = true
	b.disk.FailSyncs()
	release()
	for _, c := range []*count{write, says, reads} {
		if err := <-c.done; !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("completed with %v", err)
		}
	}
	if got := b.told.all(); len(got) > 0 {
		t.Errorf("told %v", got)
	}
}

// However many have something to tell, they are published some at a time: what they say may be long.
func TestFewSignalsArePublishedAtATime(t *testing.T) {
	b := start(t, engine.Options{Shards: 1})
	release := b.disk.HoldSyncs()
	commands := []*count{{id: "a"}}
	for range 1000 { // some with the change, some behind it
		commands = append(commands, &count{id: "a", says: true})
	}
	b.gather(t, commands[:501])
	b.decided(t)
	for _, c := range commands[501:] {
		b.submit(t, c)
	}
	b.decided(t)
	release()
	for _, c := range commands {
		if err := <-c.done; err != nil {
			t.Fatal(err)
		}
	}
	if got := b.told.all(); len(got) != len(commands)+1 || b.told.most > 20 {
		t.Errorf("%d were told, %d at a time", len(got), b.told.most)
	}
}

// However many look on, those who submit wait when there are too many.
func TestOnlookersAreBounded(t *testing.T) {
	b := start(t, engine.Options{Shards: 1, QueueLimit: 3})
	release := b.disk.HoldSyncs()
	b.submit(t, &count{id: "a"})
	b.decided(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	var taken []*count
	for {
		c := &count{id: "a", says: true, done: make(chan error, 1)}
		c.Command = c
		if err := b.Submit(ctx, &c.Task); err != nil {
			break
		}
		if taken = append(taken, c); len(taken) > 20 {
			t.Fatalf("%d wait", len(taken))
		}
	}
	release()
	taken = append(taken, b.submit(t, &count{id: "a"}))
	for i, c := range taken {
		if err := <-c.done; err != nil {
			t.Errorf("%d was completed with %v", i, err)
		}
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
