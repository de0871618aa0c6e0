package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"time"
)

// Domain is what the names in all certificates end in.
const Domain = "twinway.internal"

// root is a self-signed certificate that others are verified against.
type root struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey // nil if it issues no more
}

func newRoot(now time.Time) (*root, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "twinway management " + now.UTC().Format(time.DateOnly)},
		NotBefore:             now.Add(-Skew),
		NotAfter:              now.Add(RootLife),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
		// A root that leaks is of no use against anything else that trusts it.
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         []string{Domain},
	}
	certificate, err := sign(template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	return &root{certificate: certificate, key: key}, nil
}

// retired returns r without its key.
func (r *root) retired() *root {
	return &root{certificate: r.certificate}
}

func sign(template, parent *x509.Certificate, public *ecdsa.PublicKey, key *ecdsa.PrivateKey) (*x509.Certificate, error) {
	// No serial number in the template: one is drawn.
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read the certificate that was made: %w", err)
	}
	return certificate, nil
}
