package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/admin"
	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/connectivity"
	"github.com/twinway/twinway/internal/gateway/engine"
	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/finder"
	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/management"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/persisted"
	"github.com/twinway/twinway/internal/gateway/policies"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/relay"
	"github.com/twinway/twinway/internal/gateway/rest"
	"github.com/twinway/twinway/internal/gateway/search"
	"github.com/twinway/twinway/internal/gateway/session"
	"github.com/twinway/twinway/internal/gateway/store/pebble"
	"github.com/twinway/twinway/internal/gateway/twin"
	"github.com/twinway/twinway/internal/snapshot"
)

// Gateway is a running data plane.
type Gateway struct {
	options Options
	log     *slog.Logger
	metrics *metrics.Metrics

	store         *pebble.Store
	engine        *engine.Engine
	events        *pubsub.Hub
	announcements *pubsub.Hub
	live          relay.Hubs
	broker        *broker.Broker
	twins         *twin.Service
	relay         *relay.Service
	policies      *policies.Service
	persisted     *persisted.Service
	finder        *finder.Service
	search        *search.Service
	sessions      *session.Server
	rest          *rest.Server

	authentication *authentication
	authority      *authority.Authority
	custodian      *expiry.Custodian

	connectivity *connectivity.Service
	certificate  *certificate
	service      service
	port         *management.Port // nil without

	public, admin, management *server
	// background ends with ctx, which stop ends; it covers what runs beside the
	// listeners.
	background sync.WaitGroup
	ctx        context.Context //nolint:containedctx // The gateway's own lifetime.
	stop       context.CancelFunc
	// custody attends to the subjects of policies. It begins when those who are
	// to be told can connect.
	custody func()
	// failed is closed, with failure set, when the gateway cannot go on.
	failOnce sync.Once
	failed   chan struct{}
	failure  error

	closing  sync.Once
	applying sync.Mutex // held while a snapshot is applied
	current  atomic.Pointer[inForce]
	serving  atomic.Bool // all listeners are open
	draining atomic.Bool
	departed atomic.Bool // the last step of a departure has been taken
}

// inForce is a snapshot with what would take long to compute again.
type inForce struct {
	*snapshot.Snapshot
	hash string
}

// Start opens the store and the listeners and serves.
//
// Errors: those of the store (pebble.Open), an address that cannot be
// listened on, *UnusableError.
func Start(snap *snapshot.Snapshot, o Options) (*Gateway, error) {
	o = o.withDefaults()
	g := &Gateway{
		options: o, log: o.Logger, metrics: metrics.New(), failed: make(chan struct{}), certificate: &certificate{},
	}
	g.ctx, g.stop = context.WithCancel(context.Background())
	g.hold(snap)
	if err := g.assemble(snap); err != nil {
		return nil, errors.Join(err, g.release())
	}
	g.keep(snap)
	if err := g.listen(snap); err != nil {
		return nil, errors.Join(err, g.release())
	}
	g.connectivity.Configure(snap)
	g.changed()
	g.background.Go(g.custody)
	return g, nil
}

// assemble builds everything behind the listeners, inside out.
func (g *Gateway) assemble(snap *snapshot.Snapshot) error {
	began := time.Now()
	shown, err := newCertificate(snap)
	if err != nil {
		return &UnusableError{err}
	}
	g.certificate.current.Store(shown)
	indexed := indexRules(snap)
	store, err := pebble.Open(pebble.Options{
		Dir: g.options.DataDir, FS: g.options.FS, CacheSize: storeCache(snap),
		HistoryMaxRecords: func() int { return g.current.Load().Storage.History.MaxRecords },
		HistoryMaxAge:     func() time.Duration { return g.current.Load().Storage.History.MaxAge },
		Clock:             g.options.Clock,
		Logger:            g.log,
		OnCommit: func(c pebble.CommitInfo) {
			g.metrics.Committed(c.Latency, c.Appends, c.Bytes)
			g.metrics.HistoryDroppedByCount(c.Dropped)
		},
		OnSweep: g.metrics.HistoryDroppedByAge,
		Index:   twin.Entries(indexed), IndexRules: indexed.Version(),
		OnFatal: g.fail,
	})
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	g.store = store
	secret, err := store.Secret()
	if err != nil {
		return err
	}
	seal, err := query.NewSeal(secret)
	if err != nil {
		return err
	}
	g.log.Info("store open", "directory", g.options.DataDir, "took", time.Since(began).Round(time.Millisecond))

	if g.authentication, err = newAuthentication(snap, g.log); err != nil {
		return &UnusableError{err}
	}
	g.events, g.announcements = pubsub.NewHub(), pubsub.NewHub()
	g.live = relay.Hubs{Messages: pubsub.NewHub(), Commands: pubsub.NewHub(), Events: pubsub.NewHub()}
	g.broker = broker.New(broker.Options{Declared: g.declared, Clock: g.options.Clock, Hooks: brokerHooks{g.metrics}})
	g.authority = authority.NewAuthority(store, policyCache(snap), authoritySettings(snap))
	g.custodian = expiry.New(expiry.Options{
		Store: store, Remover: remover{g}, Publisher: g.announcements, Hooks: subjectHooks{g.metrics, g.log},
		Settings: expirySettings(snap),
	})
	changes := &finder.Changes{}
	g.engine = engine.New(engine.Options{
		Store: changes.Of(store), Publisher: publisher{g.events, g.metrics},
		Hooks: hooks{g.metrics, g.log, g.authority.Policies, g.custodian}, Clock: g.options.Clock, CacheBytes: recordCache(snap),
	})
	past := history.New(store)
	g.twins = twin.NewService(twin.Options{
		Engine: g.engine, Authority: g.authority, Broker: g.broker, History: past, Metrics: g.metrics, Clock: g.options.Clock,
		Indexed: indexed, Settings: twinSettings(snap),
	})
	g.policies = policies.NewService(policies.Options{
		Engine: g.engine, Authority: g.authority, Custodian: g.custodian, History: past, TokenSubjects: g.authentication.integrated.Load,
		Metrics: g.metrics, Clock: g.options.Clock, Settings: policiesSettings(snap),
	})
	g.persisted = persisted.NewService(persisted.Options{
		Engine: g.engine, Authority: g.authority, History: past, Metrics: g.metrics, Clock: g.options.Clock, Settings: persistedSettings(snap),
	})
	g.finder = finder.NewService(finder.Options{
		Store: store, Changes: changes, Authority: g.authority, Reader: g.twins, Clock: g.options.Clock, Metrics: g.metrics, Logger: g.log, Indexed: indexed,
		Within: func() time.Duration { return g.current.Load().Session.CommandTimeout },
	})
	g.search = search.NewService(search.Options{
		Finder: g.finder, Metrics: g.metrics, Clock: g.options.Clock, Settings: searchSettings(snap),
	})
	g.relay = relay.NewService(relay.Options{
		Engine: g.engine, Authority: g.authority, Broker: g.broker, Hubs: g.live, Metrics: g.metrics, Clock: g.options.Clock,
		Settings: relaySettings(snap),
	})
	g.sessions = session.NewServer(g.ctx, session.Options{
		Auth:       g.authentication.chain(),
		Renew:      g.authentication.tokens.Renew,
		Access:     g.authentication.access,
		Challenges: func() []string { return challenges(g.Current()) },
		Reserved:   func(label string) bool { return g.connectivity.Declared(label) },
		Handler:    g.router(),
		Hubs:       g.hubs(),
		Broker:     g.broker,
		Settings:   sessionSettings(snap),
		Metrics:    g.metrics,
		Logger:     g.log,
		Clock:      g.options.Clock,
	})
	g.rest = rest.NewServer(rest.Options{
		Auth: g.authentication.chain(), Challenges: func() []string { return challenges(g.Current()) }, Access: g.authentication.access,
		Events: g.events, Messages: g.live.Messages, History: g.persisted, Place: g.sessions.Place, Ready: g.Ready,
		Finder: g.finder, Seal: seal, Handler: requests{g.router()}, Integrator: requests{g.router()}, Broker: g.broker, Settings: restSettings(snap), Metrics: g.metrics, Logger: g.log, Clock: g.options.Clock,
	})
	g.connectivity = connectivity.NewService(connectivity.Options{
		Kinds: kinds(), Handler: requests{g.router()}, Hubs: g.outbound(), Broker: g.broker, Metrics: g.metrics, Logger: g.log,
		Clock: g.options.Clock, Changed: g.changed,
	})
	g.background.Go(func() { g.sessions.Registry().Sweep(g.ctx) })
	g.custody = func() { _ = g.custodian.Run(g.ctx) } // it ends with ctx, for no other reason
	g.gauges()
	return nil
}

// router returns what gives envelopes to the services.
func (g *Gateway) router() router {
	return router{
		twins: g.twins, relay: g.relay, policies: g.policies, persisted: g.persisted, search: g.search, metrics: g.metrics,
		clock: g.options.Clock,
	}
}

// declared reports whether a session or a Connection has declared a label. They
// are made behind the broker, which asks when something is published.
func (g *Gateway) declared(label string) bool {
	return g.sessions.Registry().Declared(label) || g.connectivity.Declared(label)
}

// remover lets the custodian remove subjects by way of the service, which is
// made after it.
type remover struct{ gateway *Gateway }

// Expire implements expiry.Remover.
func (r remover) Expire(ctx context.Context, policyID, label, subject string, at time.Time) error {
	return r.gateway.policies.Expire(ctx, policyID, label, subject, at)
}

// listen opens the ports, those first that tell of the one for clients.
func (g *Gateway) listen(snap *snapshot.Snapshot) error {
	var err error
	if g.options.Admin != "" {
		handler := admin.Handler(g.Healthy, g.Ready, g.metrics.Registry(), shownConnections{g.connectivity})
		if g.options.Profiling {
			handler = admin.WithProfiles(handler)
		}
		if g.admin, err = serve(g.options.Admin, handler, serving{}, g.log, g.fail); err != nil {
			return fmt.Errorf("admin listener: %w", err)
		}
		g.log.Info("admin listening", "address", g.admin.address())
	}
	if err := g.listenManagement(); err != nil {
		return err
	}
	address := g.options.Listen
	if address == "" {
		address = net.JoinHostPort("", fmt.Sprint(snap.Listener.Port))
	}
	config := g.certificate.config()
	if g.public, err = serve(address, newFront(g.sessions, g.rest), serving{tls: config}, g.log, g.fail); err != nil {
		return fmt.Errorf("listener: %w", err)
	}
	g.serving.Store(true) // before anybody reads that it listens, and asks
	g.changed()
	g.log.Info("listening", "address", g.public.address(), "endpoint", "/ws/2", "tls", config != nil, "gateway", snap.Gateway.String())
	return nil
}

// Address returns where clients connect, host and port.
func (g *Gateway) Address() string { return g.public.address() }

// AdminAddress returns where probes and metrics are, empty without.
func (g *Gateway) AdminAddress() string {
	if g.admin == nil {
		return ""
	}
	return g.admin.address()
}

// fail notes why the gateway cannot go on. The owner sees it in Failed.
func (g *Gateway) fail(err error) {
	g.failOnce.Do(func() {
		g.failure = err
		close(g.failed)
	})
}

// Failed is closed when the gateway cannot go on, for example because the disk
// no longer takes writes. Err then says why. The owner should end the process.
func (g *Gateway) Failed() <-chan struct{} { return g.failed }

// Err returns why the gateway cannot go on, nil as long as it can.
func (g *Gateway) Err() error {
	select {
	case <-g.failed:
		return g.failure
	default:
		return nil
	}
}
