package compile

import (
	"slices"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// through checks a Subscription against the Connection that it refers to; nil if
// there is none.
func (c *check) through(spec v1alpha1.SubscriptionSpec, connection *linked[snapshot.Connection], ix *index) {
	const path = "spec.connectionRef.name"
	if connection == nil {
		c.notFound(path, v1alpha1.ConnectionKind, spec.ConnectionRef.Name, ix)
		return
	}
	if !connection.Accepted {
		c.errorf(path, snapshot.RuleReference, "%s is refused", connection.Object)
	}
	kind := connection.value.Type
	if spec.Direction == v1alpha1.Inbound && kind != snapshot.ConnectionDittoWebSocket {
		c.errorf("spec.direction", snapshot.RuleKnown,
			"direction Inbound is for Connections of type DittoWebSocket; what the others consume say their sources")
	}
	if spec.Target != nil {
		c.targetOf(kind, "spec.target", spec.Target)
		c.issuedOnce("spec.target.issuedAck", spec.Target.IssuedAck, &connection.value)
	}
}

// targetOf checks that a target fits the type of the Connection.
func (c *check) targetOf(kind snapshot.ConnectionType, path string, target *v1alpha1.Target) {
	if kind != snapshot.ConnectionDittoWebSocket {
		c.addressOf(kind, path+".address", target.Address)
		return
	}
	if target.Address != nil {
		c.errorf(path+".address", snapshot.RuleKnown, "an address is not for Connections of type DittoWebSocket, which have none")
	}
	if *target.Payload != v1alpha1.TargetDittoProtocol {
		c.errorf(path+".payload", snapshot.RuleKnown, "must be DittoProtocol for Connections of type DittoWebSocket")
	}
}

// issuedOnce checks that no source of the Connection declares the label that its
// deliveries are acknowledged with.
func (c *check) issuedOnce(path string, label *v1alpha1.AcknowledgementLabel, connection *snapshot.Connection) {
	for _, s := range connection.Sources {
		if label != nil && slices.Contains(s.DeclaredAcks, string(*label)) {
			c.errorf(path, snapshot.RuleUnique, "%s is declared by source %s of the Connection already", *label, s.Name)
			return
		}
	}
}
