package session

import (
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// What waits of answers to be written is bounded twice, in bytes. From
// enoughAnswers on the session is not read, so that it asks for no more. That
// alone would not do, since others may answer at once what it has asked for
// before: beyond maxWaitingAnswers it is closed.
const (
	enoughAnswers     = 1 << 20
	maxWaitingAnswers = 16 << 20
)

// usualAnswer is what an answer takes as a rule, in bytes.
const usualAnswer = 512

// Party implements broker.Member.
func (s *Session) Party() *broker.Party { return s.party }

// Answer sends what answers a message to which there was no reply. A session that
// does not read its answers is closed.
func (s *Session) Answer(answer exchange.Envelope) {
	if s.conn.Answer(wire.AppendText(make([]byte, 0, usualAnswer), answer.Append), maxWaitingAnswers) {
		return
	}
	s.server.options.Metrics.AnswerUnread()
	s.closing.CompareAndSwap(0, closeTryLater)
	s.conn.Shed(closeTryLater, "answers arrive faster than they are read; ask for less at a time")
}
