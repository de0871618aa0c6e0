package twin

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Settings of the twin channel. They may change while it serves.
type Settings struct {
	// DefaultNamespace is that of things whose topic has an empty one.
	DefaultNamespace string
	// Timeout is how long commands without a timeout of their own may take.
	// It also bounds those with one.
	Timeout time.Duration
	// Limits bound the things.
	Limits thing.Limits
}

// Options of a Service. All must be set.
type Options struct {
	Engine    *engine.Engine
	Authority *authority.Authority
	Broker    *broker.Broker
	History   *history.Reader
	Metrics   *metrics.Metrics
	Clock     func() time.Time
	// Indexed are the rules by which the store makes its index.
	Indexed  index.Rules
	Settings Settings
}

// Service serves commands of the twin channel.
type Service struct {
	engine    *engine.Engine
	authority *authority.Authority
	broker    *broker.Broker
	history   *history.Reader
	metrics   *metrics.Metrics
	clock     func() time.Time
	indexed   index.Rules
	settings  atomic.Pointer[Settings]
}

// NewService returns a service on the engine.
func NewService(o Options) *Service {
	s := &Service{engine: o.Engine, authority: o.Authority, broker: o.Broker, history: o.History, metrics: o.Metrics, clock: o.Clock, indexed: o.Indexed}
	s.settings.Store(&o.Settings)
	return s
}

// Configure replaces the settings, for commands that arrive from now on.
func (s *Service) Configure(settings Settings) { s.settings.Store(&settings) }

// Handle takes an envelope with a things command on channel twin, with the
// defaults of the requester's session merged into its headers. It waits while
// the engine's queue is full, as long as ctx allows.
func (s *Service) Handle(ctx context.Context, from exchange.Requester, env *protocol.Envelope) {
	if env.Topic.Name == protocol.Wildcard {
		x := exchange.Begin(from, env, s.metrics, s.clock)
		s.retrieveThings(ctx, &x, env)
		return
	}
	s.command(ctx, from, env)
}

// command serves a command on one thing.
func (s *Service) command(ctx context.Context, from exchange.Requester, env *protocol.Envelope) {
	settings := s.settings.Load()
	if env.Topic.Namespace == "" {
		env.Topic.Namespace = settings.DefaultNamespace
	}
	c := &command{Exchange: exchange.Begin(from, env, s.metrics, s.clock), service: s, limits: settings.Limits}
	cmd, err := accept(&c.Exchange, env, settings.Timeout)
	if err != nil {
		c.Refuse(err)
		return
	}
	c.thing, c.Path = cmd, cmd.Path
	cmd.Subject = c.Originator()
	if err := c.open(); err != nil {
		c.Refuse(err)
		return
	}
	c.task.Command = c
	c.task.Deadline = c.Deadline()
	if cmd.At != nil {
		s.retrievePast(ctx, c)
		return
	}
	if id := cmd.PolicyElsewhere(s.clock()); id != "" {
		s.createWithPolicy(ctx, c, id)
		return
	}
	if err := s.engine.Submit(ctx, &c.task); err != nil {
		c.Complete(err)
	}
}

// accept does what can be done of a command without the state of its thing.
func accept(x *exchange.Exchange, env *protocol.Envelope, longest time.Duration) (*thing.Command, *protocol.Error) {
	cmd, err := thing.NewCommand(env)
	if err != nil {
		return nil, err
	}
	kind := ack.TwinModification
	if cmd.IsQuery() {
		kind = ack.TwinQuery
	}
	if err := x.Prepare(kind, longest); err != nil {
		return nil, err
	}
	if !x.From.MayAccess(protocol.Things, cmd.Namespace) {
		return nil, protocol.ErrNamespaceNotAccessible(cmd.Namespace)
	}
	return cmd, nil
}
