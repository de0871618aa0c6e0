package rest

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// Handler takes the envelopes that requests become.
type Handler interface {
	// Handle takes an envelope. It leads to exactly one call of from.Reply or from.NoReply, now or later. It may wait, until
	// ctx ends with the request.
	Handle(ctx context.Context, from exchange.Requester, env *protocol.Envelope)
}

// History knows what has happened to things.
type History interface {
	// Source returns the events that a message subscribes for.
	Source(from exchange.Requester, env *protocol.Envelope) (stream.Source, *protocol.Error)
}

// Settings may change while the server serves.
type Settings struct {
	// DefaultNamespace is that of things that are given an id.
	DefaultNamespace string
	// Timeout is how long a command without a timeout of its own may take, and AuthenticationTimeout how long it may take to
	// find out who asks.
	Timeout, AuthenticationTimeout time.Duration
	// MaxBody is how large the body of a request may be, in bytes.
	MaxBody int64
	// CORS says which pages of other origins may use the API; nil: none.
	CORS *CORS
}

// Options of a Server. All must be set unless they say what their absence means.
type Options struct {
	Auth       auth.Provider
	Challenges entrance.Challenges
	// Access returns what a request may address. Nil, as its result may be: everything.
	Access  func(auth.Identity, *http.Request) entrance.Access
	Handler Handler
	// Integrator performs the actions on policies.
	Integrator Integrator
	// Events and Messages are where streams subscribe, and History is where they find what has happened.
	Events, Messages *pubsub.Hub
	History          History
	// Place takes a place for a stream, and reports whether there is one; release gives it back. Nil: there always is one.
	Place func() (release func(), ok bool)
	// Ready returns nil while new clients are welcome.
	Ready func() error
	// Finder finds things page by page, and Seal is of the cursors of pages.
	Finder   Finder
	Seal     *query.Seal
	Broker   *broker.Broker
	Settings Settings
	Metrics  *metrics.Metrics
	Logger   *slog.Logger
	// Clock is for deadlines. Nil: time.Now.
	Clock func() time.Time
}
