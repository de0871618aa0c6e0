package connectivity

import (
	"context"
	"log/slog"
	"time"

	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/management"
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
type Service struct{ options Options }

// NewService returns a service without Connections.
func NewService(o Options) *Service { return &Service{options: o} }

// Configure takes over a snapshot. It touches only what has changed in it, and does not wait for anything outside.
func (s *Service) Configure(snap *snapshot.Snapshot) {}

// Status returns the states of all, each kind by name.
func (s *Service) Status() (connections, subscriptions []management.LinkStatus) { return nil, nil }

// Declared reports whether a Connection has declared the label of an acknowledgement.
func (s *Service) Declared(label string) bool { return false }

// Events returns the last events of a Connection, oldest first, and whether there is such a Connection.
func (s *Service) Events(connection string) ([]Event, bool) { return nil, false }

// Part closes all Connections politely: nothing is consumed any more, what came in is settled, what waits goes out, as long as ctx
// allows. Accept opens them again.
func (s *Service) Part(ctx context.Context) {}

// Accept opens again what Part has closed.
func (s *Service) Accept() {}

// Close closes all Connections, and returns when every goroutine has ended.
func (s *Service) Close() {}
