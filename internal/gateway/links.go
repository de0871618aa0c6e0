package gateway

import (
	"sync/atomic"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// links are the Connections and Subscriptions of the snapshot in force. This
// version runs none of them and says so; what will run them takes the place of
// this type.
type links struct{ status atomic.Pointer[linkStatus] }

type linkStatus struct{ connections, subscriptions []management.LinkStatus }

// notServed tells people why nothing flows.
const notServed = "this version of the gateway does not serve connections yet"

// Configure takes over a snapshot. It touches only what has changed in it.
func (l *links) Configure(s *snapshot.Snapshot) {
	status, closed := &linkStatus{}, map[string]bool{}
	for i := range s.Connections {
		c := &s.Connections[i]
		closed[c.Name] = c.State == snapshot.ConnectionClosed
		status.connections = append(status.connections, unserved(c.Name, closed[c.Name]))
	}
	for i := range s.Subscriptions {
		sub := &s.Subscriptions[i]
		status.subscriptions = append(status.subscriptions, unserved(sub.Name, closed[sub.Connection]))
	}
	l.status.Store(status)
}

func unserved(name string, closed bool) management.LinkStatus {
	if closed {
		return management.LinkStatus{Name: name, State: management.LinkClosed}
	}
	return management.LinkStatus{Name: name, State: management.LinkNotServed, Message: notServed}
}

// Status returns the states of all, each kind by name, to be read only.
func (l *links) Status() (connections, subscriptions []management.LinkStatus) {
	status := l.status.Load()
	return status.connections, status.subscriptions
}
