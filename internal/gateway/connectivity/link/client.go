package link

import (
	"context"
	"log/slog"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/snapshot"
)

// Kind is a protocol to speak with outside systems, for one connection. It may remember something from client to client.
type Kind interface {
	// Dial makes a client and returns when the other end has taken it, and consumes what the connection has as sources. The client
	// lasts beyond ctx, until it is lost or closed.
	//
	// Errors: *Refusal for what will not get better by trying again; any other.
	Dial(ctx context.Context, c Config) (Client, error)
}

// Config is what a client is made of.
type Config struct {
	// Connection is what is to be: type, address, sources, options. Credentials and trust are those of Current.
	Connection *snapshot.Connection
	// Current returns the Connection as it is now: credentials and certificate authorities may change while the client lasts, which
	// then uses them when it next has to prove who it is, or to know who the other end is. All else is as in Connection.
	Current func() *snapshot.Connection
	// Consumer takes what is consumed.
	Consumer Consumer
	// Logger is for what nobody can act on who looks at the connection's own log.
	Logger *slog.Logger
	// Clock tells the time.
	Clock func() time.Time
}

// Client is one open connection to the other end.
type Client interface {
	// Publish sends a message to its address. It may block while there is no room, as long as ctx allows. Done is called once, by any
	// goroutine, and does not block. A message and what it refers to is not modified after the call.
	//
	// The error is that of ctx, or ErrLost; then done is not called and the message was not sent.
	Publish(ctx context.Context, m *external.Message, delivery snapshot.DeliveryGuarantee, done func(Outcome)) error
	// Lost is closed when the client is of no use any more. Err then says why, nil if that is because it was closed.
	Lost() <-chan struct{}
	Err() error
	// Close stops consuming, waits until what was published has its outcome as long as ctx allows, and releases everything.
	Close(ctx context.Context)
}

// Asker is a client whose other end sends what it is asked for: another endpoint of the Ditto protocol.
type Asker interface {
	Client
	// Ask replaces what is asked for by inbound Subscriptions, without a new connection, and returns when the other end has agreed.
	//
	// Errors: *RefusedSubscription for one that the other end does not take, joined if there are several; any other.
	Ask(ctx context.Context, inbound []*snapshot.Subscription) error
}

// Consumer takes what clients consume.
type Consumer interface {
	// Consume takes a message. It blocks while there is no room for it, which is how the other end is slowed down, as long as ctx
	// allows; then it returns the error of ctx and the message was not taken. A client may call it from several goroutines; messages
	// whose order matters must come from one.
	Consume(ctx context.Context, c Consumed) error
}

// Consumed is a message that has come in.
type Consumed struct {
	// Source is the name of the source or of the inbound Subscription that it came by; empty for what is none's, such as responses.
	Source string
	// Message is what has come in. It belongs to who consumes it.
	Message external.Message
	// Redelivered is how often it has come before, as far as is known: 0 for the first time.
	Redelivered int
	// Settle says what became of it. It is called once, by any goroutine, and does not block. It is nil if that does not matter.
	Settle func(Settlement)
}

// Settlement is what the other end is told of a message that it has handed over.
type Settlement int

const (
	// Accept says that the message was dealt with, or that it never will be with success.
	Accept Settlement = iota
	// Redeliver says that it should come again.
	Redeliver
	// Reject says that it is not to come again, but was not dealt with either.
	Reject
)

// String returns the settlement's name.
func (s Settlement) String() string {
	return [...]string{"accepted", "to be redelivered", "rejected"}[s]
}
