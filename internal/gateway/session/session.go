package session

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// Close codes of RFC 6455, section 7.4.1, and its registry.
const (
	closeNormal         = 1000
	closeGoingAway      = 1001
	closeAbnormal       = 1006
	closeInvalidText    = 1007
	closePolicy         = 1008
	closeTooBig         = 1009
	closeServiceRestart = 1012
	closeTryLater       = 1013
	closeUnauthorized   = 3000 // only registered: like the HTTP status 401
)

// Session is one WebSocket connection of an authenticated client.
type Session struct {
	server   *Server
	settings *Settings
	identity auth.Identity
	audience *pubsub.Audience
	party    *broker.Party
	access   entrance.Access // nil: everything
	defaults protocol.Headers
	// refused are errors about the handshake that are told when the session
	// begins.
	refused []*protocol.Error
	// taken is that another session has one of the labels, nil if none has.
	taken *protocol.Error
	// name is the session's correlation id: it marks errors that have no
	// message to be correlated with.
	name string
	conn *wire.Conn
	gate *gate
	// cancel ends what waits for the session.
	cancel context.CancelFunc

	// busy is set while a message is handled, or waits for that: the session
	// does not read then, and cannot tell whether the peer is silent.
	busy     atomic.Bool
	lastBusy atomic.Int64 // when sweep last saw it busy, Unix nanoseconds
	lastPing atomic.Int64 // Unix nanoseconds
	dropped  atomic.Int64 // signals
	closing  atomic.Int64 // the code this side closed with

	// expires is when the identity ends, nil for never.
	expires atomic.Pointer[time.Time]
	// streams are the subscriptions for streams, nil as long as there was none.
	streams atomic.Pointer[streams]
}

// Audience implements pubsub.Subscriber: on whose behalf the session acts.
func (s *Session) Audience() *pubsub.Audience { return s.audience }

// log is what happens to the session is told to. It is made for each time, since
// that is seldom, and would be a part of what an idle session costs.
func (s *Session) log() *slog.Logger {
	return s.server.options.Logger.With("session", s.name, "user", s.identity.User)
}

// Reply sends what answers a message.
func (s *Session) Reply(answer exchange.Envelope, size int) {
	s.conn.Reply(wire.AppendText(make([]byte, 0, size), answer.Append))
}

// NoReply tells that a message will not be answered.
func (s *Session) NoReply() { s.gate.leave(1) }

// Deliver implements pubsub.Subscriber.
func (s *Session) Deliver(b wire.Burst) {
	taken := s.conn.Deliver(b)
	s.server.options.Metrics.SignalsDelivered(taken)
	missed := b.Len() - taken
	if missed == 0 {
		return
	}
	s.server.options.Metrics.SignalsDropped(missed)
	s.dropped.Add(int64(missed))
	if s.settings.Overflow == Close {
		s.closing.CompareAndSwap(0, closeTryLater)
		s.conn.Shed(closeTryLater, "events arrive faster than they are read; subscribe again and retrieve the current state")
	}
}

// maxWaitingReplies is the size of replies that wait to be written from which on
// a session is not read, in bytes: their number alone would allow too much.
const maxWaitingReplies = 4 << 20

// run reads until the connection ends.
func (s *Session) run(ctx context.Context) {
	s.greet()
	s.read(ctx, tempo{})
}

// read is what run does behind its beginning, and what it does again in a new
// goroutine.
func (s *Session) read(ctx context.Context, tempo tempo) {
	for {
		text, err := s.conn.ReadText() //nolint:contextcheck // ReadText says why it has none
		if err != nil {
			s.end(err)
			return
		}
		s.busy.Store(true)
		s.conn.AwaitReplies(maxWaitingReplies, enoughAnswers)
		if s.gate.enter() {
			s.receive(ctx, text)
		}
		s.busy.Store(false)
		if tempo.calm(s.conn.LastRead()) {
			s.server.running.Go(func() { s.read(ctx, tempo) })
			return
		}
	}
}

// receive handles one message. Each leads to exactly one Reply or NoReply.
func (s *Session) receive(ctx context.Context, text []byte) {
	if !utf8.Valid(text) {
		s.close(closeInvalidText, "text is not UTF-8")
		s.NoReply()
		return
	}
	if control, ok, err := protocol.ParseControl(text); ok {
		s.control(ctx, control, err)
		return
	}
	env := &protocol.Envelope{}
	if err := protocol.Decode(text, env); err != nil {
		s.refuseUnread(env, err, len(text) == 0)
		return
	}
	env.Headers.Default(s.defaults)
	s.server.options.Handler.Handle(ctx, s, env)
}

// part ends the session when all that it has taken is answered. It takes
// nothing more, so that this is soon.
func (s *Session) part(code int, reason string) {
	s.gate.close()
	s.server.begin(func() {
		s.gate.wait()
		s.close(code, reason)
	})
}

// close ends the session from this side. What it has taken is done, but not
// answered.
func (s *Session) close(code int, reason string) {
	s.closing.CompareAndSwap(0, int64(code))
	s.conn.Close(code, reason)
}

// expel closes the session of who may no longer have one.
func (s *Session) expel() {
	s.close(closePolicy, "the credentials that the session was opened with are no longer accepted")
}

// end cleans up after the last read. The labels count as declared no longer
// than the session receives signals: who asks for them is not told that the
// session did not want a signal, but that nobody has answered. Who is asked
// nothing any more, and asks nothing, then leaves the books.
func (s *Session) end(cause error) {
	defer s.cancel()
	s.conn.Abort()
	for _, hub := range s.server.options.Hubs {
		hub.Unsubscribe(s)
	}
	s.party.End()
	s.streams.Load().close()
	s.server.registry.remove(s)
	code := s.closeCode(cause)
	s.server.options.Metrics.SessionClosed(code)
	s.log().Debug("session ended", "code", code, "dropped", s.dropped.Load(), "cause", cause)
}

// closeCode returns what ended the session: this side's close frame, the
// peer's, or neither.
func (s *Session) closeCode(cause error) int {
	if own := s.closing.Load(); own != 0 {
		return int(own)
	}
	if peers := wire.CloseCode(cause); peers >= 0 {
		return peers
	}
	if errors.Is(cause, wire.ErrTooBig) {
		return closeTooBig
	}
	return closeAbnormal
}

// sweep ends the session if its identity has ended. It pings the peer if it has been silent for the ping interval, and gives
// it up if it stayed silent for another two, or takes nothing any more. What
// the session itself did not read does not count as silence.
func (s *Session) sweep(now time.Time) {
	if s.expire(now) {
		return
	}
	s.streams.Load().sweep()
	if s.busy.Load() {
		s.lastBusy.Store(now.UnixNano())
	}
	interval := s.settings.PingInterval
	silent := min(now.Sub(s.conn.LastRead()), now.Sub(time.Unix(0, s.lastBusy.Load())))
	if since := s.conn.WritingSince(); silent > 3*interval || !since.IsZero() && now.Sub(since) > interval {
		s.log().Debug("peer is gone", "silent", silent)
		s.conn.Abort()
		return
	}
	if silent >= interval && now.Sub(time.Unix(0, s.lastPing.Load())) >= interval {
		s.lastPing.Store(now.UnixNano())
		s.conn.Ping()
	}
}
