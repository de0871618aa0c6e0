package twin

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/policy"
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

// Service serves commands of the twin channel.
type Service struct {
	engine   *engine.Engine
	policy   policy.Implied
	metrics  *metrics.Metrics
	clock    func() time.Time
	settings atomic.Pointer[Settings]
}

// NewService returns a service on the engine.
func NewService(e *engine.Engine, m *metrics.Metrics, clock func() time.Time, s Settings) *Service {
	service := &Service{engine: e, metrics: m, clock: clock}
	service.settings.Store(&s)
	return service
}

// Configure replaces the settings, for commands that arrive from now on.
func (s *Service) Configure(settings Settings) { s.settings.Store(&settings) }

// Handle takes an envelope with a things command on channel twin, with the
// defaults of the requester's session merged into its headers. It waits while
// the engine's queue is full, as long as ctx allows.
func (s *Service) Handle(ctx context.Context, from Requester, env *protocol.Envelope) {
	r := &request{service: s, from: from, received: s.clock(), topic: env.Topic, headers: env.Headers}
	if _, ok := r.headers.Get(protocol.HeaderCorrelationID); !ok {
		r.headers.SetString(protocol.HeaderCorrelationID, rand.Text())
	}
	if env.Topic.Name == protocol.Wildcard {
		s.retrieveThings(ctx, r, env)
		return
	}
	s.command(ctx, r, env)
}

// command serves a command on one thing.
func (s *Service) command(ctx context.Context, r *request, env *protocol.Envelope) {
	settings := s.settings.Load()
	if env.Topic.Namespace == "" {
		env.Topic.Namespace = settings.DefaultNamespace
		r.topic.Namespace = settings.DefaultNamespace
	}
	cmd, err := s.accept(r, env)
	if err != nil {
		r.refuse(err)
		return
	}
	r.path = cmd.Path
	cmd.Subject = r.originator()
	c := &command{request: r, thing: cmd, limits: settings.Limits}
	c.task.Command = c
	c.task.Deadline = r.deadline(settings.Timeout)
	if err := s.engine.Submit(ctx, &c.task); err != nil {
		c.Complete(err)
	}
}

// accept does what can be done of a command without the state of its thing.
func (s *Service) accept(r *request, env *protocol.Envelope) (*thing.Command, *protocol.Error) {
	cmd, err := thing.NewCommand(env)
	if err != nil {
		return nil, err
	}
	if r.options, err = protocol.CommandOptions(&r.headers, cmd.IsQuery()); err != nil {
		return nil, err
	}
	if err := checkAcks(r.options.RequestedAcks); err != nil {
		return nil, err
	}
	return cmd, s.authorize(r.from.Subjects(), cmd)
}

// checkAcks refuses requested acknowledgements that nobody can issue yet,
// rather than have their requester wait for them in vain.
func checkAcks(labels []string) *protocol.Error {
	for _, label := range labels {
		if label != protocol.LabelTwinPersisted {
			return protocol.ErrHeaderNotSupported(protocol.HeaderRequestedAcks)
		}
	}
	return nil
}

// authorize is where the policy of the thing will decide; see package policy.
func (s *Service) authorize(subjects []string, cmd *thing.Command) *protocol.Error {
	if cmd.IsQuery() && !s.policy.MayRead(subjects, cmd.Path.Pointer) {
		return protocol.ErrThingNotFound(cmd.ID)
	}
	if !cmd.IsQuery() && !s.policy.MayWrite(subjects, cmd.Path.Pointer) {
		return protocol.ErrThingNotModifiable(cmd.ID)
	}
	return nil
}
