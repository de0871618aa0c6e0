package linktest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// Inbox is a consumer that keeps what has come in, and does with it what it is told. The zero Inbox accepts everything.
type Inbox struct {
	// Do is called with each message, by the goroutine that brings it; nil accepts. It is changed by Use once a client has the inbox.
	Do func(context.Context, link.Consumed)

	mu  sync.Mutex
	got []link.Consumed
}

// Consume implements link.Consumer.
func (in *Inbox) Consume(ctx context.Context, c link.Consumed) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	in.mu.Lock()
	in.got = append(in.got, c)
	do := in.Do
	in.mu.Unlock()
	switch {
	case do != nil:
		do(ctx, c)
	case c.Settle != nil:
		c.Settle(link.Accept)
	}
	return nil
}

// Use has do called with what comes from now on, nil to accept it, and returns what has come before.
func (in *Inbox) Use(do func(context.Context, link.Consumed)) []link.Consumed {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.Do = do
	return slices.Clone(in.got)
}

// All returns what has come in.
func (in *Inbox) All() []link.Consumed {
	in.mu.Lock()
	defer in.mu.Unlock()
	return slices.Clone(in.got)
}

// Payloads returns what has come in as texts.
func (in *Inbox) Payloads() []string {
	var all []string
	for _, c := range in.All() {
		all = append(all, string(c.Message.Payload))
	}
	return all
}

// Turnstile is a consumer that takes as many messages as are Left for its Inbox, and refuses all others. It is for one goroutine.
type Turnstile struct {
	Inbox *Inbox
	Left  int
}

// Consume implements link.Consumer.
func (s *Turnstile) Consume(ctx context.Context, c link.Consumed) error {
	if s.Left == 0 {
		return errors.New("nothing is taken any more")
	}
	s.Left--
	return s.Inbox.Consume(ctx, c)
}

// ConsumerFunc is a consumer that takes everything and keeps nothing, for benchmarks.
type ConsumerFunc func(link.Consumed)

// Consume implements link.Consumer.
func (f ConsumerFunc) Consume(_ context.Context, c link.Consumed) error {
	f(c)
	return nil
}
