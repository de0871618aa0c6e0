package management

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/twinway/twinway/internal/management"
)

// authorize refuses a peer who is not the operator. That the certificate is
// valid and from a trusted authority has been verified. A certificate for
// any use is not enough: those of pods come from the same authority.
func authorize(state tls.ConnectionState) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("no certificate")
	}
	leaf := state.PeerCertificates[0]
	if !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth) {
		return errors.New("the certificate is not for clients")
	}
	if err := leaf.VerifyHostname(management.OperatorName); err != nil {
		return fmt.Errorf("not the operator: %w", err)
	}
	return nil
}
