package linktest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// Authority issues certificates.
type Authority struct {
	t           testing.TB
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

// NewAuthority returns an authority that nobody trusts yet.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t, key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: serial(t), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	return a
}

// CA returns the authority's certificate.
func (a *Authority) CA() snapshot.Content {
	return snapshot.Content(encode("CERTIFICATE", a.certificate.Raw))
}

// Pool returns what trusts the authority and nobody else.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// Pair returns a certificate for names and addresses with its key, in PEM. It is valid for an hour, for clients and servers, unless it
// is changed.
func (a *Authority) Pair(names []string, changes ...func(*x509.Certificate)) (certificate snapshot.Content, key snapshot.SecretContent) {
	a.t.Helper()
	template := &x509.Certificate{
		SerialNumber: serial(a.t), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, name)
	}
	if len(names) > 0 {
		template.Subject.CommonName = names[0]
	}
	for _, change := range changes {
		change(template)
	}
	leaf := newKey(a.t)
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, leaf.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(leaf)
	if err != nil {
		a.t.Fatal(err)
	}
	return snapshot.Content(encode("CERTIFICATE", der)), snapshot.SecretContent(encode("PRIVATE KEY", private))
}

// Server returns the certificate of a server with those names and addresses; without any, of this machine.
func (a *Authority) Server(names ...string) tls.Certificate {
	a.t.Helper()
	if len(names) == 0 {
		names = []string{"localhost", "127.0.0.1", "::1"}
	}
	certificate, key := a.Pair(names)
	pair, err := tls.X509KeyPair([]byte(certificate), []byte(key))
	if err != nil {
		a.t.Fatal(err)
	}
	return pair
}

// Client returns the certificate of a client as a connection has it.
func (a *Authority) Client(name string) *snapshot.ClientCertificate {
	a.t.Helper()
	certificate, key := a.Pair([]string{name})
	return &snapshot.ClientCertificate{Certificate: certificate, Key: key}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func serial(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func encode(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// CrossSign returns the certificate with which a vouches for another authority.
func (a *Authority) CrossSign(other *Authority) *x509.Certificate {
	a.t.Helper()
	template := *other.certificate
	template.SerialNumber = serial(a.t)
	der, err := x509.CreateCertificate(rand.Reader, &template, a.certificate, other.key.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return certificate
}
