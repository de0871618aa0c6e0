package mqtttest

import (
	mochi "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// Listener has a broker end while clients leave.
//
// To find the clients of a listener that closes the broker takes a lock for reading twice (Clients.GetByListener), and stands still if
// one of them leaves between the two.
func Listener(server *mochi.Server, l listeners.Listener) listeners.Listener {
	return &listener{Listener: l, server: server}
}

type listener struct {
	listeners.Listener
	server *mochi.Server
}

// Close implements listeners.Listener.
func (l *listener) Close(listeners.CloseFn) {
	l.Listener.Close(func(id string) {
		for _, c := range l.server.Clients.GetAll() {
			if c.Net.Listener == id && !c.Closed() {
				_ = l.server.DisconnectClient(c, packets.ErrServerShuttingDown) // it is gone either way
			}
		}
	})
}
