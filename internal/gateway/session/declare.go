package session

import (
	"slices"
	"strconv"
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// maxDeclaredAcks bounds the labels that a session declares.
const maxDeclaredAcks = 100

// declaration is what a handshake says about acknowledgements that the session
// will issue.
type declaration struct {
	labels  []string          // sorted, each once
	refused []*protocol.Error // one for each label that cannot be declared
}

// takeDeclaration moves the declared acknowledgements out of the headers of a
// handshake: they concern the session and not its messages.
//
// Protocol rule: a label whose placeholder has no value is not declared, which
// the session is told, and goes on. No placeholder has a value in a session.
// The same happens with labels that only the server issues.
func takeDeclaration(headers *protocol.Headers) (declaration, *protocol.Error) {
	var d declaration
	labels, _ := headers.Strings(protocol.HeaderDeclaredAcks)
	headers.Delete(protocol.HeaderDeclaredAcks)
	if len(labels) > maxDeclaredAcks {
		return d, protocol.ErrHeadersTooLarge("They declare " + strconv.Itoa(len(labels)) + " acknowledgements, and may declare " +
			strconv.Itoa(maxDeclaredAcks) + ".")
	}
	slices.Sort(labels)
	for _, label := range slices.Compact(labels) {
		switch {
		case strings.HasPrefix(label, "{{"):
			d.refused = append(d.refused, protocol.ErrLabelInvalid(label))
		case slices.Contains(serversLabels, label):
			d.refused = append(d.refused, protocol.ErrLabelForbidden(label))
		default:
			d.labels = append(d.labels, label)
		}
	}
	return d, nil
}

// serversLabels are those that clients never issue.
var serversLabels = []string{protocol.LabelTwinPersisted, protocol.LabelLiveResponse, protocol.LabelSearchPersisted}

// declare takes the session's labels, which end with it. That is before the
// handshake is answered: whoever has the answer may rely on them.
func (s *Session) declare() {
	taken, ok := s.reserved()
	if ok {
		taken, ok = s.server.registry.declare(s)
	}
	if !ok {
		s.taken = protocol.ErrLabelNotUnique(taken)
	}
}

// greet tells what is wrong with what was declared. Protocol rule: if a label is
// another session's or a Connection's, that is an error which ends the session.
func (s *Session) greet() {
	for _, err := range s.refused {
		s.tell(err)
	}
	s.refused = nil
	if s.taken != nil {
		s.tell(s.taken)
		s.close(closePolicy, "an acknowledgement that was declared is declared by another session")
	}
}

// reserved returns a label of the session that is not for sessions, and false, or true if there is none.
func (s *Session) reserved() (taken string, ok bool) {
	if s.server.options.Reserved == nil {
		return "", true
	}
	i := slices.IndexFunc(s.audience.Acks, s.server.options.Reserved)
	if i < 0 {
		return "", true
	}
	return s.audience.Acks[i], false
}
