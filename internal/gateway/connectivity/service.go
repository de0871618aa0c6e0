package connectivity

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/snapshot"
)

// Options of a Service. All must be set.
type Options struct {
	// Kinds make the kind of each connection, by type.
	Kinds   map[snapshot.ConnectionType]func() link.Kind
	Handler Handler
	Hubs    map[snapshot.Signal]*pubsub.Hub
	Broker  *broker.Broker
	Metrics *metrics.Metrics
	Logger  *slog.Logger
	Clock   func() time.Time
	// Changed is called when the status of something has changed. It does not block.
	Changed func()
}

// Service keeps the Connections of a snapshot.
type Service struct {
	options Options
	ctx     context.Context //nolint:containedctx // The connections' lifetime is the service's.
	stop    context.CancelFunc
	running sync.WaitGroup

	configuring sync.Mutex // held while a snapshot is taken over
	parted      bool       // guarded by configuring
	snap        atomic.Pointer[snapshot.Snapshot]

	mu          sync.Mutex
	closed      bool
	connections map[string]*connection // those that are gone, too, until they have ended
	labels      map[string]bool        // that connections have declared
}

// NewService returns a service without Connections.
func NewService(o Options) *Service {
	ctx, stop := context.WithCancel(context.Background())
	return &Service{options: o, ctx: ctx, stop: stop, connections: map[string]*connection{}, labels: map[string]bool{}}
}

// Configure takes over a snapshot. It touches only what has changed in it, and does not wait for anything outside.
func (s *Service) Configure(snap *snapshot.Snapshot) {
	s.configuring.Lock()
	s.snap.Store(snap)
	s.configure()
	s.configuring.Unlock()
	s.options.Changed() // who is told may look at the status
}

// configure gives each connection what it is to be. Configuring is held.
func (s *Service) configure() {
	all := desires(s.snap.Load())
	s.declare(all)
	for _, c := range s.all() {
		if d := all[c.peer.name]; d == nil || d.connection.Type != c.peer.kind {
			c.want(&desire{gone: true})
			delete(all, c.peer.name) // another kind waits until this one has ended
		}
	}
	for name, d := range all {
		d.parted = s.parted
		if c := s.connection(name, d); c != nil {
			c.want(d)
		}
	}
}

// desires returns what is to be, by connection.
func desires(snap *snapshot.Snapshot) map[string]*desire {
	all := make(map[string]*desire, len(snap.Connections))
	for i := range snap.Connections {
		c := &snap.Connections[i]
		all[c.Name] = &desire{connection: c}
	}
	for i := range snap.Subscriptions {
		sub := &snap.Subscriptions[i]
		d := all[sub.Connection]
		switch {
		case d == nil: // no snapshot that is usable has one
		case sub.Direction == snapshot.Outbound:
			d.outbound = append(d.outbound, sub)
		default:
			d.inbound = append(d.inbound, sub)
		}
	}
	return all
}

// declare takes over the labels of acknowledgements.
func (s *Service) declare(all map[string]*desire) {
	labels := map[string]bool{}
	for _, d := range all {
		if !d.open() {
			continue
		}
		for _, label := range d.declared() {
			labels[label] = true
		}
		for _, sub := range d.outbound {
			if sub.Target.IssuedAck != "" {
				labels[sub.Target.IssuedAck] = true
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.labels = labels
}

// Declared reports whether a Connection has declared the label of an acknowledgement.
func (s *Service) Declared(label string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.labels[label]
}

// connection returns the one with the name, which is made if there is none; nil when the service is closed.
func (s *Service) connection(name string, d *desire) *connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.connections[name]
	if c == nil && !s.closed {
		c = s.newConnection(name, d.connection)
		s.connections[name] = c
		s.running.Go(func() {
			c.run(s.ctx)
			s.remove(c)
		})
	}
	return c
}

// remove takes out a connection that has ended. One that is wanted again meanwhile begins anew.
func (s *Service) remove(c *connection) {
	s.mu.Lock()
	delete(s.connections, c.peer.name)
	s.mu.Unlock()
	if s.ctx.Err() != nil {
		return
	}
	s.configuring.Lock()
	s.configure()
	s.configuring.Unlock()
	s.options.Changed()
}

// all returns the connections by name.
func (s *Service) all() []*connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*connection
	for _, c := range s.connections {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *connection) int { return cmp.Compare(a.peer.name, b.peer.name) })
	return all
}

// Events returns the last events of a Connection, oldest first, and whether there is such a Connection.
func (s *Service) Events(name string) ([]Event, bool) {
	s.mu.Lock()
	c := s.connections[name]
	s.mu.Unlock()
	if c == nil {
		return nil, false
	}
	return c.peer.journal.events(), true
}

// Part closes all Connections politely: nothing is consumed any more, what came in is settled, what waits goes out, as long as ctx
// allows. Accept opens them again.
func (s *Service) Part(ctx context.Context) {
	s.park(true) //nolint:contextcheck // what is retired ends with its connection, not with who waits
	for _, c := range s.all() {
		c.settled(ctx)
	}
}

// Accept opens again what Part has closed.
func (s *Service) Accept() { s.park(false) }

func (s *Service) park(parted bool) {
	s.configuring.Lock()
	turned := s.parted != parted && s.snap.Load() != nil
	s.parted = parted
	if turned {
		s.configure()
	}
	s.configuring.Unlock()
	if turned {
		s.options.Changed()
	}
}

// Close closes all Connections, and returns when every goroutine has ended.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.stop()
	s.running.Wait()
}
