package bench

import (
	"bytes"
	"context"
	"sync/atomic"
)

// requestLane is a connection on which one request is under way.
type requestLane struct {
	*link
	endpoint *Endpoint
	stock    *stock
	number   int
	tasks    tasks
	op       atomic.Int64 // which is under way
}

// requests opens lanes that do tasks over HTTP.
func (e *Endpoint) requests(s *stock, t tasks) Opener {
	return func(ctx context.Context, number int) (Lane, error) {
		l, err := e.dial(ctx, busy)
		if err != nil {
			return nil, err
		}
		return &requestLane{link: l, endpoint: e, stock: s, number: number, tasks: t}, nil
	}
}

// Send implements Lane.
func (l *requestLane) Send(op Op) error {
	l.op.Store(int64(op.Number))
	return l.write(false, func(b []byte) []byte {
		return l.endpoint.request(b, l.stock, l.tasks(l.number, op.Number))
	})
}

// Receive implements Lane.
func (l *requestLane) Receive() (Outcome, error) {
	h, err := l.readHead()
	if err != nil {
		return Outcome{}, err
	}
	body, err := l.body(h)
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Op: int(l.op.Load())}
	k := l.tasks(l.number, o.Op).kind
	switch {
	case !k.fine(h.status, body):
		o.Failure = failure(h.status, body)
	case k.isSearch() && bytes.Count(body, []byte(`"thingId":"`)) < k.least(l.stock):
		o.Failure = "too few found"
	}
	return o, nil
}

// lanes opens lanes that do tasks over a transport.
func (e *Endpoint) lanes(over string, s *stock, t tasks) Opener {
	if over == HTTP {
		return e.requests(s, t)
	}
	return e.sessions(s, t)
}
