package rest

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// Times of a stream.
const (
	// silence is after which a heartbeat is sent.
	silence = time.Second
	// writePatience is how long the client may take to take what is written.
	writePatience = 30 * time.Second
	// farewell is how long it may take to take that a stream has ended.
	farewell = 500 * time.Millisecond
	// enough is what is written at once, in bytes, if there is more.
	enough = 16 << 10
)

// ending is why a stream has ended. It implements error.
type ending metrics.StreamEnd

// Error implements error.
func (e ending) Error() string { return metrics.StreamEnd(e).String() }

// eventStream is an answer that goes on: server-sent events, written on the goroutine of the request, which has no other.
type eventStream struct {
	request *request
	control *http.ResponseController
	// ctx ends when the stream is to end; its cause is why.
	ctx  context.Context //nolint:containedctx // that of the request, which lasts as long as the stream
	end  context.CancelCauseFunc
	beat *time.Timer
	// pending are events that were not written yet.
	pending []byte
	events  int // among pending
	// cleanup is what is done when the stream has ended.
	cleanup []func()
}

// begin gets a stream ready, before anything of it is sent. What it returns sends events until there are no more or the stream
// ends. The error is what the request is answered with.
type begin func(s *eventStream) (run func() *protocol.Error, err *protocol.Error)

// stream answers with events.
func (q *request) stream(begin begin) *answer {
	if err := q.skipBody(); err != nil {
		return refusal(err)
	}
	q.who.Claims = nil // they are large, and have served
	ctx, end := context.WithCancelCause(q.context())
	defer end(nil)
	s := &eventStream{request: q, control: http.NewResponseController(q.writer), ctx: ctx, end: end, beat: time.NewTimer(silence)}
	defer s.beat.Stop()
	leave, err := q.server.streams.enter(s)
	if err != nil {
		return refusal(err)
	}
	defer leave()
	defer s.close()
	run, err := begin(s)
	if err != nil {
		return refusal(err)
	}
	defer s.hurry()()
	s.open(run)
	return nil
}

// atEnd has something done when the stream has ended, or could not begin.
func (s *eventStream) atEnd(do func()) { s.cleanup = append(s.cleanup, do) }

func (s *eventStream) close() {
	for _, do := range s.cleanup {
		do()
	}
}

// open sends the header, and then events.
func (s *eventStream) open(run func() *protocol.Error) {
	m := s.request.server.options.Metrics
	m.StreamOpened()
	s.header()
	if s.request.http.Method != http.MethodHead && s.flush() {
		if failed := run(); failed != nil {
			s.put(&event{data: failed.Append(nil)})
			s.end(ending(metrics.StreamFailed))
			s.last()
		}
	}
	m.StreamEnded(s.ended())
}

// header writes the header. Nobody on the way is to keep what comes, or to wait for more of it.
func (s *eventStream) header() {
	h := s.request.writer.Header()
	if id, ok := s.request.headers.String(protocol.HeaderCorrelationID); ok && printable(id) {
		h["correlation-id"] = []string{id}
	}
	h.Set("Content-Type", mediaEvents)
	h.Set("Cache-Control", "no-cache, no-transform")
	h.Set("X-Accel-Buffering", "no")
	s.request.writer.WriteHeader(http.StatusOK)
}

// hurry sees to it that a write does not go on for long when the stream is to end. What it returns is called before the writer
// is not to be used any more.
func (s *eventStream) hurry() (done func()) {
	finished := make(chan struct{})
	stop := context.AfterFunc(s.ctx, func() {
		defer close(finished)
		s.within(farewell)
	})
	return func() {
		if !stop() {
			<-finished
		}
	}
}

// within says how long it may take to write. Where that cannot be said, it takes as long as the connection lasts.
func (s *eventStream) within(d time.Duration) { _ = s.control.SetWriteDeadline(time.Now().Add(d)) }

// ended returns why the stream has ended.
func (s *eventStream) ended() metrics.StreamEnd {
	why := ending(metrics.StreamLeft)
	switch {
	case s.ctx.Err() == nil:
		return metrics.StreamCompleted
	case errors.As(context.Cause(s.ctx), &why):
	}
	return metrics.StreamEnd(why)
}

// follow sends what signals come to, until the stream ends.
func (s *eventStream) follow(l *listener, show func(text []byte) (event, bool)) {
	for s.goesOn() {
		select {
		case <-s.ctx.Done():
		case <-l.ready:
			for _, text := range l.take() {
				if e, ok := show(text); ok && !s.put(&e) {
					return
				}
			}
			if len(s.pending) > 0 {
				s.flush()
			}
		case <-s.beat.C:
			s.heart()
		}
	}
}

// subscribe has signals of a hub delivered to a listener from now on, until the stream has ended.
func (s *eventStream) subscribe(hub *pubsub.Hub, w *pubsub.Want, picks func(text []byte) bool) *listener {
	l := &listener{
		audience: s.request.audience, picks: picks, metrics: s.request.server.options.Metrics, ready: make(chan struct{}, 1),
		overflow: func() { s.end(ending(metrics.StreamSlow)) },
	}
	hub.Subscribe(l, w)
	s.atEnd(func() { hub.Unsubscribe(l) })
	return l
}

// goesOn reports whether the stream has not ended. It ends with the token that it was opened with.
func (s *eventStream) goesOn() bool {
	if at := s.request.who.Expires; !at.IsZero() && !s.request.server.options.Clock().Before(at) {
		s.end(ending(metrics.StreamExpired))
	}
	return s.ctx.Err() == nil
}

// put adds an event, and reports whether the stream goes on.
func (s *eventStream) put(e *event) bool {
	s.pending = e.append(s.pending)
	s.events++
	if len(s.pending) < enough {
		return true
	}
	return s.flush()
}

// pull returns the next event, and whether there may be more. It works for a while at most; then, or if there is nothing to be told,
// the event is nil.
type pull func(ctx context.Context) (e *event, more bool, err *protocol.Error)

// tell returns what sends the events that next returns. The first is waited for, since what is wrong is mostly known then.
func (s *eventStream) tell(next pull) (run func() *protocol.Error, err *protocol.Error) {
	e, more, err := next(s.ctx)
	if err != nil {
		return nil, err
	}
	return func() *protocol.Error {
		for s.goesOn() {
			if e != nil && !s.put(e) || !more {
				break
			}
			s.idle(e == nil)
			if e, more, err = next(s.ctx); err != nil {
				return s.unlessEnded(err)
			}
		}
		s.flush()
		return nil
	}, nil
}

// idle writes what is pending if there is nothing to be told at once, and a heartbeat if it is due.
func (s *eventStream) idle(idle bool) {
	if idle && len(s.pending) > 0 {
		s.flush()
	}
	select {
	case <-s.beat.C:
		s.heart()
	default:
	}
}

// unlessEnded returns an error, nil if it may be because the stream has ended.
func (s *eventStream) unlessEnded(err *protocol.Error) *protocol.Error {
	if s.ctx.Err() != nil {
		return nil
	}
	return err
}

// heart sends a heartbeat.
func (s *eventStream) heart() {
	s.pending = append(s.pending, heartbeat...)
	s.flush()
}

// flush writes what is pending, and reports whether the stream goes on.
func (s *eventStream) flush() bool {
	s.within(writePatience)
	if s.ctx.Err() != nil { // hurry may have said before how long it may take
		s.within(farewell)
		return false
	}
	return s.write()
}

// last writes what is pending of a stream that ends.
func (s *eventStream) last() {
	s.within(farewell)
	s.write()
}

func (s *eventStream) write() bool {
	written := s.events
	_, err := s.request.writer.Write(s.pending)
	if failed := s.control.Flush(); err == nil {
		err = failed
	}
	s.pending, s.events = s.pending[:0], 0
	s.beat.Reset(silence)
	if err != nil {
		s.end(ending(metrics.StreamLeft))
		return false
	}
	s.request.server.options.Metrics.StreamEvents(written)
	return true
}
