package ack

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Wants is what a message says of how it wants to be answered.
type Wants struct {
	// ResponseRequired is nil if the message does not say.
	ResponseRequired *bool
	// RequestedAcks are labels of acknowledgements, nil if the message does not say. They are not modified.
	RequestedAcks *[]string
	// Timeout is not negative, nil if the message does not say.
	Timeout *time.Duration
}

// ReadWants reads the headers of a message. The error is timeout.invalid.
func ReadWants(h *protocol.Headers) (Wants, *protocol.Error) {
	var w Wants
	if required, ok := h.Bool(protocol.HeaderResponseRequired); ok {
		w.ResponseRequired = &required
	}
	if labels, ok := h.Strings(protocol.HeaderRequestedAcks); ok {
		w.RequestedAcks = &labels
	}
	if text, ok := h.String(protocol.HeaderTimeout); ok {
		timeout, err := protocol.ParseTimeout(text)
		if err != nil {
			return Wants{}, err
		}
		w.Timeout = &timeout
	}
	return w, nil
}

// required is whether a response is required, before that follows from anything else. Protocol rule: it is, by default.
func (w *Wants) required() bool { return w.ResponseRequired == nil || *w.ResponseRequired }

// instant reports whether nothing can be waited for.
func (w *Wants) instant() bool { return w.Timeout != nil && *w.Timeout == 0 }
