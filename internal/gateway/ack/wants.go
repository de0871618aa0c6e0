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

// ReadPlan returns the plan for a message that has the headers: what they want, normalized by [Normalize]. The errors
// are those of Normalize, and timeout.invalid.
func ReadPlan(k Kind, h *protocol.Headers, longest time.Duration) (Plan, *protocol.Error) {
	var s said // is not kept: most messages say nothing, and what they say costs nothing either
	w, err := s.read(h)
	if err != nil {
		return Plan{}, err
	}
	return Normalize(k, w, longest)
}

// said is what the pointers of Wants point to.
type said struct {
	required bool
	labels   []string
	timeout  time.Duration
}

// read reads the headers of a message. The error is timeout.invalid.
func (s *said) read(h *protocol.Headers) (w Wants, err *protocol.Error) {
	var ok bool
	if s.required, ok = h.Bool(protocol.HeaderResponseRequired); ok {
		w.ResponseRequired = &s.required
	}
	if s.labels, ok = h.Strings(protocol.HeaderRequestedAcks); ok {
		w.RequestedAcks = &s.labels
	}
	if s.timeout, ok, err = h.Timeout(); err != nil {
		return Wants{}, err
	}
	if ok {
		w.Timeout = &s.timeout
	}
	return w, nil
}

// required is whether a response is required, before that follows from anything else. Protocol rule: it is, by default.
func (w *Wants) required() bool { return w.ResponseRequired == nil || *w.ResponseRequired }

// instant reports whether nothing can be waited for.
func (w *Wants) instant() bool { return w.Timeout != nil && *w.Timeout == 0 }
