package gatewaytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/management"
)

// Authority issues certificates for tests, good ones and bad ones.
type Authority struct {
	t           testing.TB
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

// NewAuthority returns an authority that nobody trusts yet.
func NewAuthority(t testing.TB) *Authority {
	t.Helper()
	a := &Authority{t: t, key: newKey(t)}
	template := &x509.Certificate{
		SerialNumber: serial(t), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, a.key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	a.pem = encode("CERTIFICATE", der)
	return a
}

// PEM returns the authority's certificate.
func (a *Authority) PEM() []byte { return a.pem }

// Pool returns what trusts the authority and nobody else.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// Issue returns a certificate for a DNS name and usages with its key, valid for
// an hour unless it is changed.
func (a *Authority) Issue(name string, usages []x509.ExtKeyUsage, changes ...func(*x509.Certificate)) (certificate, key []byte) {
	a.t.Helper()
	template := &x509.Certificate{
		SerialNumber: serial(a.t), DNSNames: []string{name}, ExtKeyUsage: usages,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
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
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", private)
}

// Client returns a certificate for clients.
func (a *Authority) Client(name string, changes ...func(*x509.Certificate)) tls.Certificate {
	a.t.Helper()
	pair, err := tls.X509KeyPair(a.Issue(name, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, changes...))
	if err != nil {
		a.t.Fatal(err)
	}
	return pair
}

// Operator returns the certificate of an operator.
func (a *Authority) Operator() tls.Certificate {
	a.t.Helper()
	return a.Client(management.OperatorName)
}

// Server returns a certificate for servers with its key.
func (a *Authority) Server(name string) (certificate, key []byte) {
	a.t.Helper()
	return a.Issue(name, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth})
}

// Mount puts the certificate of a server and the authority into a directory in
// the way that Secrets are mounted, and replaced when they change.
func (a *Authority) Mount(dir, name string) {
	a.t.Helper()
	certificate, key := a.Server(name)
	MountSecret(a.t, dir, map[string][]byte{"tls.crt": certificate, "tls.key": key, "ca.crt": a.pem})
}

// MountSecret puts files into a directory as Secrets are mounted: in a directory
// of their own that the link ..data is turned to.
func MountSecret(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	at, err := os.MkdirTemp(dir, "..")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(at, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
		link := filepath.Join(dir, name)
		if err := os.Symlink(filepath.Join("..data", name), link); err != nil && !os.IsExist(err) {
			t.Fatal(err)
		}
	}
	draft := filepath.Join(dir, "..data_tmp")
	if err := os.Symlink(filepath.Base(at), draft); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(draft, filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
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
