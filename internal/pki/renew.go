package pki

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// RenewServer says whether a stored certificate of a Gateway's pods is due to be
// replaced: it has a third of its life left or less, is for another Gateway, is
// of a root that is not trusted, does not fit its key, or cannot be read.
func RenewServer(a *Authority, id snapshot.Identity, certPEM, keyPEM []byte, now time.Time) bool {
	if len(certPEM) > maxPEM || len(keyPEM) > maxPEM {
		return true
	}
	pair, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return true
	}
	return a.renew(pair.Leaf, management.ServerName(id), x509.ExtKeyUsageServerAuth, now)
}

// RenewClient says the same of a certificate of the operator. The zero
// certificate is due.
func RenewClient(a *Authority, certificate tls.Certificate, now time.Time) bool {
	return a.renew(certificate.Leaf, management.OperatorName, x509.ExtKeyUsageClientAuth, now)
}

func (a *Authority) renew(leaf *x509.Certificate, name string, usage x509.ExtKeyUsage, now time.Time) bool {
	if leaf == nil || due(leaf, now) {
		return true
	}
	_, err := leaf.Verify(x509.VerifyOptions{
		DNSName:     name,
		Roots:       a.Roots(),
		CurrentTime: now,
		KeyUsages:   []x509.ExtKeyUsage{usage},
	})
	return err != nil
}
