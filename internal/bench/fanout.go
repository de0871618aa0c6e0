package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// fanOut changes a thing, whose events many subscribers receive. A change is under way until all of them have it, so that as fast as
// possible means as fast as the slowest one. What is measured is each delivery, from when the change was due.
func fanOut(ctx context.Context, b *Bench, _ string) (*Result, error) {
	l := b.Parameters.load(WebSocket)
	l.Lanes, l.Window = 1, l.Window*changes
	f := newFanout(b.stock, b.Parameters.Subscribers, l.Window)
	publisher, err := b.Endpoint.session(ctx, busy)
	if err != nil {
		return nil, err
	}
	f.publisher = publisher
	defer f.close()
	if err := f.furnish(ctx); err != nil {
		return nil, err
	}
	f.listening.Go(f.hear) // admitting takes its time, in which pings are answered
	if err := f.admit(ctx, b.Endpoint, b.Parameters.Views); err != nil {
		return nil, err
	}
	l.meter = b.meter()
	m, err := Run(ctx, func(context.Context, int) (Lane, error) { return f, nil }, l, b.progress("fanout"))
	if err != nil {
		return nil, err
	}
	f.close()
	return &Result{Measured: f.measured(m), Load: l, Unit: deliveries, Figures: map[string]float64{
		"modifications_per_second": m.Throughput(), "delivered_to_all_p99_ms": milliseconds(m.Took.ValueAtQuantile(99)),
	}}, nil
}

// changes is how many times more changes are under way than of other operations: one lane has to keep all subscribers busy.
const changes = 16

// fanout is the lane of who changes a thing, with its subscribers.
type fanout struct {
	stock       *stock
	n           int
	publisher   *session
	subscribers []*session
	flights     []flight // by number, modulo their count
	done        chan Outcome
	closing     chan struct{}
	once        sync.Once
	listening   sync.WaitGroup
	recorders   []*recorder
	sent        atomic.Int64 // changes that count,
	answered    atomic.Int64 // those that are done,
	failed      atomic.Int64 // and those that are refused
	unasked     atomic.Int64 // answers to nothing
	text        []byte

	mu     sync.Mutex
	next   int // number of the next change
	alive  int // subscribers that are there
	broken []error
}

// flight is a change that is being delivered. Its fields are written before its number is, and read after that.
type flight struct {
	number  atomic.Int64
	left    atomic.Int64 // deliveries that are missing, and the answer
	heard   atomic.Bool  // the answer has come
	refused atomic.Bool
	due     time.Time
	counts  bool
}

// spare is how many times more changes there is room for than may be under way: one whose answer is missing does not hold up others.
const spare = 4

func newFanout(s *stock, n, window int) *fanout {
	f := &fanout{
		stock: s, n: n, flights: make([]flight, spare*window), done: make(chan Outcome, spare*window), closing: make(chan struct{}),
		subscribers: make([]*session, n),
	}
	for i := range f.flights {
		f.flights[i].number.Store(-1)
	}
	for range min(shards, n) {
		f.recorders = append(f.recorders, newRecorder())
	}
	return f
}

// furnish creates the thing, unless it exists.
func (f *fanout) furnish(ctx context.Context) error {
	text := fmt.Appendf(nil, `{"topic":"%s/thing/things/twin/commands/create","headers":{"correlation-id":"created"},"path":"/","value":`,
		f.stock.fanoutNamespace())
	err := f.publisher.within(ctx, func() error {
		if err := f.publisher.send(append(f.stock.body(text, 0), '}'), false); err != nil {
			return err
		}
		answer, err := f.publisher.next()
		if err != nil {
			return err
		}
		if code := status(answer); !create.fine(code, answer) {
			return errors.New(failure(code, answer))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("create the thing of fanout: %w", err)
	}
	return nil
}

// admit opens the sessions of the subscribers. With several views each of them has another filter, which everything passes.
func (f *fanout) admit(ctx context.Context, e *Endpoint, views int) error {
	return several(ctx, f.n, func(ctx context.Context, i int) error {
		s, err := e.session(ctx, 4*waiting)
		if err != nil {
			return err
		}
		parameters := "?namespaces=" + f.stock.fanoutNamespace()
		if views > 1 {
			parameters += fmt.Sprintf("&filter=gt(features/coffee-brewer/properties/brewed-coffees,-%d)", 1+i%views)
		}
		if err := s.subscribe(ctx, "START-SEND-EVENTS", parameters); err != nil {
			_ = s.Close() // it is of no use
			return err
		}
		f.mu.Lock()
		f.subscribers[i] = s
		f.alive++
		f.mu.Unlock()
		f.listening.Go(func() { f.listen(s, f.recorders[i%len(f.recorders)]) })
		return nil
	})
}

func (f *fanout) flight(number int) *flight { return &f.flights[number%len(f.flights)] }

// Send implements Lane.
func (f *fanout) Send(op Op) error {
	if err := f.begin(op); err != nil {
		return err
	}
	f.text = fmt.Appendf(f.text[:0], `{"topic":"%s/thing/things/twin/commands/modify`, f.stock.fanoutNamespace())
	f.text = appendHeaders(f.text, 0, op.Number)
	f.text = fmt.Appendf(f.text, `},"path":"/features/coffee-brewer/properties/brewed-coffees","value":%d}`, op.Number)
	return f.publisher.send(f.text, op.Later)
}

func (f *fanout) begin(op Op) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := f.flight(op.Number)
	if at.left.Load() > 0 {
		return fmt.Errorf("change %d is still under way after %d others", at.number.Load(), len(f.flights))
	}
	at.due, at.counts = op.Due, op.Counts
	at.refused.Store(false)
	at.heard.Store(false)
	at.left.Store(int64(f.alive) + 1)
	at.number.Store(int64(op.Number))
	f.next = op.Number + 1
	if op.Counts {
		f.sent.Add(1)
	}
	return nil
}

// Receive implements Lane.
func (f *fanout) Receive() (Outcome, error) {
	select {
	case o := <-f.done:
		return o, nil
	default:
	}
	if err := f.publisher.flush(); err != nil {
		return Outcome{}, err
	}
	select {
	case o := <-f.done:
		return o, nil
	case <-f.closing:
		return Outcome{}, errors.New("the session of who changes the thing has ended")
	}
}

// hear reads the answers to changes.
func (f *fanout) hear() {
	for {
		text, err := f.publisher.next()
		if err != nil {
			f.leave(err)
			f.once.Do(func() { close(f.closing) })
			return
		}
		op, code := number(text), status(text)
		if op < 0 {
			continue
		}
		if at := f.flight(op); at.number.Load() == int64(op) && at.heard.CompareAndSwap(false, true) {
			f.heard(at, op, code, text)
		} else {
			f.unasked.Add(1)
		}
	}
}

// heard notes the answer to a change. To one that is refused no deliveries follow.
func (f *fanout) heard(at *flight, op, code int, text []byte) {
	counter := &f.answered
	if code/100 != 2 {
		counter = &f.failed
	}
	if at.counts {
		counter.Add(1)
	}
	if code/100 == 2 {
		f.arrived(at, op)
		return
	}
	at.refused.Store(true)
	at.left.Store(0)
	f.tell(Outcome{op, failure(code, text)})
}

// arrived notes that something has come that a change waits for.
func (f *fanout) arrived(at *flight, op int) {
	if at.left.Add(-1) == 0 {
		f.tell(Outcome{Op: op})
	}
}

// tell tells of a change that is over, as long as somebody wants to know.
func (f *fanout) tell(o Outcome) {
	select {
	case f.done <- o:
	case <-f.closing:
	}
}

// listen reads what a subscriber receives. Changes come in their order, so that one which is skipped is lost.
func (f *fanout) listen(s *session, rec *recorder) {
	last, now := -1, time.Time{}
	for {
		waits := s.in.Buffered() == 0
		text, err := s.next()
		if err != nil {
			f.quit(last, err)
			return
		}
		if waits {
			now = time.Now() // for all that has come together
		}
		op := number(text)
		switch {
		case op < 0:
			continue
		case op <= last:
			rec.fail("delivered again, or out of order", 1)
			continue
		}
		f.skip(last+1, op)
		last = op
		if at := f.flight(op); at.number.Load() == int64(op) {
			if at.counts {
				rec.succeed(now.Sub(at.due), now)
			}
			f.arrived(at, op)
		}
	}
}

// skip gives up the deliveries of changes to a subscriber.
func (f *fanout) skip(from, upto int) {
	for op := max(from, upto-len(f.flights)); op < upto; op++ {
		if at := f.flight(op); at.number.Load() == int64(op) && !at.refused.Load() {
			f.arrived(at, op)
		}
	}
}

// quit notes that a subscriber has gone, for whom nothing is waited any more.
func (f *fanout) quit(last int, err error) {
	f.leave(fmt.Errorf("a subscriber: %w", err))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.alive--
	f.skip(last+1, f.next)
}

// leave notes why a session has ended, unless that was wanted.
func (f *fanout) leave(err error) {
	select {
	case <-f.closing:
		return
	default:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken = append(f.broken, err)
}

// Close implements Lane.
func (f *fanout) Close() error {
	f.once.Do(func() { close(f.closing) })
	return f.publisher.Close()
}

// close ends all sessions.
func (f *fanout) close() {
	_ = f.Close() // nothing is lost by it
	for _, s := range f.subscribers {
		if s != nil {
			_ = s.Close() // nothing is lost by it
		}
	}
	f.listening.Wait()
}

// measured returns what subscribers have received, given what came of the changes.
func (f *fanout) measured(made *Measured) *Measured {
	m := measured(f.recorders, time.Time{}, time.Time{})
	m.Elapsed, m.Cut = made.Elapsed, made.Cut
	m.Broken = slices.Concat(made.Broken, f.broken)
	for why, n := range made.Failures {
		if why != lost { // which includes changes whose deliveries are
			m.Failures["modify: "+why] += n
		}
	}
	if missing := f.sent.Load() - f.answered.Load() - f.failed.Load(); missing > 0 {
		m.Failures["modify: "+lost] += missing
	}
	if n := f.unasked.Load(); n > 0 {
		m.Failures["modify: "+unasked] = n
	}
	if missing := f.answered.Load()*int64(f.n) - m.Took.TotalCount(); missing > 0 {
		m.Failures[lost] += missing
	}
	return m
}

func milliseconds(nanoseconds int64) float64 { return float64(nanoseconds) / 1e6 }
