package session

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// Handler takes the envelopes that sessions receive.
type Handler interface {
	// Handle takes an envelope with the session's defaults merged into its
	// headers. It leads to exactly one call of from.Reply, from.Refuse or
	// from.NoReply, now or later. It may wait, which stops the session from
	// reading, until ctx ends with the session.
	Handle(ctx context.Context, from *Session, env *protocol.Envelope)
}

// Hubs are where sessions subscribe, by what they subscribe to. A type without
// a hub is accepted and acknowledged, and nothing is ever delivered.
type Hubs map[protocol.SignalType]*pubsub.Hub

// Options of a Server. All must be set unless they say what their absence
// means.
type Options struct {
	Auth auth.Provider
	// Renew returns who a token stands for that a session sends to live longer.
	// It ends with ctx. Nil: no session can be renewed.
	Renew func(ctx context.Context, token string) (auth.Identity, error)
	// Challenges are what clients may authenticate with.
	Challenges entrance.Challenges
	// Access returns what a session may address, which is settled at its
	// handshake. Nil, as its result may be: everything.
	Access func(auth.Identity, *http.Request) entrance.Access
	// Reserved reports whether others than sessions have declared a label. Nil:
	// none have.
	Reserved func(label string) bool
	Handler  Handler
	Hubs     Hubs
	// Broker keeps book on what sessions ask of each other. It is closed behind
	// the server.
	Broker   *broker.Broker
	Settings Settings
	Metrics  *metrics.Metrics
	Logger   *slog.Logger
	// Clock says how long subscriptions for streams are idle. Nil: time.Now.
	Clock func() time.Time
}

// Server is the HTTP handler of the WebSocket endpoint. Mount it at a pattern
// with the wildcard {version}.
type Server struct {
	options  Options
	ctx      context.Context //nolint:containedctx // The sessions' lifetime is the server's, not that of the request.
	settings atomic.Pointer[Settings]
	registry *Registry

	mu       sync.Mutex // lets no session start unnoticed by Refuse, Admit and Close
	refusing bool
	closed   bool
	admits   func(auth.Identity) bool // nil: everybody
	running  sync.WaitGroup
}

// NewServer returns a server whose sessions' waits end with ctx.
func NewServer(ctx context.Context, o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Server{options: o, ctx: ctx, registry: newRegistry()}
	s.settings.Store(&o.Settings)
	return s
}

// Configure replaces the settings. They apply to sessions opened from now on.
func (s *Server) Configure(settings Settings) { s.settings.Store(&settings) }

// errClosed is why a session ends that was opened behind Close.
var errClosed = errors.New("the server is closed")

// Registry returns the live sessions.
func (s *Server) Registry() *Registry { return s.registry }

// Refuse answers further handshakes with 503.
func (s *Server) Refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusing = true
}

// Accept ends what Refuse has begun.
func (s *Server) Accept() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusing = s.closed
}

func (s *Server) refuses() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refusing
}

// Admit closes the sessions of those whom the predicate does not admit, with
// 1008, and lets none of them in any more whose handshake is under way. It
// does not replace authentication, which must refuse them already. How many
// sessions were open and are closed is returned.
func (s *Server) Admit(admits func(auth.Identity) bool) int {
	s.mu.Lock()
	s.admits = admits
	s.mu.Unlock()
	expelled := 0
	for _, session := range s.registry.all() {
		if !admits(session.identity) {
			session.expel()
			expelled++
		}
	}
	return expelled
}

// begin runs something in the background, unless the server is closed, and
// reports whether it does.
func (s *Server) begin(work func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.running.Go(work)
	}
	return !s.closed
}

// Close refuses handshakes, ends every session at once and returns when their
// goroutines have ended.
func (s *Server) Close() {
	s.mu.Lock()
	s.refusing, s.closed = true, true
	s.mu.Unlock()
	s.registry.abortAll()
	s.running.Wait()
}

// open starts a session that has a reserved place in the registry. A session
// whose handshake overlapped Refuse, Admit or Close ends as if it had been
// open before.
func (s *Server) open(session *Session, conn *wire.Conn) {
	s.options.Metrics.SessionOpened()
	session.party = s.options.Broker.NewParty()
	ctx, cancel := context.WithCancel(s.ctx)
	session.cancel = cancel
	s.registry.add(session, conn)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		session.end(errClosed)
		return
	case s.refusing:
		session.close(closeServiceRestart, "the gateway is restarting; connect again")
	case s.admits != nil && !s.admits(session.identity):
		session.expel()
	}
	s.running.Go(func() { session.run(ctx) })
}

// ServeHTTP implements http.Handler: the handshake.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.handshake(w, r); err != nil { //nolint:contextcheck // a session outlives its handshake, with the server
		s.options.Metrics.HandshakeRefused(err.Status)
	}
}
