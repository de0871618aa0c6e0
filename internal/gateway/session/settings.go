package session

import "time"

// Overflow says what happens when signals arrive faster than a session takes
// them.
type Overflow int

// What can happen.
const (
	// Close ends the session with close code 1013, so that the client knows.
	Close Overflow = iota
	// DropNewest loses what finds no room, and counts it.
	DropNewest
)

// Settings of sessions. They may change while the server runs and apply to
// sessions opened after that.
type Settings struct {
	// MaxSessions bounds the sessions open at once.
	MaxSessions int
	// MaxMessage is the size of the largest text message, in bytes.
	MaxMessage int64
	// InFlight bounds the messages of a session that are not answered yet.
	InFlight int
	// QueueFrames and QueueBytes bound the signals that wait for a session.
	QueueFrames int
	QueueBytes  int
	Overflow    Overflow
	// PingInterval is after which silence of the peer a ping is sent. Without
	// a sign of life for three of them the session ends.
	PingInterval time.Duration
	// HandshakeTimeout bounds the authentication of a handshake.
	HandshakeTimeout time.Duration
}
