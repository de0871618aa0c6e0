package mqtt

import (
	"context"
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
	"github.com/twinway/twinway/internal/snapshot"
)

// New returns the kind for one connection.
func New() link.Kind { return newKind() }

func newKind() *kind { return &kind{memory: newMemory(), redelivery: 10 * time.Second} }

// kind makes the clients of one connection, one after the other.
type kind struct {
	memory *memory
	// redelivery is how long a client lasts that has something to be delivered again.
	redelivery time.Duration
}

// Dial implements [link.Kind].
func (k *kind) Dial(ctx context.Context, config link.Config) (link.Client, error) {
	c, err := k.dial(ctx, config)
	if err != nil {
		return nil, link.Failure(err)
	}
	return c, nil
}

func (k *kind) dial(ctx context.Context, config link.Config) (*client, error) {
	s, err := openSocket(ctx, config)
	if err != nil {
		return nil, err
	}
	version := versionOf(config.Connection)
	granted, err := s.greet(ctx, version, k.greeting(config))
	if err != nil {
		_ = s.conn.Close()
		return nil, err
	}
	c := newClient(k, config, s, version, granted)
	c.start()
	if err := c.resume(ctx); err != nil {
		c.quit(ctx)
		return nil, err
	}
	k.memory.subscribed(c.routes.subscriptions())
	c.intake.ready()
	return c, nil
}

func versionOf(c *snapshot.Connection) packet.Version {
	if c.MQTT.Version == snapshot.MQTT3 {
		return packet.V3
	}
	return packet.V5
}

// keeps reports whether the broker keeps the session when the connection ends.
func keeps(o *snapshot.MQTT) bool {
	if o.Version == snapshot.MQTT3 {
		return !o.CleanStart
	}
	return o.SessionExpiry >= time.Second
}

// resume takes up the session where the client before has left it, and subscribes.
//
// Errors: *link.Refusal for a filter that the broker does not take, that of ctx, why the client was lost.
func (c *client) resume(ctx context.Context) error {
	if !c.granted.SessionPresent {
		c.kind.memory.forget()
	}
	for _, id := range c.kind.memory.takeUnreleased() {
		if c.flights.reserve(id) {
			c.send(packet.AppendAck(nil, packet.PUBREL, id))
		}
	}
	for _, filter := range c.kind.memory.outdated(c.routes.subscriptions()) {
		id, _ := c.flights.open(&flight{})
		c.send(packet.AppendUnsubscribe(nil, c.version, id, filter))
	}
	return c.subscribe(ctx)
}

// quit ends a client that nobody has seen, politely if that is quick: what it was to say when it is lost is not to be said.
func (c *client) quit(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	c.Close(ctx)
}

var errSilentEnd = errors.New("the broker has closed the connection")
