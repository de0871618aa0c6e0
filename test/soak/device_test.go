package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// device has a thing in a namespace of its own, so that it is sent what concerns its thing and nothing else. Its goroutine
// is the one that reads.
type device struct {
	world   *world
	index   int
	random  *rand.Rand
	session atomic.Pointer[session]
	// said are requests that it has answered since the gateway has last shown that it read everything.
	said     []*request
	awaited  [][]*request // those of barriers under way, oldest first
	requests sync.Map     // by id, put there by applications
}

func (d *device) namespace() string { return fmt.Sprintf("soak.d%d", d.index) }

func (d *device) label() string { return fmt.Sprintf("device-%d:done", d.index) }

func (d *device) topic(rest string) string { return d.namespace() + "/device/things/" + rest }

// neighbour is another device.
func (d *device) neighbour() *device { return d.world.devices[(d.index+1)%len(d.world.devices)] }

// lifetime is how long a session lasts on average, unless it has to die before.
const lifetime = 20 * time.Second

// run has one session after the other until the context is over, and says when it has the first.
func (d *device) run(ctx context.Context, arrived func()) {
	arrive := sync.OnceFunc(arrived)
	defer arrive()
	for ctx.Err() == nil {
		s, err := d.connect(ctx)
		switch {
		case err != nil:
			pause(ctx, 20*time.Millisecond) // the gateway does not know yet that the session before has ended
			continue
		case ctx.Err() == nil:
			d.session.Store(s)
			arrive()
			d.serve(ctx, s)
			d.session.Store(nil)
		}
		s.leave(politely)
		pause(ctx, time.Duration(d.random.Int64N(int64(300*time.Millisecond))))
	}
}

// starts are what a device asks to be sent.
var starts = []string{"START-SEND-EVENTS", "START-SEND-MESSAGES", "START-SEND-LIVE-COMMANDS"}

// connect opens a session that receives what is for the device. The error may be that the label is still declared.
func (d *device) connect(ctx context.Context) (*session, error) {
	s, err := d.world.dial(ctx, d.label())
	if err != nil {
		return nil, err
	}
	for _, start := range starts {
		if err := s.write(start + "?namespaces=" + d.namespace()); err != nil {
			s.leave(silently)
			return nil, err
		}
	}
	d.said, d.awaited = nil, nil
	for confirmed := 0; confirmed < len(starts); {
		e, err := s.receive(ctx)
		switch {
		case err != nil:
			s.leave(silently)
			return nil, err
		case e.control != "":
			confirmed++
		case !isError(e):
			d.receive(s, e) // signals may come before
		}
	}
	return s, nil
}

// serve does what requests tell it, until the session ends.
func (d *device) serve(ctx context.Context, s *session) {
	length := time.Duration(d.random.ExpFloat64() * float64(lifetime))
	how := farewells[d.random.IntN(len(farewells))]
	end := time.AfterFunc(length, func() {
		d.world.tally.ended("device " + string(how))
		s.leave(how)
	})
	defer end.Stop()
	stop := context.AfterFunc(ctx, func() { s.leave(politely) })
	defer stop()
	for {
		e, err := s.receive(context.WithoutCancel(ctx))
		if err != nil {
			if !s.left.Load() {
				d.world.fault("the session of device %d was ended: %v", d.index, err)
			}
			return
		}
		if e.control == "" {
			d.receive(s, e)
		}
	}
}

// mishaps are the errors that a device may be told, for what it was to do wrong.
var mishaps = []string{"acknowledgement:label.not.declared", "protocoladapter:illegal.adaptable"}

func (d *device) receive(s *session, e *envelope) {
	switch {
	case strings.HasPrefix(e.Headers.CorrelationID, "barrier"):
		d.confirmed()
	case isError(e):
		var p problem
		if err := json.Unmarshal(e.Value, &p); err != nil || !slices.Contains(mishaps, p.Error) {
			d.world.fault("device %d is told %s", d.index, e.Value)
		}
	case e.Status != 0 || !strings.HasPrefix(e.Topic, d.namespace()+"/"):
		d.world.fault("device %d is sent what is not for it: %+v", d.index, e)
	default:
		d.asked(s, e)
	}
}

// asked does what a request tells.
func (d *device) asked(s *session, e *envelope) {
	found, ok := d.requests.LoadAndDelete(e.Headers.Request)
	if !ok {
		d.world.fault("device %d is sent a second time, or what nobody has sent: %+v", d.index, e)
		return
	}
	r := found.(*request)
	if err := shown(r, e); err != nil {
		d.world.fault("%s: %v", r, err)
	}
	d.perform(s, r, e)
}

// shown judges a request as it is delivered: the device is asked for what it has declared, and for nothing else.
func shown(r *request, e *envelope) error {
	var want []string
	if slices.Contains(r.kind.requested, own) {
		want = []string{r.target.label()}
	}
	if !slices.Equal(e.Headers.RequestedAcks, want) && len(e.Headers.RequestedAcks)+len(want) > 0 {
		return fmt.Errorf("the device is asked for %v, not %v", e.Headers.RequestedAcks, want)
	}
	required := e.Headers.ResponseRequired == nil || *e.Headers.ResponseRequired
	if required != slices.Contains(r.kind.labels, liveResponse) {
		return fmt.Errorf("a response is required: %t", required)
	}
	return nil
}

func (d *device) perform(s *session, r *request, e *envelope) {
	reply := &reply{device: d, request: r, signal: e, n: 1}
	switch r.task {
	case answer, fail:
		reply.all(s)
	case twice:
		reply.all(s)
		reply.n = 2
		reply.all(s)
	case partly:
		reply.respond(s)
	case elsewhere:
		if other := d.neighbour().session.Load(); other != nil {
			reply.all(other)
		}
	case strange:
		reply.nonsense(s)
	case late:
		r.mu.Lock()
		r.answerLate = func() { reply.all(s) }
		r.mu.Unlock()
	case die:
		how := farewells[d.random.IntN(len(farewells))]
		d.world.tally.ended("device, owing an answer, " + string(how))
		s.leave(how)
	}
	if r.task == answer || r.task == twice || r.task == fail || r.task == partly {
		d.said = append(d.said, r)
	}
	if len(d.said) > 0 && d.random.IntN(3) == 0 {
		d.barrier(s)
	}
}

// barrier sends a command whose answer shows that the gateway has read everything before it: it takes what a session sends one
// after the other, and what concerns a thing in that order.
func (d *device) barrier(s *session) {
	d.awaited, d.said = append(d.awaited, d.said), nil
	_ = s.send(&envelope{Topic: d.topic("twin/" + retrieve), Headers: headers{CorrelationID: "barrier"}, Path: last})
}

// confirmed takes down that the gateway has read what was said before the oldest barrier.
func (d *device) confirmed() {
	if len(d.awaited) == 0 {
		d.world.fault("device %d has an answer too many", d.index)
		return
	}
	for _, r := range d.awaited[0] {
		if err := r.confirm(); err != nil {
			d.world.fault("%v", err)
		}
	}
	d.awaited = d.awaited[1:]
}
