package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// application sends requests in one session after the other.
type application struct {
	world  *world
	index  int
	random *rand.Rand
	lives  int
}

// stay is one session of an application, with what it waits for.
type stay struct {
	*application
	session *session
	n       int
	ended   chan struct{} // when nothing is read any more

	mu       sync.Mutex
	open     map[string]*request // by correlation id
	barriers atomic.Int64        // answers to barriers that came
}

// run uses the gateway as long as sending is not over, waits until all its requests have an outcome, says that it is settled,
// and stays until the context is over.
func (a *application) run(sending, ctx context.Context, settled *sync.WaitGroup) {
	for {
		s, err := a.enter(ctx)
		if err != nil {
			a.world.fault("application %d cannot connect: %v", a.index, err)
			settled.Done()
			return
		}
		s.use(sending)
		if sending.Err() == nil {
			s.vanish()
			continue
		}
		s.settle()
		settled.Done()
		<-ctx.Done()
		s.barrier()
		s.session.leave(politely)
		<-s.ended
		return
	}
}

// enter opens a session that sees what happens to the thing of a device, although nobody asks for its opinion.
func (a *application) enter(ctx context.Context) (*stay, error) {
	session, err := a.world.dial(ctx, "")
	if err != nil {
		return nil, err
	}
	a.lives++
	s := &stay{application: a, session: session, open: map[string]*request{}, ended: make(chan struct{})}
	go s.read(ctx)
	return s, session.write("START-SEND-EVENTS?namespaces=" + a.pick().namespace())
}

func (a *application) pick() *device { return a.world.devices[a.random.IntN(len(a.world.devices))] }

// maxOpen bounds the requests that wait at once.
const maxOpen = 300

// use sends requests until it is over or the application feels like leaving.
func (s *stay) use(sending context.Context) {
	interval := float64(time.Second) * float64(len(s.world.applications)) / *rate
	mean := float64(lifetime) / 3 / interval // of the requests in a session
	for sending.Err() == nil {
		pause(sending, time.Duration(s.random.Float64()*2*interval))
		if s.waiting() < maxOpen {
			s.ask(tasks[s.random.IntN(len(tasks))], s.patience())
		}
		if s.random.Float64()*mean < 1 {
			return
		}
	}
}

// patience is how long a request may take.
func (s *stay) patience() time.Duration {
	return time.Duration(500+s.random.IntN(2000)) * time.Millisecond
}

func (s *stay) waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// ask sends a request.
func (s *stay) ask(t task, timeout time.Duration) {
	s.n++
	r := &request{
		id: fmt.Sprintf("a%d.%d.%d", s.index, s.lives, s.n), kind: kinds[s.random.IntN(len(kinds))], task: t,
		target: s.pick(), timeout: timeout,
	}
	r.neighbour = r.target.neighbour()
	r.correlationID = r.id
	if r.mayShare() && s.random.IntN(8) == 0 {
		r.correlationID = fmt.Sprintf("shared-%d", s.random.IntN(4))
		r.target = s.world.devices[s.random.IntN(min(4, len(s.world.devices)))]
		r.neighbour = r.target.neighbour()
	}
	if s.register(r) {
		r.target.requests.Store(r.id, r)
		_ = s.session.send(r.envelope()) // whoever reads says what went wrong
	}
}

// register takes the request down, unless it is not to be told from another one that is open.
func (s *stay) register(r *request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[r.correlationID] != nil {
		return false
	}
	if r.correlationID != r.id {
		s.world.shared.Store(r.id, r)
	}
	r.sent = time.Now()
	if len(r.kind.labels) > 0 {
		s.open[r.correlationID] = r
	} else {
		s.world.tally.add(r.kind.name, silent)
	}
	return true
}

// read takes outcomes until the session ends.
func (s *stay) read(ctx context.Context) {
	defer close(s.ended)
	for {
		e, err := s.session.receive(context.WithoutCancel(ctx))
		switch {
		case err != nil:
			if !s.session.left.Load() {
				s.world.fault("the session of application %d was ended: %v", s.index, err)
			}
			return
		case e.control != "":
		case strings.Contains(e.Topic, "/events/") && e.Status == 0:
			s.saw(e)
		case e.Headers.CorrelationID == "barrier":
			s.barriers.Add(1)
		default:
			s.received(e)
		}
	}
}

// saw judges an event of somebody else's request: an application has declared nothing.
func (s *stay) saw(e *envelope) {
	if len(e.Headers.RequestedAcks) > 0 {
		s.world.fault("application %d is asked to acknowledge %+v", s.index, e)
	}
}

// received takes an outcome.
func (s *stay) received(e *envelope) {
	s.mu.Lock()
	r := s.open[e.Headers.CorrelationID]
	delete(s.open, e.Headers.CorrelationID)
	s.mu.Unlock()
	if r == nil {
		s.world.fault("application %d has an outcome that it does not wait for, or a second one: %+v %s", s.index, e, e.Value)
		return
	}
	v, err := s.world.outcome(r, e)
	if err != nil {
		s.world.fault("%s: %v", r, err)
	}
	s.world.tally.add(r.kind.name, v.word)
	answerLate, err := r.end(v.without)
	if err != nil {
		s.world.fault("%v", err)
	}
	if answerLate != nil {
		answerLate()
	}
}

// eternity is how long those are ready to wait who leave: longer than any other request may take.
const eternity = time.Minute

// vanish leaves while requests are open, some of which would be open for longer than the test waits.
func (s *stay) vanish() {
	for range s.random.IntN(4) {
		s.ask(never, eternity)
	}
	how := farewells[s.random.IntN(len(farewells))]
	s.session.leave(how)
	<-s.ended
	s.world.tally.ended("application " + string(how))
	for _, r := range s.open {
		s.world.tally.add(r.kind.name, abandoned)
		if answerLate := r.forsake(); answerLate != nil {
			answerLate()
		}
	}
}

// settle waits until every request has its outcome.
func (s *stay) settle() {
	end := time.Now().Add(*guard)
	for s.waiting() > 0 && time.Now().Before(end) {
		time.Sleep(10 * time.Millisecond)
	}
	s.mu.Lock()
	for _, r := range s.open {
		s.world.fault("%s never has an outcome", r)
	}
	s.mu.Unlock()
	s.barrier()
}

// barrier waits until everything has been read that the gateway has sent up to now.
func (s *stay) barrier() {
	want := s.barriers.Load() + 1
	err := s.session.send(&envelope{Topic: s.world.devices[0].topic("twin/" + retrieve), Headers: headers{CorrelationID: "barrier"}, Path: last})
	for end := time.Now().Add(*guard); err == nil && s.barriers.Load() < want && time.Now().Before(end); {
		time.Sleep(5 * time.Millisecond)
	}
	if s.barriers.Load() < want {
		s.world.fault("application %d is not answered any more: %v", s.index, err)
	}
}
