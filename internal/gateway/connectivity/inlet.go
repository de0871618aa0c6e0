package connectivity

import (
	"context"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// inlet is what comes in through a connection. It implements link.Consumer.
type inlet struct{ peer *peer }

// newInlet returns the inlet for the sources of a connection. Errors say which template cannot be used.
func newInlet(p *peer, sources []snapshot.Source) (*inlet, error) { return &inlet{peer: p}, nil }

// ask replaces the inbound Subscriptions, by whose authority is done what another endpoint of the protocol sends.
func (in *inlet) ask(inbound []*snapshot.Subscription) {}

// use says which client replies go to, nil when there is none.
func (in *inlet) use(c link.Client) {}

// Consume implements link.Consumer.
func (in *inlet) Consume(ctx context.Context, c link.Consumed) error { return nil }

// drain waits until everything that was taken is settled, as long as ctx allows, and reports how much is not.
func (in *inlet) drain(ctx context.Context) int { return 0 }

// close ends the inlet: what is not settled never will be.
func (in *inlet) close() {}
