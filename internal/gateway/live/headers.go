package live

import "github.com/twinway/twinway/internal/gateway/protocol"

// perReceiver are the headers that a [Delivery] sets.
var perReceiver = [...]protocol.HeaderName{
	protocol.HeaderCorrelationID, protocol.HeaderResponseRequired, protocol.HeaderRequestedAcks, protocol.HeaderOriginator,
}

// passedOn returns those headers of a client's that its receivers are shown, but for those that a [Delivery] sets. The caller
// may change them. Protocol rule: whatever is of the channel live says so in a header.
func passedOn(h *protocol.Headers) protocol.Headers {
	passed := h.Clone()
	passed.FilterIn()
	for _, name := range perReceiver {
		passed.Delete(name)
	}
	passed.Set(protocol.HeaderChannel, []byte(`"live"`))
	return passed
}

// Untold reports whether the sender of an envelope is not told that it was refused. Protocol rule: a device that says that it
// wants no response is not told that what it sent has the wrong shape, but of anything else.
func Untold(env *protocol.Envelope, refusal *protocol.Error) bool {
	required, given := env.Headers.Bool(protocol.HeaderResponseRequired)
	return given && !required && refusal.Code == protocol.CodeIllegalAdaptable
}
