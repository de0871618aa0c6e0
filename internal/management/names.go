package management

import "github.com/twinway/twinway/internal/snapshot"

// OperatorName is the DNS name in the operator's client certificate.
const OperatorName = "operator.twinway.internal"

// ServerName returns the DNS name in the certificates of a Gateway's pods, the
// same for all of them: a pod is addressed by its IP address, and known by its
// Gateway.
func ServerName(gateway snapshot.Identity) string {
	return gateway.Name + "." + gateway.Namespace + ".gateway.twinway.internal"
}
