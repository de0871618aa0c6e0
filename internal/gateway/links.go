package gateway

import (
	"github.com/twinway/twinway/internal/gateway/connectivity"
	"github.com/twinway/twinway/internal/gateway/connectivity/dittows"
	"github.com/twinway/twinway/internal/gateway/connectivity/httppush"
	"github.com/twinway/twinway/internal/gateway/connectivity/kafka"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt"
	"github.com/twinway/twinway/internal/gateway/connectivity/nats"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/snapshot"
)

// kinds are the protocols that Connections speak.
func kinds() map[snapshot.ConnectionType]func() link.Kind {
	return map[snapshot.ConnectionType]func() link.Kind{
		snapshot.ConnectionDittoWebSocket: dittows.New,
		snapshot.ConnectionHTTPPush:       httppush.New,
		snapshot.ConnectionMQTT:           mqtt.New,
		snapshot.ConnectionKafka:          kafka.New,
		snapshot.ConnectionNATS:           nats.New,
	}
}

// outbound are the hubs of what Subscriptions let out.
func (g *Gateway) outbound() map[snapshot.Signal]*pubsub.Hub {
	return map[snapshot.Signal]*pubsub.Hub{
		snapshot.SignalTwinEvents: g.events, snapshot.SignalPolicyAnnouncements: g.announcements,
		snapshot.SignalMessages: g.live.Messages, snapshot.SignalLiveCommands: g.live.Commands, snapshot.SignalLiveEvents: g.live.Events,
	}
}

// shownConnections is what the admin port shows of Connections. It implements admin.Connections.
type shownConnections struct{ *connectivity.Service }

// List implements admin.Connections.
func (s shownConnections) List() any { return s.Service.List() }

// Events implements admin.Connections.
func (s shownConnections) Events(name string) (any, bool) { return s.Service.Events(name) }
