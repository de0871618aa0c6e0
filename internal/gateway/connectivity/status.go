package connectivity

import (
	"errors"
	"regexp"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// Status returns the states of all, each kind by name.
func (s *Service) Status() (connections, subscriptions []management.LinkStatus) {
	if snap := s.snap.Load(); snap != nil {
		return s.statusOf(snap)
	}
	return nil, nil
}

// statusOf returns the states of those of a snapshot.
func (s *Service) statusOf(snap *snapshot.Snapshot) (connections, subscriptions []management.LinkStatus) {
	states := map[string]status{}
	for _, c := range s.all() {
		states[c.peer.name] = c.status()
	}
	for i := range snap.Connections {
		name := snap.Connections[i].Name
		connections = append(connections, states[name].of(name))
	}
	for i := range snap.Subscriptions {
		sub := &snap.Subscriptions[i]
		subscriptions = append(subscriptions, states[sub.Connection].ofSubscription(sub))
	}
	return connections, subscriptions
}

// status is the state of a connection. The zero status is that of one that does not run yet.
type status struct {
	state   management.LinkState
	message string
	// refused says why Subscriptions do not flow although the connection is open, by name. It is not modified.
	refused map[string]string
}

func (st status) of(name string) management.LinkStatus {
	if st.state == "" {
		st.state = management.LinkConnecting
	}
	return management.LinkStatus{Name: name, State: st.state, Message: st.message}
}

func (st status) ofSubscription(sub *snapshot.Subscription) management.LinkStatus {
	if why, refused := st.refused[sub.Name]; refused && st.state != management.LinkClosed {
		return management.LinkStatus{Name: sub.Name, State: management.LinkFailed, Message: why}
	}
	return st.of(sub.Name)
}

// ourPort is the end of a connection that is ours, in errors of networks. It is another one each time.
var ourPort = regexp.MustCompile(`[^\s"(]*:\d+->`)

// connecting is what there is to say of a connection that was not tried before.
const connecting = "connecting"

// down returns the state of a connection that could not be opened, or was lost.
func down(what string, cause error) status {
	if refusal, ok := errors.AsType[*link.Refusal](cause); ok {
		return status{state: management.LinkFailed, message: steady(refusal.Error())}
	}
	return status{state: management.LinkConnecting, message: steady(what + ": " + cause.Error())}
}

// steady returns a message as it is each time for the same cause: whoever is told of states is told when they change.
func steady(message string) string { return cut(ourPort.ReplaceAllString(message, "")) }

// linkStates are those that a connection of a current gateway may be in.
var linkStates = []string{
	string(management.LinkOpen), string(management.LinkConnecting), string(management.LinkFailed), string(management.LinkClosed),
}

// Listing is a Connection as people see it.
type Listing struct {
	Name          string                  `json:"name"`
	Type          snapshot.ConnectionType `json:"type"`
	State         management.LinkState    `json:"state"`
	Message       string                  `json:"message,omitempty"`
	Subscriptions []management.LinkStatus `json:"subscriptions"`
}

// List returns the Connections of the snapshot by name, with their Subscriptions.
func (s *Service) List() []Listing {
	snap := s.snap.Load()
	if snap == nil {
		return []Listing{}
	}
	connections, subscriptions := s.statusOf(snap)
	all := make([]Listing, 0, len(snap.Connections))
	for i := range connections {
		l := Listing{Name: connections[i].Name, Type: snap.Connections[i].Type, State: connections[i].State, Message: connections[i].Message}
		l.Subscriptions = []management.LinkStatus{}
		for j := range subscriptions {
			if snap.Subscriptions[j].Connection == l.Name {
				l.Subscriptions = append(l.Subscriptions, subscriptions[j])
			}
		}
		all = append(all, l)
	}
	return all
}
