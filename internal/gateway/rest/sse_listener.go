package rest

import (
	"bytes"
	"sync"

	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// What may wait for a stream. Signals that come together are taken together: who is not given the time to read one of them is not
// slow.
const (
	maxWaiting      = 100 // signals
	maxWaitingBytes = maxWaiting * 4 << 10
)

// listener is a stream as a subscriber. It implements pubsub.Subscriber.
type listener struct {
	audience *pubsub.Audience
	// picks reports whether the stream is about the envelope. Nil: about all.
	picks   func(text []byte) bool
	metrics *metrics.Metrics
	// overflow is called when there is no more room. It does not block.
	overflow func()
	// ready holds one if something may wait.
	ready chan struct{}

	mu      sync.Mutex
	waiting [][]byte // envelopes, which others share
	size    int      // of those, in bytes
	full    bool     // nothing more is taken
}

// Audience implements pubsub.Subscriber.
func (l *listener) Audience() *pubsub.Audience { return l.audience }

// Deliver implements pubsub.Subscriber.
func (l *listener) Deliver(b wire.Burst) {
	texts := l.pick(b)
	if len(texts) == 0 {
		return
	}
	if !l.queue(texts) {
		l.metrics.SignalsDropped(len(texts))
		l.overflow()
		return
	}
	l.metrics.SignalsDelivered(len(texts))
	select {
	case l.ready <- struct{}{}:
	default:
	}
}

// pick returns the envelopes that the stream is about. If that is not all, they are copied, not to keep the others.
func (l *listener) pick(b wire.Burst) (texts [][]byte) {
	if l.picks == nil {
		texts = make([][]byte, 0, b.Len())
	}
	for i := range b.Len() {
		switch text := b.Text(i); {
		case l.picks == nil:
			texts = append(texts, text)
		case l.picks(text):
			texts = append(texts, bytes.Clone(text))
		}
	}
	return texts
}

// queue reports whether there was room. From when there is none on there never is.
func (l *listener) queue(texts [][]byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.full || len(l.waiting) >= maxWaiting || l.size >= maxWaitingBytes {
		l.full, l.waiting = true, nil
		return false
	}
	l.waiting = append(l.waiting, texts...)
	for _, text := range texts {
		l.size += len(text)
	}
	return true
}

// take returns what waits.
func (l *listener) take() [][]byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.waiting
	l.waiting, l.size = nil, 0
	return taken
}
