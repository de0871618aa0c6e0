package link

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"

	"github.com/twinway/twinway/internal/snapshot"
)

// TLS returns how to do a handshake with a host, a name or an address without port, as a connection says now: whom to trust, what name to
// expect, which certificate to show. As all of it may change it is made for each handshake, or made again when [Proof] differs.
//
// Errors: *Refusal for material that cannot be used.
func TLS(c *snapshot.Connection, host string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if c.TLS.ServerName != "" {
		config.ServerName = c.TLS.ServerName
	}
	if err := show(config, c.Credentials); err != nil {
		return nil, err
	}
	if c.TLS.CA != "" {
		return config, trust(config, c)
	}
	return config, nil
}

// Proof is what a connection proves who it is with in a handshake, and what the other end has to. Two that are equal need no new one.
type Proof struct {
	ca, certificate snapshot.Content
	serverName      string
	key             snapshot.SecretContent
}

// ProofOf returns what there is for a connection now.
func ProofOf(c *snapshot.Connection) Proof {
	proof := Proof{ca: c.TLS.CA, serverName: c.TLS.ServerName}
	if c.Credentials != nil && c.Credentials.ClientCertificate != nil {
		proof.certificate, proof.key = c.Credentials.ClientCertificate.Certificate, c.Credentials.ClientCertificate.Key
	}
	return proof
}

// show has the handshake show the client's certificate, if there is one.
func show(config *tls.Config, c *snapshot.Credentials) error {
	if c == nil || c.ClientCertificate == nil {
		return nil
	}
	pair, err := tls.X509KeyPair([]byte(c.ClientCertificate.Certificate), []byte(c.ClientCertificate.Key))
	if err != nil {
		// The error of the parser might show some of the key.
		return &Refusal{Cause: errors.New("the client certificate and its key cannot be used together")}
	}
	// Whichever authorities the other end names: it says more of a wrong certificate than of none.
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	return nil
}

// trust has the handshake accept what the connection's certificates vouch for, and nothing else. One that is shown and is itself among
// them is accepted under any name, unless the connection says which.
func trust(config *tls.Config, c *snapshot.Connection) error {
	trusted, err := certificates(c.TLS.CA)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	for _, certificate := range trusted {
		roots.AddCert(certificate)
	}
	named, expected := c.TLS.ServerName != "", config.ServerName
	config.RootCAs = roots
	// VerifyConnection does all that is skipped here, but for the name of a certificate that is itself trusted.
	config.InsecureSkipVerify = true
	config.VerifyConnection = func(state tls.ConnectionState) error {
		options := x509.VerifyOptions{Roots: roots, DNSName: expected, Intermediates: x509.NewCertPool()}
		leaf, rest := state.PeerCertificates[0], state.PeerCertificates[1:]
		if !named && contains(trusted, leaf) {
			options.DNSName = ""
		}
		for _, certificate := range rest {
			options.Intermediates.AddCert(certificate)
		}
		if _, err := leaf.Verify(options); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
		}
		return nil
	}
	return nil
}

func contains(all []*x509.Certificate, one *x509.Certificate) bool {
	for _, certificate := range all {
		if certificate.Equal(one) {
			return true
		}
	}
	return false
}

// certificates parses a bundle in PEM. Whatever else is in it is passed over.
func certificates(bundle snapshot.Content) ([]*x509.Certificate, error) {
	var all []*x509.Certificate
	for rest := []byte(bundle); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, &Refusal{Cause: fmt.Errorf("a certificate authority cannot be used: %w", err)}
		}
		all = append(all, certificate)
	}
	if len(all) == 0 {
		return nil, &Refusal{Cause: errors.New("there is no certificate among the certificate authorities")}
	}
	return all, nil
}
