package ack

import "github.com/twinway/twinway/internal/gateway/protocol"

// Kind is what a message is, as far as it matters to how it is answered.
type Kind uint8

// The kinds of messages.
const (
	// TwinModification creates, modifies, merges or deletes things or parts of them.
	TwinModification Kind = iota
	// TwinQuery retrieves from the twin, and from nothing else.
	TwinQuery
	// PolicyCommand modifies policies.
	PolicyCommand
	// PolicyQuery retrieves from policies.
	PolicyQuery
	// LiveCommand is a modification for a device.
	LiveCommand
	// LiveQuery is a retrieve for a device.
	LiveQuery
	// SmartRetrieve is a retrieve that a device or the twin answers.
	SmartRetrieve
	// Message is a message to or from a thing.
	Message
	// Event is an event that a client publishes.
	Event
)

// query reports whether messages of the kind ask and change nothing.
func (k Kind) query() bool {
	return k == TwinQuery || k == PolicyQuery || k == LiveQuery || k == SmartRetrieve
}

// live reports whether a device answers messages of the kind.
func (k Kind) live() bool {
	return k == LiveCommand || k == LiveQuery || k == SmartRetrieve || k == Message
}

// collects reports whether somebody collects the acknowledgements that messages of the kind request. Protocol rule: retrieves
// from the twin and commands on policies have a response and nothing else.
func (k Kind) collects() bool { return k == TwinModification || k.live() }

// response returns the label that the response to a message of the kind counts as, "" if there is no response.
func (k Kind) response() string {
	switch {
	case k == Event:
		return ""
	case k.live():
		return protocol.LabelLiveResponse
	}
	return protocol.LabelTwinPersisted
}
