package compile

import (
	"github.com/twinway/twinway/internal/snapshot"
)

// claims are what only one Subscription of a Connection may have, by Connection:
// the first by name of those that are accepted.
type claims map[claim]string

// claim is what only one may have.
type claim struct {
	connection string
	// signal is what an inbound Subscription asks for; empty for a label.
	signal snapshot.Signal
	// label is that of an acknowledgement; empty for a signal.
	label string
}

// liveResponse is the label of the answer to a message, which any number of
// Subscriptions may give.
const liveResponse = "live-response"

// claimsOf returns what a Subscription needs for itself alone.
func claimsOf(s *snapshot.Subscription) []claim {
	switch {
	case s.Direction == snapshot.Inbound:
		return []claim{{connection: s.Connection, signal: s.Signal}}
	case s.Target != nil && s.Target.IssuedAck != "" && s.Target.IssuedAck != liveResponse:
		return []claim{{connection: s.Connection, label: s.Target.IssuedAck}}
	}
	return nil
}

// check reports what another has already.
func (taken claims) check(c *check, s *snapshot.Subscription) {
	for _, claim := range claimsOf(s) {
		other, there := taken[claim]
		switch {
		case !there:
		case claim.label != "":
			c.errorf("spec.target.issuedAck", snapshot.RuleUnique,
				"%s is issued by Subscription %s of the same Connection already; whoever asks for it could not tell which of the two delivered", claim.label, other)
		default:
			c.errorf("spec.signal", snapshot.RuleUnique,
				"Subscription %s asks the same Connection for %s already, and the other end sends each signal once; "+
					"use one Subscription with the namespaces and the filter of both, or another Connection", other, claim.signal)
		}
	}
}

// take notes what a Subscription that is accepted has.
func (taken claims) take(s *snapshot.Subscription) {
	for _, claim := range claimsOf(s) {
		taken[claim] = s.Name
	}
}
