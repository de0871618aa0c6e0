package mqtt

import (
	"context"
	"sync"

	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
)

// Bounds of what waits to be handed over.
const (
	maxWaiting      = maxUnsettled
	maxWaitingBytes = maxPacket
	// maxLuggage is how much memory the properties of a message may take. Whoever handles many at once counts their payloads.
	maxLuggage = 256 << 10
)

// arrival is a message that has come, with the receipt that the broker waits for; nil if it waits for none.
type arrival struct {
	publish *packet.Publish
	receipt *receipt
}

// intake is what has come and was not handed over. The reader puts, and one goroutine takes.
type intake struct {
	filled, room chan struct{} // capacity 1
	// open is closed when something may be handed over: when the client is ready, or has no room any more.
	open chan struct{}
	once sync.Once

	mu    sync.Mutex
	queue []arrival
	bytes int
}

func newIntake() *intake {
	return &intake{filled: make(chan struct{}, 1), room: make(chan struct{}, 1), open: make(chan struct{})}
}

// ready says that what has come may be handed over.
func (in *intake) ready() { in.once.Do(func() { close(in.open) }) }

// put adds a message. It waits while there is no room, and reports false if ctx ends meanwhile.
func (in *intake) put(ctx context.Context, a arrival) bool {
	for !in.add(a) {
		in.ready()
		select {
		case <-in.room:
		case <-ctx.Done():
			return false
		}
	}
	select {
	case in.filled <- struct{}{}:
	default:
	}
	return true
}

func (in *intake) add(a arrival) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	size := weight(a.publish)
	if len(in.queue) > 0 && (len(in.queue) >= maxWaiting || in.bytes+size > maxWaitingBytes) {
		return false
	}
	in.queue = append(in.queue, a)
	in.bytes += size
	return true
}

// next returns the next message, and waits for it. It reports false if ctx ends.
func (in *intake) next(ctx context.Context) (arrival, bool) {
	select {
	case <-in.open:
	case <-ctx.Done():
		return arrival{}, false
	}
	for {
		if a, ok := in.remove(); ok {
			return a, ctx.Err() == nil
		}
		select {
		case <-in.filled:
		case <-ctx.Done():
			return arrival{}, false
		}
	}
}

// weight returns about how much memory a message takes, in bytes.
func weight(p *packet.Publish) int { return len(p.Topic) + len(p.Payload) + luggage(p) }

// luggage returns about how much memory the properties of a message take, in bytes.
func luggage(p *packet.Publish) int {
	const each = 32 // two texts
	n := len(p.ContentType) + len(p.ResponseTopic) + len(p.Correlation) + len(p.User)*each + len(p.Subscriptions)*8
	for _, user := range p.User {
		n += len(user.Key) + len(user.Value)
	}
	return n
}

func (in *intake) remove() (arrival, bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.queue) == 0 {
		return arrival{}, false
	}
	a := in.queue[0]
	in.queue[0] = arrival{}
	in.queue = in.queue[1:]
	in.bytes -= weight(a.publish)
	select {
	case in.room <- struct{}{}:
	default:
	}
	return a, true
}
