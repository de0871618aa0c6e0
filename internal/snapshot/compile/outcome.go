package compile

import "github.com/twinway/twinway/internal/snapshot"

// Outcome is what became of one Gateway.
type Outcome struct {
	// Gateway is the Gateway.
	Gateway snapshot.Identity
	// Snapshot is nil exactly when the Gateway itself is refused, which is when
	// one of Findings is an error.
	Snapshot *snapshot.Snapshot
	// Findings are about the Gateway and what it refers to.
	Findings snapshot.Findings
	// Links are the Connections that refer to the Gateway, and the Subscriptions
	// that refer to those, in this order and each kind sorted by name.
	Links []Link
}

// Link is what became of one Connection or Subscription.
type Link struct {
	// Object is the Connection or the Subscription.
	Object snapshot.Object
	// Accepted says that it is part of the snapshot, or would be if the Gateway
	// were not refused. It is so exactly when no finding is an error.
	Accepted bool
	// Findings are about the object and what it refers to.
	Findings snapshot.Findings
}
