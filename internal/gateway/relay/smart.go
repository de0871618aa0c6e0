package relay

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// smart is what the twin has to do with a retrieve that a device may answer, too.
type smart struct {
	twin *thing.Command
	// conditional says that the device is asked only under a condition, and not always.
	conditional bool
	// useTwin says that the twin answers if the device does not.
	useTwin bool

	// outcome is set by decide.
	outcome thing.Outcome
}

// newSmart reads a retrieve from the twin with a condition for the live channel, or one of the live channel for which the twin
// is to stand in.
func newSmart(env *protocol.Envelope, subject string) (*smart, *protocol.Error) {
	conditional := env.Topic.Channel == protocol.Twin
	if !conditional {
		env = onChannel(env, protocol.Twin)
		for _, name := range asksTwinOnly {
			env.Headers.Delete(name)
		}
	}
	twin, err := thing.NewCommand(env)
	if err != nil {
		return nil, err
	}
	twin.Subject = subject
	strategy, _ := env.Headers.String(protocol.HeaderLiveChannelTimeoutStrategy)
	return &smart{twin: twin, conditional: conditional, useTwin: strategy == "use-twin"}, nil
}

// asksTwinOnly are headers that mean nothing to a device, and must not mean anything to the twin that stands in for it.
var asksTwinOnly = []protocol.HeaderName{
	protocol.HeaderLiveChannelCondition, protocol.HeaderAtHistoricalRevision, protocol.HeaderAtHistoricalTimestamp,
}

// onChannel returns an envelope as it would be on a channel, with headers of its own.
func onChannel(env *protocol.Envelope, c protocol.Channel) *protocol.Envelope {
	moved := *env
	moved.Topic.Channel = c
	moved.Headers = env.Headers.Clone()
	return &moved
}

// decide has the twin answer. Protocol rule: if it cannot, the device is not asked.
func (s *smart) decide(st *thing.State, who thing.Authority, now time.Time, limits thing.Limits) (err *protocol.Error) {
	s.outcome, err = thing.Decide(st, s.twin, who, now, limits)
	return err
}

// forDevice reports whether the device is asked.
func (s *smart) forDevice() bool { return !s.conditional || s.outcome.ForDevice }

// completeSmart answers a smart retrieve, or sends it to the device.
func (r *request) completeSmart() {
	if !r.smart.forDevice() {
		r.mark(protocol.Twin, false)
		r.Respond(exchange.Result(r.smart.outcome.Response))
		return
	}
	r.mark(protocol.Live, true)
	if err := r.open(); err != nil {
		r.Fail(err)
		return
	}
	r.hub.Publish([]*pubsub.Signal{r.makeSignal()})
	r.published()
}

// mark says in the headers of the answer which channel it comes from. Protocol rule: and whether that was on condition of what
// the twin is.
func (r *request) mark(c protocol.Channel, matched bool) {
	r.Headers = r.Headers.Clone()
	r.Topic.Channel = c
	markHeaders(&r.Headers, c, matched)
}

func markHeaders(h *protocol.Headers, c protocol.Channel, matched bool) {
	channel, met := liveChannel, []byte("true")
	if c == protocol.Twin {
		channel = twinChannel
	}
	if !matched {
		met = []byte("false")
	}
	h.Set(protocol.HeaderChannel, channel)
	h.Set(protocol.HeaderLiveChannelConditionMatched, met)
}

// instead returns what gives the answer of the twin when the device has none. It holds no more than that.
func (r *request) instead() func() (ack.Ack, any, bool) {
	twin := r.Response(exchange.Result(r.smart.outcome.Response))
	twin.Topic.Channel = protocol.Twin
	twin.Headers = r.Headers.Clone()
	markHeaders(&twin.Headers, protocol.Twin, true)
	return func() (ack.Ack, any, bool) {
		a := ack.TwinPersisted(&twin)
		a.Label = protocol.LabelLiveResponse
		return a, answer{&twin, twin.Status}, true
	}
}
