package protocol

import "bytes"

// SignalType is what a session can subscribe to.
type SignalType uint8

// The types of signals, and the one control message that is about none.
const (
	SignalEvents SignalType = iota + 1
	SignalMessages
	SignalLiveCommands
	SignalLiveEvents
	SignalPolicyAnnouncements
	// JWTToken is the type of the message that brings a new token.
	JWTToken
)

// Control is a control message of the WebSocket binding.
type Control struct {
	// Start says that signals are to be sent, else no longer.
	Start bool
	Type  SignalType
	// Namespaces limits the signals to those of entities in these namespaces, unless it is empty.
	Namespaces []string
	// Filter is the RQL that signals must match, if HasFilter. It has not been parsed.
	Filter    string
	HasFilter bool
	// ExtraFields is a field selector, if HasExtraFields. It has not been parsed.
	ExtraFields    string
	HasExtraFields bool
	// CorrelationID is what an error is to be correlated with, "" if unknown.
	CorrelationID string
	// Token is a JSON Web Token, if HasToken.
	Token    string
	HasToken bool
}

const (
	startPrefix = "START-SEND-"
	stopPrefix  = "STOP-SEND-"
	tokenPrefix = "JWT-TOKEN"
)

// signalNames are the types as they are called in control messages. None begins with another.
var signalNames = [...]string{
	SignalEvents: "EVENTS", SignalMessages: "MESSAGES", SignalLiveCommands: "LIVE-COMMANDS",
	SignalLiveEvents: "LIVE-EVENTS", SignalPolicyAnnouncements: "POLICY-ANNOUNCEMENTS",
}

// ParseControl reads a control message and reports whether the text is one. Protocol rule: it begins with the name of the
// message; what follows the name up to the parameters does not matter.
//
// In case of an error c has the type, and the correlation id if it could be read. Errors: json.format.invalid,
// rql.expression.invalid, json.fieldselector.invalid.
func ParseControl(text []byte) (c Control, isControl bool, err *Error) {
	if c, isControl = recognize(text); !isControl {
		return Control{}, false, nil
	}
	if !c.Start && c.Type != JWTToken {
		return c, true, nil
	}
	err = c.readParameters(text)
	return c, true, err
}

func recognize(text []byte) (c Control, ok bool) {
	if bytes.HasPrefix(text, []byte(tokenPrefix)) {
		return Control{Type: JWTToken}, true
	}
	name, start := bytes.CutPrefix(text, []byte(startPrefix))
	if !start {
		if name, ok = bytes.CutPrefix(text, []byte(stopPrefix)); !ok {
			return Control{}, false
		}
	}
	for t := SignalEvents; t < JWTToken; t++ {
		if bytes.HasPrefix(name, []byte(signalNames[t])) {
			return Control{Start: start, Type: t}, true
		}
	}
	return Control{}, false
}

// Ack returns the text that confirms the message, "" if nothing does.
func (c Control) Ack() string {
	name := nameOf(signalNames[:], c.Type)
	switch {
	case name == "":
		return ""
	case c.Start:
		return startPrefix + name + ":ACK"
	}
	return stopPrefix + name + ":ACK"
}
