package mqtt

import (
	"errors"
	"fmt"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/connectivity/mqtt/packet"
)

// reason is what a code of a broker means.
type reason struct {
	text string
	// mendable says that it stays so until somebody does something about it.
	mendable bool
}

// connackReasons say why a broker of version 3.1.1 does not take a client.
var connackReasons = map[byte]reason{
	1: {"it does not speak MQTT 3.1.1", true},
	2: {"it does not accept the client id", true},
	3: {"it is not available", false},
	4: {"the user name or the password is wrong", true},
	5: {"the client is not authorized", true},
}

// reasons are those of MQTT 5, whatever they are given for.
var reasons = map[byte]reason{
	0x01: {"it does not speak MQTT 5", true}, // as brokers of 3.1.1 have it
	0x80: {"it does not say why", false},
	0x81: {"it could not read a packet", false},
	0x82: {"it sees a breach of the protocol", false},
	0x83: {"a reason of its own", false},
	0x84: {"it does not speak MQTT 5", true},
	0x85: {"it does not accept the client id", true},
	0x86: {"the user name or the password is wrong", true},
	0x87: {"the client is not authorized", true},
	0x88: {"it is not available", false},
	0x89: {"it is busy", false},
	0x8a: {"the client is banned", true},
	0x8b: {"it is shutting down", false},
	0x8c: {"it does not accept this way to authenticate", true},
	0x8d: {"it has heard nothing for too long", false},
	0x8e: {"another client with the same client id has taken over the session", true},
	0x8f: {"it does not accept the topic filter", true},
	0x90: {"it does not accept the topic", true},
	0x91: {"the packet identifier is in use", false},
	0x93: {"more messages were under way than it allows", false},
	0x94: {"it does not accept a topic alias", false},
	0x95: {"a packet was too large for it", true},
	0x96: {"messages come too fast for it", false},
	0x97: {"a quota is exceeded", false},
	0x98: {"an administrator wants it so", true},
	0x99: {"it does not accept the format of a payload", true},
	0x9a: {"it retains no messages", true},
	0x9b: {"it does not support the QoS", true},
	0x9c: {"another broker is to be used for now", true},
	0x9d: {"another broker is to be used from now on", true},
	0x9e: {"it has no shared subscriptions", true},
	0x9f: {"connections are made too fast for it", false},
	0xa0: {"the client was connected for as long as is allowed", false},
	0xa1: {"it has no subscription identifiers", true},
	0xa2: {"it has no subscriptions with wildcards", true},
}

func reasonOf(code byte) reason {
	if r, ok := reasons[code]; ok {
		return r
	}
	return reason{text: fmt.Sprintf("reason 0x%02x", code)}
}

// because returns an error that says what and why.
func because(what string, r reason) error {
	err := errors.New(what + ": " + r.text)
	if r.mendable {
		return &link.Refusal{Cause: err}
	}
	return err
}

// refused returns why a broker has not taken a client, nil if it has.
func refused(v packet.Version, code byte) error {
	const what = "the broker refuses the connection"
	if code == 0 {
		return nil
	}
	if r, ok := connackReasons[code]; ok && v == packet.V3 {
		return because(what, r)
	}
	return because(what, reasonOf(code))
}

// disconnected returns why a broker has ended a connection.
func disconnected(code byte) error {
	const what = "the broker has ended the connection"
	if code == 0 {
		return errors.New(what)
	}
	return because(what, reasonOf(code))
}

// unsubscribable returns why a broker does not give what was asked for with a filter. That is always the user's to mend.
func unsubscribable(v packet.Version, filter string, code byte) error {
	text := reasonOf(code).text
	if v == packet.V3 {
		text = "the client may not be authorized"
	}
	return &link.Refusal{Cause: fmt.Errorf("the broker refuses the subscription to %q: %s", filter, text)}
}
