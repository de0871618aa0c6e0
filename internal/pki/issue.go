package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// IssueServer returns a new certificate for the management ports of a Gateway's
// pods, and its key, both as PEM. It fails only if none can be made.
func (a *Authority) IssueServer(id snapshot.Identity, now time.Time) (certPEM, keyPEM []byte, err error) {
	certificate, key, err := a.issue(management.ServerName(id), x509.ExtKeyUsageServerAuth, now)
	if err != nil {
		return nil, nil, err
	}
	keyPEM, err = encodeKey(key)
	if err != nil {
		return nil, nil, err
	}
	return encodeCertificate(certificate), keyPEM, nil
}

// IssueClient returns a new certificate for the operator, with its Leaf. It
// fails only if none can be made.
func (a *Authority) IssueClient(now time.Time) (tls.Certificate, error) {
	certificate, key, err := a.issue(management.OperatorName, x509.ExtKeyUsageClientAuth, now)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key, Leaf: certificate}, nil
}

func (a *Authority) issue(name string, usage x509.ExtKeyUsage, now time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		DNSNames:              []string{name},
		NotBefore:             now.Add(-Skew),
		NotAfter:              now.Add(LeafLife),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{usage},
		BasicConstraintsValid: true,
	}
	// Only late in the life of a root whose successor was published late.
	if end := a.current.certificate.NotAfter; template.NotAfter.After(end) {
		template.NotAfter = end
	}
	certificate, err := sign(template, a.current.certificate, &key.PublicKey, a.current.key)
	if err != nil {
		return nil, nil, err
	}
	return certificate, key, nil
}
