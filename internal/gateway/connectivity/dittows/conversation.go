package dittows

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// conversation is something that the other end is asked, and its answers. Protocol rule: what tells of a subscription for a stream has the
// correlation id of the latest message about it, which is always the same here. It implements waiter.
type conversation struct {
	client *client
	id     string
	frames chan *frame
	// flooded says that more came than was asked for.
	flooded atomic.Bool
}

// demand is how many elements of a stream are asked for at once.
const demand = 32

// forEver is a time at which nothing is waited for any more.
var forEver = time.Unix(1<<40, 0)

// converse begins a conversation, which its caller must end.
func (c *client) converse() (*conversation, error) {
	var h protocol.Headers
	h.SetString(protocol.HeaderCorrelationID, "gap")
	v := &conversation{client: c, id: c.correlate(&h), frames: make(chan *frame, 2*demand)}
	return v, c.awaited.add(v.id, v, forEver)
}

func (v *conversation) end() { v.client.awaited.remove(v.id) }

// take implements waiter.
func (v *conversation) take(f *frame) bool {
	select {
	case v.frames <- f:
	default:
		v.flooded.Store(true)
	}
	return false
}

// miss implements waiter. Who waits sees that the client is lost.
func (v *conversation) miss(error) {}

// say sends an envelope.
func (v *conversation) say(ctx context.Context, env protocol.Envelope) error {
	env.Headers.SetString(protocol.HeaderCorrelationID, v.id)
	env.Path = "/"
	return v.client.send(ctx, outgoing{text: env.Append(nil)})
}

var errFlooded = errors.New("the other end has sent more than it was asked for")

// next waits for an answer. Errors: that of ctx, link.ErrLost, errNoAnswer.
func (v *conversation) next(ctx context.Context) (*protocol.Envelope, error) {
	timer := time.NewTimer(v.client.settings.answering)
	defer timer.Stop()
	select {
	case f := <-v.frames:
		if v.flooded.Load() {
			return nil, errFlooded
		}
		return &f.env, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-v.client.Lost():
		return nil, link.ErrLost
	case <-timer.C:
		return nil, errNoAnswer
	}
}

// ask sends an envelope and waits for its answer.
func (v *conversation) ask(ctx context.Context, env protocol.Envelope) (*protocol.Envelope, error) {
	if err := v.say(ctx, env); err != nil {
		return nil, err
	}
	return v.next(ctx)
}
