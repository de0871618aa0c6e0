package policy

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// unserved are headers that would change what a command does, and which policies do not have or this server does not serve:
// to do something else than was asked for would be worse than to refuse.
var unserved = []protocol.HeaderName{
	protocol.HeaderPutMetadata, protocol.HeaderGetMetadata, protocol.HeaderDeleteMetadata, protocol.HeaderCondition,
}

// readHeaders reads and checks the headers of a command.
func (c *Command) readHeaders(h *protocol.Headers) (err *protocol.Error) {
	if h.Len() == 0 {
		return nil
	}
	if err := refuseAny(h, unserved); err != nil {
		return err
	}
	if c.IsQuery() {
		if err := c.readView(h); err != nil {
			return err
		}
		if c.At, err = protocol.ReadMoment(h); err != nil {
			return err
		}
	}
	c.AllowLockout, _ = h.Bool(protocol.HeaderAllowPolicyLockout)
	c.Conditions, err = protocol.ReadConditions(h)
	return err
}

func refuseAny(h *protocol.Headers, names []protocol.HeaderName) *protocol.Error {
	for _, name := range names {
		if h.Has(name) {
			return protocol.ErrHeaderNotSupported(name)
		}
	}
	return nil
}

// readView reads how a policy is to be shown. Protocol rule: in whatever case, and it matters only to the whole policy.
func (c *Command) readView(h *protocol.Headers) *protocol.Error {
	view, given := h.String(protocol.HeaderPolicyView)
	switch {
	case !given || strings.EqualFold(view, "original"):
	case strings.EqualFold(view, "resolved"):
		c.Resolved = c.Path.Kind == protocol.Root
	default:
		return protocol.ErrPolicyViewInvalid(view)
	}
	return nil
}
