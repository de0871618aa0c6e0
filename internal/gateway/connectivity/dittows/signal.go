package dittows

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

const twinEvents = snapshot.SignalTwinEvents

// signalOf returns what kind of signal an envelope is, if it is one.
func signalOf(env *protocol.Envelope) (snapshot.Signal, bool) {
	t := &env.Topic
	switch {
	case t.Group == protocol.Policies && t.Criterion == protocol.Announcements:
		return snapshot.SignalPolicyAnnouncements, true
	case t.Group != protocol.Things:
	case t.Criterion == protocol.Events && t.Channel == protocol.Twin:
		return snapshot.SignalTwinEvents, true
	case t.Channel != protocol.Live:
	case t.Criterion == protocol.Events:
		return snapshot.SignalLiveEvents, true
	case t.Criterion == protocol.Messages:
		return snapshot.SignalMessages, true
	case t.Criterion == protocol.Commands:
		return snapshot.SignalLiveCommands, true
	}
	return "", false
}

// types are the signals as the protocol calls them.
var types = map[snapshot.Signal]protocol.SignalType{
	snapshot.SignalTwinEvents:          protocol.SignalEvents,
	snapshot.SignalMessages:            protocol.SignalMessages,
	snapshot.SignalLiveCommands:        protocol.SignalLiveCommands,
	snapshot.SignalLiveEvents:          protocol.SignalLiveEvents,
	snapshot.SignalPolicyAnnouncements: protocol.SignalPolicyAnnouncements,
}

// controlOf returns the text that starts or stops a signal, and the one that confirms it.
func controlOf(signal snapshot.Signal, start bool) (text, ack string) {
	ack = protocol.Control{Start: start, Type: types[signal]}.Ack()
	return strings.TrimSuffix(ack, ":ACK"), ack
}
