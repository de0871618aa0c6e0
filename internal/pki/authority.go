package pki

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"time"
)

// Authority issues certificates and says which are to be trusted. It is
// immutable.
type Authority struct {
	current  *root // issues
	next     *root // trusted ahead of its use; nil most of the time
	previous *root // still trusted; nil if everything it issued has ended
}

// NewAuthority returns an authority with one root, made now.
func NewAuthority(now time.Time) (*Authority, error) {
	current, err := newRoot(now)
	if err != nil {
		return nil, err
	}
	return &Authority{current: current}, nil
}

// Bundle returns all roots that are to be trusted now, as PEM.
func (a *Authority) Bundle() []byte {
	var bundle bytes.Buffer
	for _, r := range a.trusted() {
		bundle.Write(encodeCertificate(r.certificate))
	}
	return bundle.Bytes()
}

// Roots returns all roots that are to be trusted now.
func (a *Authority) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	for _, r := range a.trusted() {
		pool.AddCert(r.certificate)
	}
	return pool
}

func (a *Authority) trusted() []*root {
	roots := []*root{a.current}
	for _, r := range []*root{a.next, a.previous} {
		if r != nil {
			roots = append(roots, r)
		}
	}
	return roots
}

// String says when the root that issues ends. Keys are not shown.
func (a *Authority) String() string {
	if a == nil || a.current == nil {
		return "no authority"
	}
	return fmt.Sprintf("authority of %d roots, the one in use ends %s",
		len(a.trusted()), a.current.certificate.NotAfter.Format(time.RFC3339))
}

// GoString returns what String returns.
func (a *Authority) GoString() string { return a.String() }
