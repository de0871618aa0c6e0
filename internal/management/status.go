package management

import "github.com/twinway/twinway/internal/snapshot"

// Paths of the management port.
const (
	PathSnapshot = "/v1/snapshot"
	PathStatus   = "/v1/status"
	PathDrain    = "/v1/drain"
)

// Query parameters of PathStatus.
const (
	// ParameterAfter is "BOOT/VERSION" of the Status that the caller has.
	ParameterAfter = "after"
	// ParameterWait is how long to wait for another one, as a Go duration.
	ParameterWait = "wait"
)

// Status is what a pod says of itself.
type Status struct {
	// Gateway is the Gateway whose pod this is.
	Gateway snapshot.Identity `json:"gateway"`
	// Boot identifies the process; another value means that it has restarted.
	Boot string `json:"boot"`
	// Version counts the changes of everything here but Sessions, from 1.
	Version uint64 `json:"version"`
	// Hash is the hash of the snapshot in force.
	Hash string `json:"hash"`
	// Ready says whether the pod takes clients.
	Ready bool `json:"ready"`
	// Reason says why it does not; empty when it does.
	Reason string `json:"reason,omitempty"`
	// Draining says that it was taken out of service, or is ending.
	Draining bool `json:"draining,omitempty"`
	// Drained says that this is done: no client is connected, and none is let in.
	Drained bool `json:"drained,omitempty"`
	// Sessions is how many clients are connected.
	Sessions int `json:"sessions"`
	// Refused is the last snapshot that was refused; nil when one was applied
	// since.
	Refused *Refusal `json:"refused,omitempty"`
	// Connections are those of the snapshot in force, by name.
	Connections []LinkStatus `json:"connections,omitempty"`
	// Subscriptions are those of the snapshot in force, by name.
	Subscriptions []LinkStatus `json:"subscriptions,omitempty"`
}

// RefusalCode says why a snapshot was refused, for programs.
type RefusalCode string

const (
	// RefusedUnreadable means that the bytes are no snapshot of this version.
	RefusedUnreadable RefusalCode = "Unreadable"
	// RefusedForeign means that it is the snapshot of another Gateway.
	RefusedForeign RefusalCode = "Foreign"
	// RefusedRestart means that it changes what a running gateway cannot.
	RefusedRestart RefusalCode = "Restart"
	// RefusedUnusable means that part of it cannot be used.
	RefusedUnusable RefusalCode = "Unusable"
)

// Refusal is a snapshot that was not taken over. The one before stays in force.
type Refusal struct {
	// Hash is the hash of the bytes that were sent.
	Hash string `json:"hash"`
	// Code says why.
	Code RefusalCode `json:"code"`
	// Message says why, for people. It holds no secret.
	Message string `json:"message"`
}

// LinkState is the state of a Connection or a Subscription in a pod.
type LinkState string

const (
	// LinkOpen means that signals can flow.
	LinkOpen LinkState = "Open"
	// LinkConnecting means that the connection is being made.
	LinkConnecting LinkState = "Connecting"
	// LinkFailed means that it cannot be made, or cannot serve.
	LinkFailed LinkState = "Failed"
	// LinkClosed means that it is to be closed, and is.
	LinkClosed LinkState = "Closed"
	// LinkNotServed means that this version does not serve it.
	LinkNotServed LinkState = "NotServed"
)

// LinkStatus is the state of one Connection or Subscription in a pod.
type LinkStatus struct {
	// Name is the name of the object.
	Name string `json:"name"`
	// State is its state.
	State LinkState `json:"state"`
	// Message says more, for people; it may be empty.
	Message string `json:"message,omitempty"`
}
