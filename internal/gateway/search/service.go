package search

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// Kind is the kind of subscriptions that this package opens.
var Kind = &stream.Kind{
	Member: "items", NotFound: protocol.ErrSearchNotFound, Protocol: protocol.ErrSearchProtocol, Timeout: protocol.ErrSearchTimeout,
}

// Settings may change while the service serves.
type Settings struct {
	// Timeout is how long it may take to find a page.
	Timeout time.Duration
}

// Options of a Service. All must be set.
type Options struct {
	Finder   Finder
	Metrics  *metrics.Metrics
	Clock    func() time.Time
	Settings Settings
}

// Service serves searches.
type Service struct {
	options  Options
	settings atomic.Pointer[Settings]
	begun    atomic.Int64 // bytes of pages that are not complete
}

// NewService returns a service.
func NewService(o Options) *Service {
	s := &Service{options: o}
	s.settings.Store(&o.Settings)
	return s
}

// Configure replaces the settings, for pages that are looked for from now on.
func (s *Service) Configure(settings Settings) { s.settings.Store(&settings) }

// Requester is who sent a message.
type Requester interface {
	exchange.Requester
	// Streams returns the requester's subscriptions of a kind.
	Streams(kind *stream.Kind) *stream.Set
}

// Handle takes an envelope with the criterion search about things on channel twin, with one of the actions that clients send,
// and with the defaults of the requester's session merged into its headers.
func (s *Service) Handle(_ context.Context, from Requester, env *protocol.Envelope) {
	x := exchange.Begin(from, env, s.options.Metrics, s.options.Clock)
	err := checkAddress(env)
	switch {
	case err != nil:
	case env.Topic.Action == protocol.Subscribe:
		err = s.subscribe(&x, from.Streams(Kind), env)
	default:
		err = proceed(&x, from.Streams(Kind), env)
	}
	if err != nil {
		x.Refuse(err)
	}
}

// checkAddress checks what a message is about.
//
// Protocol rule: it is no entity, and no part of one. To name a namespace there would not limit the search to it.
func checkAddress(env *protocol.Envelope) *protocol.Error {
	if t := &env.Topic; t.Namespace != protocol.Wildcard || t.Name != protocol.Wildcard {
		return protocol.ErrTopicUnknown(t.String(), "A search is about no single entity: its topic begins with _/_.")
	}
	path, err := protocol.ParsePath(env.Path)
	if err == nil && path.Kind != protocol.Root {
		err = protocol.ErrUnknownTopicPath(env.Topic.String(), env.Path)
	}
	return err
}

// subscribe opens a subscription, or says why not.
//
// Protocol rule: what is wrong with a search is told when the first page is requested.
func (s *Service) subscribe(x *exchange.Exchange, streams *stream.Set, env *protocol.Envelope) *protocol.Error {
	parameters, err := protocol.ReadSearch(env)
	if err != nil {
		return err
	}
	p := &pages{service: s, from: x.From}
	if p.query, p.invalid = query.Stream(parameters); p.invalid == nil {
		p.invalid = Restrict(p.query, x.From)
	}
	m := messageOf(x)
	id, err := streams.Subscribe(m, p.next, p.release)
	if err != nil {
		p.end(metrics.SearchRefused)
		return err
	}
	x.Tell(m.Created(id), statusOK)
	return nil
}

const statusOK = 200

// Restrict leaves of the namespaces of a search those that the requester may address, of which there must be one.
//
// Errors: gateway:namespace.notaccessible.
func Restrict(q *query.Query, who exchange.Requester) *protocol.Error {
	named := q.Namespaces
	q.Namespaces = slices.DeleteFunc(slices.Clone(named), func(ns string) bool { return !who.MayAccess(protocol.Things, ns) })
	if len(named) > 0 && len(q.Namespaces) == 0 {
		return protocol.ErrNamespaceNotAccessible(named[0])
	}
	return nil
}

// proceed goes on with a subscription, or ends it.
func proceed(x *exchange.Exchange, streams *stream.Set, env *protocol.Envelope) *protocol.Error {
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
