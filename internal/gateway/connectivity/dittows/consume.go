package dittows

import (
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
)

// incoming is what waits to be consumed.
type incoming struct {
	frame  *frame
	source string
	// event is set for an event of a twin.
	event *event
	// memory is what is told if the event must come again.
	memory *memory
}

func (in *incoming) size() int { return len(in.frame.text) }

// forget undoes that the event was told.
func (in *incoming) forget() {
	if in.event != nil {
		in.memory.owe(in.event.thing, in.event.revision)
	}
}

// enqueue waits for room, until the client is lost or closed.
func (c *client) enqueue(in incoming) {
	if c.room.Enter(c.consuming, in.size()) != nil || !c.incoming.put(in) {
		in.forget()
	}
}

// enqueueEvent takes an event from the gate.
func (c *client) enqueueEvent(e *event) {
	c.enqueue(incoming{frame: e.frame, source: e.source, event: e, memory: c.gate.memory})
}

// consume hands over what has come in, one by one. What came before the client was lost is handed over, too.
func (c *client) consume() {
	var items []incoming
	for {
		items = c.incoming.all(c.consuming.Done(), items)
		if items == nil {
			return
		}
		for i := range items {
			c.handOver(&items[i])
			items[i].frame, items[i].event = nil, nil
		}
	}
}

func (c *client) handOver(in *incoming) {
	defer c.room.Leave(in.size())
	consumed := link.Consumed{Source: in.source, Message: external.Message{Payload: in.frame.text}}
	if e := in.event; e != nil {
		consumed.Message.Key, consumed.Redelivered = e.thing, e.again
		memory := in.memory
		consumed.Settle = func(s link.Settlement) {
			if s == link.Redeliver {
				memory.failed(e.thing, e.revision)
			}
		}
	}
	if c.config.Consumer.Consume(c.consuming, consumed) != nil {
		in.forget()
	}
}
