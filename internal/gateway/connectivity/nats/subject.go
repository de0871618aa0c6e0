package nats

import (
	"errors"
	"strings"
	"unicode"
)

// maxSubject is how long a subject may be, in bytes. Servers want them shorter than the longest line of their protocol.
const maxSubject = 1024

// Errors of addresses. They do not show them: parts of them may come from messages.
var (
	errSubject  = errors.New("the address is not a subject that can be published to")
	errReserved = errors.New("the address is a subject by which servers are told what to do")
)

// reserved is how subjects begin by which servers are told what to do. Who can say what an address resolves to, a device by its reply-to
// perhaps, is not to have the rights that the gateway has there.
var reserved = []string{"$JS.", "$SYS."}

// publishable says why nothing can be published to a subject; nil if something can.
func publishable(subject string) error {
	if subject == "" || len(subject) > maxSubject || strings.ContainsFunc(subject, isSpace) {
		return errSubject
	}
	for token := range strings.SplitSeq(subject, ".") {
		if token == "" || token == "*" || token == ">" {
			return errSubject
		}
	}
	for _, prefix := range reserved {
		if strings.HasPrefix(subject, prefix) {
			return errReserved
		}
	}
	return nil
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
