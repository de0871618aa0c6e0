package v1alpha1

import "k8s.io/apimachinery/pkg/api/resource"

// Limits bound what clients may send and hold.
type Limits struct {
	// Bounds on one protocol message.
	// +optional
	Message *MessageLimits `json:"message,omitempty"`

	// Bounds on one thing.
	// +optional
	Thing *ThingLimits `json:"thing,omitempty"`

	// Bounds on one policy.
	// +optional
	Policy *PolicyLimits `json:"policy,omitempty"`

	// Bounds on sessions and on what each of them may have waiting.
	// +optional
	Sessions *SessionLimits `json:"sessions,omitempty"`

	// Bounds on attempts to authenticate.
	// +optional
	Authentication *AuthenticationLimits `json:"authentication,omitempty"`
}

// MessageLimits bound one protocol message.
type MessageLimits struct {
	// The size of one incoming WebSocket message, in bytes, 1Ki to 64Mi. A
	// session that sends more is closed with code 1009. A change holds for
	// new sessions. Default: 1Mi.
	// +optional
	// +kubebuilder:validation:XValidation:rule="string(self).matches('^[0-9]{1,12}(Ki|Mi|Gi|k|M|G)?$') && quantity(string(self)).compareTo(quantity('1Ki')) >= 0 && quantity(string(self)).compareTo(quantity('64Mi')) <= 0",message="must be a whole number of bytes between 1Ki and 64Mi"
	MaxSize *resource.Quantity `json:"maxSize,omitempty"`
}

// ThingLimits bound one thing.
type ThingLimits struct {
	// The size of a thing's compact JSON, in characters (UTF-16 code units),
	// 1024 to 4194304. A command that would make a thing larger is answered
	// with status 413; a thing that is larger already is kept and may shrink.
	// Default: 102400.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1024 && self <= 4194304",message="must be between 1024 and 4194304"
	MaxSize *int32 `json:"maxSize,omitempty"`
}

// PolicyLimits bound one policy.
type PolicyLimits struct {
	// The size of a policy's compact JSON, in characters (UTF-16 code units),
	// 1024 to 4194304. A command that would make a policy larger is answered
	// with status 413; a policy that is larger already is kept and may shrink.
	// Default: 102400.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1024 && self <= 4194304",message="must be between 1024 and 4194304"
	MaxSize *int32 `json:"maxSize,omitempty"`

	// How many policies a policy may import, 0 to 64. A command that would add
	// more is answered with status 400; a policy that imports more already keeps
	// its imports. Default: 10.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 0 && self <= 64",message="must be between 0 and 64"
	MaxImports *int32 `json:"maxImports,omitempty"`
}

// Overflow names what happens to a session whose outbound queue is full.
//
// +kubebuilder:validation:Enum=Close;DropNewest
type Overflow string

const (
	// OverflowClose closes the session with code 1013 and a reason, so that
	// the client knows that it missed something.
	OverflowClose Overflow = "Close"
	// OverflowDropNewest drops the event that finds no room, and counts it.
	OverflowDropNewest Overflow = "DropNewest"
)

// SessionLimits bound the sessions and what each of them may have waiting.
type SessionLimits struct {
	// How many sessions may be open at once, 1 to 1000000. A handshake above
	// it is answered with status 503. Lowering it closes no session.
	// Default: 10000.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 1000000",message="must be between 1 and 1000000"
	Max *int32 `json:"max,omitempty"`

	// How many commands of one session may be in work at once, 1 to 65536. At
	// the limit nothing more is read from its socket, so a fast client is
	// slowed down rather than refused. A change holds for new sessions.
	// Default: 256.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 65536",message="must be between 1 and 65536"
	InFlightCommands *int32 `json:"inFlightCommands,omitempty"`

	// How many frames may wait to be written to one session, 1 to 1000000. A
	// change holds for new sessions. Default: 10000.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 1000000",message="must be between 1 and 1000000"
	OutboundQueue *int32 `json:"outboundQueue,omitempty"`

	// What happens when an event finds the outbound queue full: Close ends
	// the session with code 1013, DropNewest drops the event and counts it.
	// Responses and acknowledgements are never dropped. A change holds for
	// new sessions. Default: Close.
	// +optional
	Overflow *Overflow `json:"overflow,omitempty"`
}

// AuthenticationLimits bound attempts to authenticate.
type AuthenticationLimits struct {
	// How many failed attempts a minute are allowed for one user name, and ten
	// times as many for one client address; 1 to 10000. Above it an attempt is
	// answered with status 429 without the password being checked.
	// Default: 30.
	// +optional
	// +kubebuilder:validation:XValidation:rule="self >= 1 && self <= 10000",message="must be between 1 and 10000"
	FailuresPerMinute *int32 `json:"failuresPerMinute,omitempty"`
}
