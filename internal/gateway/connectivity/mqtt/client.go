package mqtt

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

// Bounds of a client.
const (
	// maxPacket is how long a packet may be that the broker sends, in bytes.
	maxPacket = 8 << 20
	// maxUnsettled is how many messages a broker of MQTT 5 may send that are not acknowledged, so that they always have room in the
	// intake.
	maxUnsettled = 256
	// maxUnacknowledged is how many messages may be sent that the broker has not acknowledged, if it allows so many.
	maxUnacknowledged = 256
	// maxHalves is how many of them may be of QoS 2 with MQTT 3. Brokers usually keep 10 or 20.
	maxHalves = 10
)

// client is one connection to a broker. It implements [link.Client].
type client struct {
	kind    *kind
	config  link.Config
	socket  *socket
	version packet.Version
	granted packet.Connack

	routes   *routes
	out      *outbox
	flights  *flights
	intake   *intake
	receipts *receipts
	pulse    pulse

	ctx    context.Context //nolint:containedctx // Ends with the client.
	cancel context.CancelFunc
	// consuming ends when nothing is handed over any more.
	consuming     context.Context //nolint:containedctx // Ends with consuming.
	stopConsuming context.CancelFunc
	leaving       chan struct{} // closed when nothing is published any more
	lost          chan struct{}
	readAll       chan struct{} // closed when nothing is read any more
	handedOver    chan struct{} // closed when nothing is handed over any more
	again         atomic.Bool   // something is to be delivered again
	goodbye       atomic.Bool   // it was said, and is answered by the end of the connection

	goroutines sync.WaitGroup

	mu      sync.Mutex
	over    bool
	parting bool
	err     error
}

func newClient(k *kind, config link.Config, s *socket, v packet.Version, granted packet.Connack) *client {
	c := &client{
		kind: k, config: config, socket: s, version: v, granted: granted,
		routes: newRoutes(config.Connection.Sources, granted.SubscriptionIDs), out: newOutbox(s.conn),
		flights: newFlights(window(v, granted)), intake: newIntake(),
		leaving: make(chan struct{}), lost: make(chan struct{}), readAll: make(chan struct{}), handedOver: make(chan struct{}),
	}
	c.receipts = newReceipts(c.out, k.memory)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.consuming, c.stopConsuming = context.WithCancel(c.ctx)
	c.pulse.start(config.Connection.MQTT.KeepAlive, granted.KeepAlive)
	return c
}

// window returns how many messages may be under way, and how many of QoS 2. A broker of MQTT 3 does not say how many halves of messages
// it keeps, and ends the connection when there are more.
func window(v packet.Version, granted packet.Connack) (all, pairs int) {
	all = min(maxUnacknowledged, int(granted.ReceiveMaximum))
	if v == packet.V3 {
		return all, min(all, maxHalves)
	}
	return all, all
}

// start starts the client's goroutines, which end when the client is lost or closed.
func (c *client) start() {
	c.goroutines.Go(func() { c.out.run(c.ctx, c.fail) })
	c.goroutines.Go(c.read)
	c.goroutines.Go(c.handOver)
	c.goroutines.Go(c.beat)
}

// send has a packet written that nobody waits for.
func (c *client) send(b []byte) {
	if !c.out.answer(b) {
		c.fail(errOverfull)
	}
}

// errOverfull says that the broker reads nothing of what it has asked for. It also ends up where it is too late for any error.
const errOverfull = errText("the broker does not read what it is sent")

// Publish implements [link.Client].
func (c *client) Publish(
	ctx context.Context, m *external.Message, delivery snapshot.DeliveryGuarantee, done func(link.Outcome),
) error {
	p, err := outgoing(m, delivery, c.version)
	if err == nil {
		err = c.fits(&p)
	}
	if err != nil {
		done(link.Outcome{Status: 400, Err: err})
		return nil
	}
	if err := c.await(ctx); err != nil {
		return err
	}
	if p.QoS == 0 {
		return c.throw(&p, done)
	}
	if err := c.flights.await(ctx, p.QoS, c.leaving); err != nil {
		return err
	}
	return c.launch(&p, done)
}

// await returns when there is room to send something.
func (c *client) await(ctx context.Context) error {
	select {
	case <-c.leaving:
		return link.ErrLost
	default:
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.out.await(ctx, c.leaving)
}

// throw sends a message that is not acknowledged: it is delivered when it is written.
func (c *client) throw(p *packet.Publish, done func(link.Outcome)) error {
	written := func(ok bool) {
		if ok {
			done(link.Outcome{Status: 200})
		} else {
			done(lostOutcome())
		}
	}
	if !c.out.add(func(b []byte) []byte { return packet.AppendPublish(b, c.version, p) }, written) {
		return link.ErrLost
	}
	return nil
}

// launch sends a message that is acknowledged, for which there is a slot.
func (c *client) launch(p *packet.Publish, done func(link.Outcome)) error {
	id, ok := c.flights.open(&flight{qos: p.QoS, done: done})
	if !ok {
		return link.ErrLost
	}
	p.ID = id
	if c.out.add(func(b []byte) []byte { return packet.AppendPublish(b, c.version, p) }, nil) {
		return nil
	}
	// Whoever ended the client may have told of it already.
	if c.flights.land(id, func(*flight) bool { return true }) != nil {
		return link.ErrLost
	}
	return nil
}

// Lost implements [link.Client].
func (c *client) Lost() <-chan struct{} { return c.lost }

// Err implements [link.Client].
func (c *client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close implements [link.Client].
func (c *client) Close(ctx context.Context) {
	c.part(ctx)
	c.end(nil)
	c.goroutines.Wait()
}

// fail ends the client because of an error, unless it has ended.
func (c *client) fail(err error) { c.end(link.Failure(err)) }

// end ends the client, unless it has ended. Its goroutines end soon.
func (c *client) end(err error) {
	c.leave()
	c.mu.Lock()
	if c.over {
		c.mu.Unlock()
		return
	}
	c.over, c.err = true, err
	c.mu.Unlock()
	c.cancel()
	_ = c.socket.conn.Close()
	close(c.lost)
	c.out.stop()
	c.kind.memory.leave(c.flights.abandon())
}

// leave has nothing published and nothing consumed any more.
func (c *client) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.parting {
		c.parting = true
		close(c.leaving)
		c.stopConsuming()
	}
}

// part says goodbye, after everything that was published has its outcome, and what was handed over and settled is acknowledged, as long as
// ctx allows.
func (c *client) part(ctx context.Context) {
	c.leave()
	for _, over := range []<-chan struct{}{c.flights.settled(), c.handedOver} {
		select {
		case <-over:
		case <-ctx.Done():
		case <-c.lost:
			return
		}
	}
	c.goodbye.Store(true)
	if !c.out.add(packet.AppendDisconnect, nil) {
		return
	}
	// A goodbye that does not arrive has the last will published. It may not if the connection ends while there is something to read.
	brief, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	select {
	case <-c.readAll:
	case <-c.lost:
	case <-brief.Done():
	}
}
