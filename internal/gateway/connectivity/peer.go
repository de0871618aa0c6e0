package connectivity

import (
	"context"
	"log/slog"
	"time"

	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/snapshot"
)

// Handler takes the envelopes that connections receive.
type Handler interface {
	// Handle takes an envelope. It leads to exactly one call of from.Reply or from.NoReply, now or later. It may wait while there is no
	// room, until ctx ends.
	Handle(ctx context.Context, from exchange.Requester, env *protocol.Envelope)
}

// peer is what the parts of a connection share: who it is to the rest of the gateway, and what that is.
type peer struct {
	name    string
	kind    snapshot.ConnectionType
	party   *broker.Party
	handler Handler
	broker  *broker.Broker
	hubs    map[snapshot.Signal]*pubsub.Hub
	metrics *metrics.Connection
	journal *journal
	log     *slog.Logger
	clock   func() time.Time
	// declared are the labels of acknowledgements that may come in through the connection, sorted. It changes with the snapshot.
	declared func() []string
}
