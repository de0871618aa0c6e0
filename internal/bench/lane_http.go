package bench

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// requestLane is a connection on which one request is under way. It is opened anew when the server has said that it closes it, as many
// do after some requests, and when it has closed it while nothing was asked. One that breaks in the midst of work is not.
type requestLane struct {
	ctx      context.Context //nolint:containedctx // lanes live as long as their run
	endpoint *Endpoint
	stock    *stock
	number   int
	tasks    tasks
	op       atomic.Int64  // which is under way
	sent     chan struct{} // has something when a request is under way
	closing  chan struct{}
	text     []byte    // the request
	last     time.Time // when the connection was used
	rested   bool      // it was not for a while before the request

	mu     sync.Mutex
	link   *link
	closed bool
}

// rest is how long a connection is unused before its server may have closed it.
const rest = time.Second

// requests opens lanes that do tasks over HTTP.
func (e *Endpoint) requests(s *stock, t tasks) Opener {
	return func(ctx context.Context, number int) (Lane, error) {
		opened, err := e.dial(ctx, busy)
		if err != nil {
			return nil, err
		}
		return &requestLane{
			ctx: ctx, endpoint: e, stock: s, number: number, tasks: t, sent: make(chan struct{}, 1), closing: make(chan struct{}),
			last: time.Now(), link: opened,
		}, nil
	}
}

// Send implements Lane.
func (l *requestLane) Send(op Op) error {
	l.op.Store(int64(op.Number))
	l.rested = time.Since(l.last) > rest
	l.text = l.endpoint.request(l.text[:0], l.stock, l.tasks(l.number, op.Number))
	if l.link == nil {
		if err := l.reopen(); err != nil {
			return err
		}
	}
	if err := l.ask(); err != nil && !l.rested { // else reading tells
		return err
	}
	l.sent <- struct{}{}
	return nil
}

func (l *requestLane) ask() error {
	return l.link.write(false, func(b []byte) []byte { return append(b, l.text...) })
}

// reopen takes another connection.
func (l *requestLane) reopen() error {
	opened, err := l.endpoint.dial(l.ctx, busy)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		_ = opened.Close() // it came too late
		return errClosed
	}
	l.link = opened
	return nil
}

// leave closes the connection.
func (l *requestLane) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.link.Close() // it is of no use
	l.link = nil
}

var errClosed = errors.New("the lane is closed")

// Receive implements Lane.
func (l *requestLane) Receive() (Outcome, error) {
	select {
	case <-l.sent:
	case <-l.closing:
		return Outcome{}, errClosed
	}
	if err := l.begun(); err != nil {
		return Outcome{}, err
	}
	h, err := l.link.readHead()
	if err != nil {
		return Outcome{}, err
	}
	body, err := l.link.body(h)
	if err != nil {
		return Outcome{}, err
	}
	o := l.outcome(h, body)
	if l.last = time.Now(); h.close {
		l.leave()
	}
	return o, nil
}

// begun waits until an answer has begun. A connection that has ended before, and was not used for a while, is replaced, and asked again.
func (l *requestLane) begun() error {
	_, err := l.link.in.Peek(1)
	if err == nil || !l.rested {
		return unexpected(err)
	}
	select {
	case <-l.closing:
		return errClosed
	default:
	}
	l.leave()
	if err := l.reopen(); err != nil {
		return err
	}
	return l.ask()
}

func (l *requestLane) outcome(h head, body []byte) Outcome {
	o := Outcome{Op: int(l.op.Load())}
	k := l.tasks(l.number, o.Op).kind
	switch {
	case !k.fine(h.status, body):
		o.Failure = failure(h.status, body)
	case k.isSearch() && bytes.Count(body, []byte(`"thingId":"`)) < k.least(l.stock):
		o.Failure = "too few found"
	}
	return o
}

// Close implements Lane.
func (l *requestLane) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	close(l.closing)
	if l.link == nil {
		return nil
	}
	return l.link.Close()
}

// lanes opens lanes that do tasks over a transport.
func (e *Endpoint) lanes(over string, s *stock, t tasks) Opener {
	if over == HTTP {
		return e.requests(s, t)
	}
	return e.sessions(s, t)
}
