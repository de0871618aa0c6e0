package exchange

import "github.com/twinway/twinway/internal/gateway/protocol"

// CheckAcks refuses requested acknowledgements that nobody can issue yet,
// rather than have their requester wait for them in vain.
func CheckAcks(labels []string) *protocol.Error {
	for _, label := range labels {
		if label != protocol.LabelTwinPersisted {
			return protocol.ErrHeaderNotSupported(protocol.HeaderRequestedAcks)
		}
	}
	return nil
}
