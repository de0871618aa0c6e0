package connectivity

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mapping"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/snapshot"
)

// outlet is an outbound Subscription. It implements pubsub.Subscriber, pubsub.Kindred and broker.Member.
//
// What it has taken is in one of these places, until it has its outcome: fresh, as it came; behind another with the same key; ready to
// be published, mostly again; resting until it is; or on its way, with a client. One goroutine maps and publishes.
type outlet struct {
	peer     *peer
	name     string
	hub      *pubsub.Hub
	want     *pubsub.Want
	audience *pubsub.Audience
	target   *mapping.Target
	delivery snapshot.DeliveryGuarantee
	// issued is the label with which deliveries are acknowledged, "" for none.
	issued string
	flow   *metrics.Flow
	notes  *notes

	ctx     context.Context //nolint:containedctx // The outlet's own lifetime: what is published ends with it.
	stop    context.CancelFunc
	running sync.WaitGroup

	numbered uint64 // parcels, by the goroutine

	mu      sync.Mutex
	changed sync.Cond // there is something to do, or there may be
	client  link.Client
	held    bool // nothing is published before it is told to whom
	queue   queue
	lanes   lanes
	ready   []*parcel
	resting map[*parcel]*time.Timer
	refused []arrival // for which there was no room, and whose requesters are to be told
	// refusedBytes is the size of those.
	refusedBytes int
	closed       bool
	drained      chan struct{} // closed when nothing is left, nil unless somebody waits for that
}

// newOutlet returns the outlet of a Subscription, which has not subscribed yet. Errors say which template, filter or selector
// cannot be used.
func newOutlet(p *peer, s *snapshot.Subscription) (*outlet, error) {
	hub := p.hubs[s.Signal]
	if hub == nil {
		return nil, fmt.Errorf("nothing is published of type %s", s.Signal)
	}
	target, err := mapping.NewTarget(p.name, p.kind, s)
	if err != nil {
		return nil, err
	}
	o := &outlet{
		peer: p, name: s.Name, hub: hub, target: target, delivery: s.Target.Delivery, issued: s.Target.IssuedAck,
		flow: p.metrics.Out(s.Name), notes: newNotes(p.journal, s.Name), resting: map[*parcel]*time.Timer{}, lanes: lanes{},
	}
	if o.want, err = wantOf(s, o.flow); err != nil {
		return nil, err
	}
	o.audience = &pubsub.Audience{Subjects: s.AuthorizationSubjects, Acks: o.labels()}
	o.changed.L = &o.mu
	o.ctx, o.stop = context.WithCancel(context.Background())
	return o, nil
}

// wantOf returns what a Subscription wants of its hub, and has what its filter leaves out counted.
func wantOf(s *snapshot.Subscription, flow *metrics.Flow) (*pubsub.Want, error) {
	want, err := pubsub.Parameters{
		Namespaces: s.Namespaces, Filter: s.Filter, HasFilter: s.Filter != "", ExtraFields: s.ExtraFields, HasExtraFields: s.ExtraFields != "",
	}.Want()
	switch {
	case err != nil:
		return nil, err
	case s.ExtraFields != "" && s.Signal == snapshot.SignalPolicyAnnouncements:
		return nil, protocol.ErrAnnouncementNotEnriched(s.ExtraFields)
	}
	if want.Filter != nil {
		want.Filtered = func(signals int64) { flow.Count(metrics.Filtered, int(signals)) }
	}
	return want, nil
}

// labels returns the acknowledgements that the outlet may be asked for: those that come in through the connection, and its own.
// Protocol rule: live responses are asked for in another way.
func (o *outlet) labels() []string {
	labels := slices.Clone(o.peer.declared())
	if o.issued != "" && o.issued != protocol.LabelLiveResponse {
		labels = append(labels, o.issued)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// open subscribes. What is published from now on waits until there is a client.
func (o *outlet) open() {
	o.running.Go(o.run)
	o.hub.Subscribe(o, o.want)
}

// hold lets what is taken wait until use is called.
func (o *outlet) hold() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.held = true
}

// laden reports whether there is something that has no outcome.
func (o *outlet) laden() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.count > 0
}

// use says which client to publish with, nil when there is none.
func (o *outlet) use(c link.Client) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.client, o.held = c, false
	o.changed.Broadcast()
}

// drain stops taking signals and waits until those that were taken have their outcome, as long as ctx allows. It reports how
// many have none.
func (o *outlet) drain(ctx context.Context) int {
	o.hub.Unsubscribe(o)
	select {
	case <-o.empty():
	case <-ctx.Done():
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.queue.count
}

// empty returns a channel that is closed when nothing is left.
func (o *outlet) empty() <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	waiting := o.drained
	if waiting == nil {
		waiting = make(chan struct{})
		o.drained = waiting
		o.emptied()
	}
	return waiting
}

// emptied tells who waits for it when nothing is left. The lock is held.
func (o *outlet) emptied() {
	if o.drained == nil || o.queue.count > 0 {
		return
	}
	close(o.drained)
	o.drained = nil
}

// close unsubscribes and ends the outlet's goroutines. What still waits is dropped, counted, and refused to who waits for it.
// What is on its way has its outcome from the client.
func (o *outlet) close() {
	o.hub.Unsubscribe(o)
	o.mu.Lock()
	o.closed = true
	o.changed.Broadcast()
	o.mu.Unlock()
	o.stop()
	o.running.Wait()
}

// Audience implements pubsub.Subscriber: the Subscription's subjects.
func (o *outlet) Audience() *pubsub.Audience { return o.audience }

// Kin implements pubsub.Kindred: what came in through the connection does not go out again.
func (o *outlet) Kin() any { return o.peer }

// Party implements broker.Member.
func (o *outlet) Party() *broker.Party { return o.peer.party }

// sure reports whether signals are tried until they are delivered.
func (o *outlet) sure() bool { return o.delivery == snapshot.AtLeastOnce }
