package policies

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Settings may change while the service serves.
type Settings struct {
	// DefaultNamespace is that of policies whose topic has an empty one.
	DefaultNamespace string
	// Timeout is how long commands without a timeout of their own may take.
	// It also bounds those with one.
	Timeout time.Duration
}

// Custodian looks after the subjects of policies.
type Custodian interface {
	// Removed is told of subjects that a command has removed from a policy,
	// when that is durable. It must not block.
	Removed(policyID string, subjects []policy.Removed)
	// Acknowledge takes an acknowledgement of an announcement, and reports
	// whether it was waited for. It must not block.
	Acknowledge(expiry.Ack) bool
}

// Service serves commands on policies.
type Service struct {
	engine    *engine.Engine
	authority *authority.Authority
	custodian Custodian
	history   *history.Reader
	subjects  func() *placeholder.Template
	metrics   *metrics.Metrics
	clock     func() time.Time
	settings  atomic.Pointer[Settings]
}

// Options of a Service. All must be set.
type Options struct {
	Engine    *engine.Engine
	Authority *authority.Authority
	Custodian Custodian
	History   *history.Reader
	// TokenSubjects returns what the subjects are made of that token integration
	// adds and removes.
	TokenSubjects func() *placeholder.Template
	Metrics       *metrics.Metrics
	Clock         func() time.Time
	Settings      Settings
}

// NewService returns a service on the engine.
func NewService(o Options) *Service {
	s := &Service{
		engine: o.Engine, authority: o.Authority, custodian: o.Custodian, history: o.History, subjects: o.TokenSubjects,
		metrics: o.Metrics, clock: o.Clock,
	}
	s.settings.Store(&o.Settings)
	return s
}

// Configure replaces the settings, for commands that arrive from now on.
func (s *Service) Configure(settings Settings) { s.settings.Store(&settings) }

// Handle takes an envelope with a policies command, with the defaults of the
// requester's session merged into its headers. It waits while the engine's
// queue is full, as long as ctx allows.
func (s *Service) Handle(ctx context.Context, from exchange.Requester, env *protocol.Envelope) {
	if t := &env.Topic; t.Action == protocol.CheckPermissions && t.Namespace == protocol.Wildcard && t.Name == protocol.Wildcard {
		x := exchange.Begin(from, env, s.metrics, s.clock)
		s.checkPermissions(ctx, &x, env)
		return
	}
	s.command(ctx, from, env)
}

func (s *Service) command(ctx context.Context, from exchange.Requester, env *protocol.Envelope) {
	settings := s.settings.Load()
	if env.Topic.Namespace == "" {
		env.Topic.Namespace = settings.DefaultNamespace
	}
	c := &command{Exchange: exchange.Begin(from, env, s.metrics, s.clock), service: s}
	cmd, err := accept(&c.Exchange, env, settings.Timeout)
	if err != nil {
		c.Refuse(err)
		return
	}
	c.is(cmd)
	if cmd.At != nil {
		s.retrievePast(ctx, c)
		return
	}
	c.submit(ctx, c)
}

// accept does what can be done of a command without the state of its policy.
func accept(x *exchange.Exchange, env *protocol.Envelope, longest time.Duration) (*policy.Command, *protocol.Error) {
	cmd, err := policy.NewCommand(env)
	if err != nil {
		return nil, err
	}
	kind := ack.PolicyCommand
	if cmd.IsQuery() {
		kind = ack.PolicyQuery
	}
	return cmd, admit(x, kind, cmd.Namespace, longest)
}

// admit reads how a command wants to be answered, and checks that its requester
// may address policies of the namespace.
func admit(x *exchange.Exchange, kind ack.Kind, namespace string, longest time.Duration) *protocol.Error {
	if err := x.Prepare(kind, longest); err != nil {
		return err
	}
	if !x.From.MayAccess(protocol.Policies, namespace) {
		return protocol.ErrNamespaceNotAccessible(namespace)
	}
	return nil
}
