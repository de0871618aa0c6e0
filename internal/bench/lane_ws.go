package bench

import (
	"bytes"
	"context"
	"fmt"
)

// sessionLane is a session that does tasks.
type sessionLane struct {
	*session
	stock    *stock
	number   int
	tasks    tasks
	searches map[int]*search
	text     []byte // what is sent by Send
	more     []byte // what is sent by Receive
}

// search is how far a search is.
type search struct{ pages, found int }

// sessions opens lanes that do tasks over WebSocket.
func (e *Endpoint) sessions(s *stock, t tasks) Opener {
	return func(ctx context.Context, number int) (Lane, error) {
		opened, err := e.session(ctx, busy)
		if err != nil {
			return nil, err
		}
		return &sessionLane{session: opened, stock: s, number: number, tasks: t, searches: map[int]*search{}}, nil
	}
}

// Send implements Lane.
func (l *sessionLane) Send(op Op) error {
	l.text = l.stock.envelope(l.text[:0], l.tasks(l.number, op.Number), l.number, op.Number)
	return l.send(l.text, op.Later)
}

// Receive implements Lane.
func (l *sessionLane) Receive() (Outcome, error) {
	for {
		text, err := l.next()
		if err != nil {
			return Outcome{}, err
		}
		if bytes.HasPrefix(text, []byte(searchTopic)) {
			o, ended, err := l.found(text)
			if ended || err != nil {
				return o, err
			}
			continue
		}
		if string(correlationID(text)) == ended {
			continue
		}
		return l.answered(text), nil
	}
}

// answered returns the outcome that a response tells of.
func (l *sessionLane) answered(text []byte) Outcome {
	op, code := number(text), status(text)
	if op >= 0 && l.tasks(l.number, op).kind.fine(code, text) {
		return Outcome{Op: op}
	}
	return Outcome{op, failure(code, text)}
}

// found goes on with a search, and reports whether it has ended.
func (l *sessionLane) found(text []byte) (o Outcome, over bool, err error) {
	op := number(text)
	if op < 0 {
		return o, false, nil // what came when everything was said
	}
	k := l.tasks(l.number, op).kind
	action, _, _ := bytes.Cut(text[len(searchTopic):], []byte{'"'})
	switch string(action) {
	case "created":
		id, _ := stringBehind(text, []byte(`"subscriptionId":`))
		l.searches[op] = &search{}
		l.more = askForPages(l.more[:0], l.number, op, id, k.pages())
		return o, false, l.send(l.more, true)
	case "next":
		s := l.searches[op]
		if s == nil {
			return o, false, nil // behind the page that was enough
		}
		s.pages, s.found = s.pages+1, s.found+bytes.Count(text, []byte(`"thingId":"`))
		if s.pages < k.pages() {
			return o, false, nil
		}
		id, _ := stringBehind(text, []byte(`"subscriptionId":`))
		l.more = endSearch(l.more[:0], id)
		return l.ended(op, k), true, l.send(l.more, true)
	case "complete":
		if l.searches[op] == nil {
			return o, false, nil
		}
		return l.ended(op, k), true, nil
	case "failed":
		delete(l.searches, op)
		return Outcome{op, "search: " + failure(status(text), text)}, true, nil
	}
	return o, false, fmt.Errorf("a search is answered %.200s", text)
}

func (l *sessionLane) ended(op int, k kind) Outcome {
	s := l.searches[op]
	delete(l.searches, op)
	if s.found < k.least(l.stock) {
		return Outcome{op, "too few found"}
	}
	return Outcome{Op: op}
}
