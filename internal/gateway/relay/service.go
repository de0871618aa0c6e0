package relay

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// Hubs bring signals to their subscribers, by kind. All must be set.
type Hubs struct{ Messages, Commands, Events *pubsub.Hub }

// Options of a Service. All must be set.
type Options struct {
	Engine    *engine.Engine
	Authority *authority.Authority
	Broker    *broker.Broker
	Hubs      Hubs
	Metrics   *metrics.Metrics
	Clock     func() time.Time
	Settings  Settings
}

// Settings of the live channel. They may change while it serves.
type Settings struct {
	// DefaultNamespace is that of things whose topic has an empty one.
	DefaultNamespace string
	// Timeout is how long anybody waits who does not say, and at most. What smart retrieves say is not bounded.
	Timeout time.Duration
	// Limits bound the things.
	Limits thing.Limits
}

// Service serves the live channel.
type Service struct {
	engine    *engine.Engine
	authority *authority.Authority
	broker    *broker.Broker
	hubs      Hubs
	metrics   *metrics.Metrics
	clock     func() time.Time
	settings  atomic.Pointer[Settings]
}

// NewService returns a service.
func NewService(o Options) *Service {
	s := &Service{engine: o.Engine, authority: o.Authority, broker: o.Broker, hubs: o.Hubs, metrics: o.Metrics, clock: o.Clock}
	s.settings.Store(&o.Settings)
	return s
}

// Configure replaces the settings, for messages that arrive from now on.
func (s *Service) Configure(settings Settings) { s.settings.Store(&settings) }

// Handle takes an envelope about a thing with the defaults of the requester's session merged into its headers: any of channel
// live, an acknowledgement of either channel, or a retrieve from the twin with a condition for the live channel. It waits while
// the engine's queue is full, as long as ctx allows.
func (s *Service) Handle(ctx context.Context, from exchange.Requester, env *protocol.Envelope) {
	if env.Topic.Namespace == "" {
		env.Topic.Namespace = s.settings.Load().DefaultNamespace
	}
	x := exchange.Begin(from, env, s.metrics, s.clock)
	if env.Topic.Channel == protocol.Live { // Protocol rule: what is of the live channel says so in a header
		x.Headers.Set(protocol.HeaderChannel, liveChannel)
	}
	env.Headers = x.Headers
	switch t := &env.Topic; {
	case t.Criterion == protocol.Acks:
		s.acknowledge(&x, env)
	case t.Criterion == protocol.Errors, env.Status != 0:
		s.respond(&x, env)
	case t.Criterion == protocol.Commands:
		s.command(ctx, x, env)
	case t.Criterion == protocol.Messages:
		s.message(ctx, x, env)
	case t.Criterion == protocol.Events:
		s.event(ctx, x, env)
	default:
		x.Refuse(protocol.ErrTopicNotServed(*t))
	}
}

// The values of the header channel.
var (
	liveChannel = []byte(`"live"`)
	twinChannel = []byte(`"twin"`)
)

// acknowledge takes an acknowledgement. Protocol rule: it is not answered. One from where its sender may not go has no effect.
func (s *Service) acknowledge(x *exchange.Exchange, env *protocol.Envelope) {
	if x.From.MayAccess(protocol.Things, env.Topic.Namespace) {
		if err := s.broker.Acknowledge(x.From, env); err != nil {
			x.Refuse(err)
			return
		}
	}
	x.From.NoReply()
}
