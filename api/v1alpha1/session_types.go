package v1alpha1

// Duration is a length of time: numbers with the units h, m, s and ms, as in
// "30s" or "1m30s".
//
// +kubebuilder:validation:MinLength=2
// +kubebuilder:validation:MaxLength=32
// +kubebuilder:validation:Pattern=`^([0-9]{1,5}([.][0-9]{1,3})?(h|m|s|ms)){1,4}$`
type Duration string

// Session is how a WebSocket session is kept. A change holds for new
// sessions.
type Session struct {
	// How long a session may be silent before it is pinged, 1s to 10m. A
	// session that stays silent for three times as long is given up.
	// Default: 30s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('10m')",message="must be between 1s and 10m"
	PingInterval *Duration `json:"pingInterval,omitempty"`

	// How long a client has to complete the handshake, authentication
	// included, 100ms to 1m. Default: 10s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('100ms') && duration(self) <= duration('1m')",message="must be between 100ms and 1m"
	HandshakeTimeout *Duration `json:"handshakeTimeout,omitempty"`

	// How long a command may take whose timeout header says nothing, and the
	// longest that a timeout header may ask for; 1s to 10m. Default: 60s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('10m')",message="must be between 1s and 10m"
	CommandTimeout *Duration `json:"commandTimeout,omitempty"`
}

// Drain is how the gateway goes away: it first reports that it is not ready,
// then refuses new sessions, then closes the open ones at a paced rate.
type Drain struct {
	// How long new sessions are still accepted after the gateway has reported
	// that it is not ready, so that the change can reach every load balancer;
	// 0s to 10m. Default: 5s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('10m')",message="must be between 0s and 10m"
	MinDelay *Duration `json:"minDelay,omitempty"`

	// How long closing the open sessions may take after that; what is left is
	// closed at its end. 1s to 1h. Default: 30s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('1h')",message="must be between 1s and 1h"
	Budget *Duration `json:"budget,omitempty"`
}
