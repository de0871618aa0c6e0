package connectivity

import (
	"context"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// outlet is an outbound Subscription. It implements pubsub.Subscriber, pubsub.Kindred and broker.Member.
type outlet struct{ peer *peer }

// newOutlet returns the outlet of a Subscription, which has not subscribed yet. Errors say which template, filter or selector
// cannot be used.
func newOutlet(p *peer, s *snapshot.Subscription) (*outlet, error) { return &outlet{peer: p}, nil }

// open subscribes. What is published from now on waits until there is a client.
func (o *outlet) open() {}

// use says which client to publish with, nil when there is none.
func (o *outlet) use(c link.Client) {}

// drain stops taking signals and waits until those that were taken have their outcome, as long as ctx allows. It reports how
// many have none.
func (o *outlet) drain(ctx context.Context) int { return 0 }

// close unsubscribes and ends the outlet's goroutines. What still waits is dropped, counted, and refused to who waits for it.
func (o *outlet) close() {}
