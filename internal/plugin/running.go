package plugin

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// RunningConnection is a Connection as the gateway that keeps it tells of it.
type RunningConnection struct {
	Name string `json:"name"`
	Type string `json:"type"`
	State
	Subscriptions []RunningSubscription `json:"subscriptions"`
}

// RunningSubscription is a Subscription of such a Connection.
type RunningSubscription struct {
	Name string `json:"name"`
	State
}

// State is the state of a Connection or a Subscription, and its cause if there
// is one to tell.
type State struct {
	State   string `json:"state"`
	Message string `json:"message,omitempty"`
}

// String returns the state as one line.
func (s State) String() string {
	if s.Message == "" {
		return clean(s.State)
	}
	return clean(s.State + ": " + s.Message)
}

// Event is something that has happened on a Connection lately. It tells nothing
// of what messages contain.
type Event struct {
	Time time.Time `json:"time"`
	// Name is that of the source or Subscription; empty for the Connection itself.
	Name string `json:"name,omitempty"`
	// Kind is what happened, and Failure says that it should not have.
	Kind    string `json:"kind"`
	Failure bool   `json:"failure,omitempty"`
	// Message says more. The others are those of the message that it is about.
	Message       string `json:"message,omitempty"`
	Address       string `json:"address,omitempty"`
	EntityID      string `json:"entityId,omitempty"`
	CorrelationID string `json:"correlationId,omitempty"`
}

// String returns the event as one line.
func (e Event) String() string {
	outcome := "      "
	if e.Failure {
		outcome = "FAILED"
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s  %s  %-12s  %s", e.Time.UTC().Format("2006-01-02 15:04:05.000"), outcome, e.Kind, e.Name)
	for _, part := range []struct{ name, value string }{
		{"", e.Message}, {"at ", e.Address}, {"about ", e.EntityID}, {"correlation-id ", e.CorrelationID},
	} {
		if part.value != "" {
			text.WriteString("  " + part.name + part.value)
		}
	}
	return clean(strings.TrimRight(text.String(), " "))
}

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 8 << 20

// ReadRunning reads what a gateway answers at /connections.
func ReadRunning(r io.Reader) ([]RunningConnection, error) {
	return readList[RunningConnection](r)
}

// ReadEvents reads what a gateway answers at /connections/NAME/events.
func ReadEvents(r io.Reader) ([]Event, error) { return readList[Event](r) }

func readList[T any](r io.Reader) ([]T, error) {
	list := []T{}
	if err := json.NewDecoder(io.LimitReader(r, maxAnswer)).Decode(&list); err != nil {
		return nil, fmt.Errorf("the gateway's answer cannot be read: %w", err)
	}
	return list, nil
}

// PrintRunning writes Connections for people.
func PrintRunning(w io.Writer, connections []RunningConnection) error {
	l := &lines{w: w}
	if len(connections) == 0 {
		l.printf("The gateway has no Connections.")
	}
	for _, c := range connections {
		l.printf("Connection %s (%s)  %s", clean(c.Name), clean(c.Type), c.State)
		var below []node
		for _, s := range c.Subscriptions {
			below = append(below, node{text: fmt.Sprintf("Subscription %s  %s", clean(s.Name), s.State)})
		}
		l.tree("  ", below)
	}
	return l.err
}

// PrintEvents writes events for people, oldest first.
func PrintEvents(w io.Writer, events []Event) error {
	l := &lines{w: w}
	if len(events) == 0 {
		l.printf("Nothing has happened on it yet.")
	}
	for _, e := range events {
		l.printf("%s", e)
	}
	return l.err
}
