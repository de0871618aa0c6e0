package mqtt

import (
	"sync"

	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
)

// receipts are what the broker waits for: one for each message of QoS 1 or 2 that is not acknowledged.
type receipts struct {
	out    *outbox
	memory *memory

	mu      sync.Mutex
	pending map[uint16]*receipt
	queues  [3][]*receipt // by QoS, in the order of the messages
}

// receipt is for one message.
type receipt struct {
	id      uint16
	qos     byte
	settled bool
	// send is whether it is sent once it is settled.
	send bool
}

func newReceipts(out *outbox, memory *memory) *receipts {
	return &receipts{out: out, memory: memory, pending: map[uint16]*receipt{}}
}

// open returns the receipt for a message, nil if the message was taken before.
func (r *receipts) open(p *packet.Publish) *receipt {
	if p.QoS == 2 && p.Dup && r.memory.taken(p.ID) {
		r.out.answer(packet.AppendAck(nil, packet.PUBREC, p.ID))
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending[p.ID] != nil {
		return nil
	}
	one := &receipt{id: p.ID, qos: p.QoS}
	r.pending[p.ID] = one
	r.queues[p.QoS] = append(r.queues[p.QoS], one)
	return one
}

// settle sends a receipt, or has it never sent, and with it those that have waited for it only because of the order.
func (r *receipts) settle(one *receipt, send bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one.settled, one.send = true, send
	queue := r.queues[one.qos]
	for len(queue) > 0 && queue[0].settled {
		r.end(queue[0])
		queue[0] = nil
		queue = queue[1:]
	}
	r.queues[one.qos] = queue
}

func (r *receipts) end(one *receipt) {
	delete(r.pending, one.id)
	if !one.send {
		return
	}
	r.out.add(func(b []byte) []byte {
		if one.qos == 1 {
			return packet.AppendAck(b, packet.PUBACK, one.id)
		}
		r.memory.take(one.id)
		return packet.AppendAck(b, packet.PUBREC, one.id)
	}, nil)
}
