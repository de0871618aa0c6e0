package management

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Files of a directory of certificates, in PEM.
const (
	fileCertificate = "tls.crt"
	fileKey         = "tls.key"
	fileAuthorities = "ca.crt"
)

const (
	// checkInterval is how often the files are read again at most.
	checkInterval = 2 * time.Second
	// maxFile bounds a file, in bytes: more than a Secret holds.
	maxFile = 1 << 20
)

// Certificates is who the port is and whom it lets in: the certificate, key and
// authorities in a directory. They are read again when they change. While what
// is there cannot be used, what was read before stays in force; before anything
// could be used every handshake fails.
type Certificates struct {
	dir string
	log *slog.Logger

	mu      sync.Mutex // held while the files are read
	checked time.Time
	tried   [sha256.Size]byte // what the files held that were tried last
	failure string            // why they could not be read, so that it is logged once

	current atomic.Pointer[credentials]
}

// credentials are what was read, ready for handshakes.
type credentials struct {
	config  *tls.Config
	expires time.Time
}

// NewCertificates reads the directory for the first time. That it cannot be used
// is logged and no error: clients are served without a management port.
func NewCertificates(dir string, log *slog.Logger) *Certificates {
	c := &Certificates{dir: dir, log: log}
	c.refresh(time.Now())
	return c
}

// Config returns the configuration of the port's TLS.
func (c *Certificates) Config() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
		c.refresh(time.Now())
		if now := c.current.Load(); now != nil {
			return now.config, nil
		}
		return nil, errors.New("there is no certificate")
	}}
}

// Expires returns when the port's certificate expires, the zero time if there is
// none.
func (c *Certificates) Expires() time.Time {
	c.refresh(time.Now())
	if now := c.current.Load(); now != nil {
		return now.expires
	}
	return time.Time{}
}

// refresh reads the files again unless that was done a moment ago.
func (c *Certificates) refresh(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.checked.IsZero() && now.Sub(c.checked) < checkInterval {
		return
	}
	c.checked = now
	files, err := readFiles(c.dir)
	if err != nil {
		c.failed(err)
		return
	}
	sum := files.sum()
	if sum == c.tried {
		return
	}
	c.tried = sum
	next, err := files.parse()
	if err != nil {
		c.failed(err)
		return
	}
	c.failure = ""
	c.current.Store(next)
	c.log.Info("certificate of the management port read", "directory", c.dir, "expires", next.expires)
}

// failed logs why the files cannot be used, once as long as that stays the same.
func (c *Certificates) failed(err error) {
	if text := err.Error(); text != c.failure {
		c.failure = text
		c.log.Error("the certificates of the management port cannot be used; those before stay in force",
			"directory", c.dir, "known", c.current.Load() != nil, "error", err)
	}
}

// files are what the directory holds.
type files struct{ certificate, key, authorities []byte }

// readFiles reads the directory. A mounted Secret is replaced by turning the
// link ..data, which is followed once so that what is read belongs together.
func readFiles(dir string) (f files, err error) {
	if at, err := filepath.EvalSymlinks(filepath.Join(dir, "..data")); err == nil {
		dir = at
	}
	for name, to := range map[string]*[]byte{
		fileCertificate: &f.certificate, fileKey: &f.key, fileAuthorities: &f.authorities,
	} {
		if *to, err = readFile(filepath.Join(dir, name)); err != nil {
			return f, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return f, nil
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("it has more than %d bytes", maxFile)
	}
	return data, err
}

func (f files) sum() (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, part := range [][]byte{f.certificate, f.key, f.authorities} {
		fmt.Fprintf(h, "%d\n", len(part))
		_, _ = h.Write(part)
	}
	h.Sum(sum[:0])
	return sum
}

func (f files) parse() (*credentials, error) {
	pair, err := tls.X509KeyPair(f.certificate, f.key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", fileCertificate, fileKey, err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(f.authorities) {
		return nil, fmt.Errorf("%s: there is no certificate in it", fileAuthorities)
	}
	return &credentials{expires: pair.Leaf.NotAfter, config: &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{pair},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    authorities,
		// Each handshake proves who the peer is: nothing is left of the one before.
		SessionTicketsDisabled: true,
		VerifyConnection:       authorize,
		NextProtos:             []string{"http/1.1"},
	}}, nil
}
