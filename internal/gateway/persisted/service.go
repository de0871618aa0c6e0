package persisted

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// Kind is the kind of subscriptions that this package opens. Protocol rule:
// things and policies have the same ids.
var Kind = &stream.Kind{
	Member: "item", NotFound: protocol.ErrStreamNotFound, Protocol: protocol.ErrStreamProtocol, Timeout: protocol.ErrStreamTimeout,
}

// Settings may change while the service serves.
type Settings struct {
	// DefaultNamespace is that of entities whose topic has an empty one.
	DefaultNamespace string
	// Timeout is how long a look at an entity may take.
	Timeout time.Duration
}

// Options of a Service. All must be set.
type Options struct {
	Engine    *engine.Engine
	Authority *authority.Authority
	History   *history.Reader
	Metrics   *metrics.Metrics
	Clock     func() time.Time
	Settings  Settings
}

// Service serves subscriptions for persisted events.
type Service struct {
	options  Options
	settings atomic.Pointer[Settings]
}

// NewService returns a service.
func NewService(o Options) *Service {
	s := &Service{options: o}
	s.settings.Store(&o.Settings)
	return s
}

// Configure replaces the settings, for messages that arrive from now on.
func (s *Service) Configure(settings Settings) { s.settings.Store(&settings) }

// Requester is who sent a message.
type Requester interface {
	exchange.Requester
	// Streams returns the requester's subscriptions of a kind.
	Streams(kind *stream.Kind) *stream.Set
}

// Handle takes an envelope with the criterion streaming about things on channel
// twin, or about policies, with one of the actions that clients send, and with
// the defaults of the requester's session merged into its headers.
func (s *Service) Handle(_ context.Context, from Requester, env *protocol.Envelope) {
	if env.Topic.Namespace == "" {
		env.Topic.Namespace = s.settings.Load().DefaultNamespace
	}
	x := exchange.Begin(from, env, s.options.Metrics, s.options.Clock)
	var err *protocol.Error
	if env.Topic.Action == protocol.SubscribeForPersistedEvents {
		err = s.subscribe(&x, from.Streams(Kind), env)
	} else {
		err = proceed(&x, from.Streams(Kind), env)
	}
	if err != nil {
		x.Refuse(err)
	}
}

// Source returns the events that a message subscribes for, which sends itself whoever asks, and needs no subscription. The message
// is one to subscribe, and is not answered.
//
// Errors: those of a subscription. That nothing may be read, or the filter not be applied, is told by the source.
func (s *Service) Source(from exchange.Requester, env *protocol.Envelope) (stream.Source, *protocol.Error) {
	if env.Topic.Namespace == "" {
		env.Topic.Namespace = s.settings.Load().DefaultNamespace
	}
	x := exchange.Begin(from, env, s.options.Metrics, s.options.Clock)
	query, err := accept(&x, env)
	if err != nil {
		return nil, err
	}
	return s.read(&x, &query), nil
}

// subscribe opens a subscription, or says why not.
func (s *Service) subscribe(x *exchange.Exchange, streams *stream.Set, env *protocol.Envelope) *protocol.Error {
	query, err := accept(x, env)
	if err != nil {
		return err
	}
	m := messageOf(x)
	id, err := streams.Subscribe(m, s.read(x, &query), nil)
	if err != nil {
		return err
	}
	x.Tell(m.Created(id), statusOK)
	return nil
}

const statusOK = 200

// accept checks all that can be checked before the first request.
func accept(x *exchange.Exchange, env *protocol.Envelope) (query, *protocol.Error) {
	t := &env.Topic
	switch {
	case t.Name == protocol.Wildcard:
		return query{}, protocol.ErrTopicUnknown(t.String(), "A history is that of a single entity.")
	case protocol.ValidateID(t.Namespace, t.Name) != nil:
		return query{}, protocol.ErrEntityIDInvalid(t.EntityID())
	}
	if err := checkPath(env); err != nil {
		return query{}, err
	}
	if !x.From.MayAccess(t.Group, t.Namespace) {
		return query{}, protocol.ErrNamespaceNotAccessible(t.Namespace)
	}
	return newQuery(env.Value)
}

// checkPath checks the path. Protocol rule: it is the root.
func checkPath(env *protocol.Envelope) *protocol.Error {
	path, err := entityOf(env.Topic.Group).path(env.Path)
	if err == nil && path.Kind != protocol.Root {
		err = protocol.ErrUnknownTopicPath(env.Topic.String(), env.Path)
	}
	return err
}

// proceed goes on with a subscription, or ends it.
func proceed(x *exchange.Exchange, streams *stream.Set, env *protocol.Envelope) *protocol.Error {
	if err := checkPath(env); err != nil {
		return err
	}
	answer, status, err := streams.Proceed(messageOf(x), env)
	if err != nil {
		return err
	}
	x.Tell(answer, status)
	return nil
}

func messageOf(x *exchange.Exchange) stream.Message {
	return stream.Message{Topic: x.Topic, Headers: x.Headers, Originator: x.Originator()}
}
