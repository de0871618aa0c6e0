package gateway

import (
	"crypto/tls"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// certificate is what clients are shown in the TLS handshake. It is nil inside
// when clients are served without TLS.
type certificate struct {
	current atomic.Pointer[tls.Certificate]
}

// newCertificate returns the certificate of a snapshot, nil if it has none.
func newCertificate(s *snapshot.Snapshot) (*tls.Certificate, error) {
	if s.Listener.TLS == nil {
		return nil, nil
	}
	pair, err := tls.X509KeyPair([]byte(s.Listener.TLS.Certificate), []byte(s.Listener.TLS.Key))
	if err != nil {
		return nil, fmt.Errorf("certificate of the listener: %w", err)
	}
	return &pair, nil
}

// errNoCertificate ends a handshake that cannot be: the listener speaks TLS only
// if there is a certificate.
var errNoCertificate = errors.New("there is no certificate")

// config returns the configuration of the listener's TLS, nil without. Another
// certificate shows from the next handshake on, and ends no session.
func (c *certificate) config() *tls.Config {
	if c.current.Load() == nil {
		return nil
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"}, // WebSocket is an upgrade of that
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if now := c.current.Load(); now != nil {
				return now, nil
			}
			return nil, errNoCertificate
		},
	}
}

// expires returns when the certificate expires, the zero time without.
func (c *certificate) expires() time.Time {
	if now := c.current.Load(); now != nil {
		return now.Leaf.NotAfter
	}
	return time.Time{}
}
