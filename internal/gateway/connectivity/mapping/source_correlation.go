package mapping

import (
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// correlationID returns that of the message, or id if it has none.
func (in *incoming) correlationID(id string) string {
	if own, given := in.idHeader(); given {
		return own
	}
	return id
}

// idHeader returns the correlation id in the headers of a message, and whether there is one.
func (in *incoming) idHeader() (string, bool) {
	id := in.ofMessage(external.CorrelationID)
	return id, id != ""
}

// idOf returns the correlation id of an envelope, or id if it has none.
func idOf(env *protocol.Envelope, id string) string {
	if own, given := env.Headers.String(protocol.HeaderCorrelationID); given {
		return own
	}
	return id
}
