package push

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"time"

	"github.com/twinway/twinway/internal/snapshot"
)

// Options are the settings of a Fleet. The zero value of each has the default
// that is named; Credentials has none.
type Options struct {
	// Credentials returns the operator's certificate and the roots that the
	// certificates of pods are verified against. It is asked for every connection
	// that is made, by many goroutines. Without roots no connection is made.
	Credentials func() (client tls.Certificate, roots *x509.CertPool)
	// Changed is called when the View of a Gateway has changed in anything but
	// the number of sessions. Calls follow each other, and one call stands for
	// all changes since the one before. The default is to call nothing.
	Changed func(snapshot.Identity)
	// Logger is told of pods that take or refuse a snapshot and of those that
	// cannot be reached. The default is to log nothing.
	Logger *slog.Logger
	// Handshakes is how many TLS handshakes may be in work at once. The default
	// is 64.
	Handshakes int
	// Snapshots is how many Gateways may have their snapshot in memory at once,
	// to load and to send it; those of one namespace a quarter of that. The
	// default is 16.
	Snapshots int
	// PodsPerGateway is how many pods of one Gateway are served; the View of
	// those beyond says so. The default is 1,000.
	PodsPerGateway int
	// RequestTimeout is how long a pod has for a handshake and for an answer
	// that it owes at once. The default is 5 s.
	RequestTimeout time.Duration
	// PollWait is how long a pod holds back an answer that says nothing new. The
	// default is 30 s.
	PollWait time.Duration
	// MinBackoff is the longest pause after the first failure. It doubles with
	// every further one. The default is 100 ms.
	MinBackoff time.Duration
	// MaxBackoff is the longest pause after any failure. The default is 5 s.
	MaxBackoff time.Duration
	// ConnectionLife is how long a connection is used, give or take a tenth, so
	// that replaced credentials come into use. The default is 1 h.
	ConnectionLife time.Duration
}

// maxAnswer bounds the answer of a pod, in bytes, with its header.
const maxAnswer = 1 << 20

// pollPause is how far apart the answers to two polls are at least, so that a
// pod whose status changes all the time, or that does not wait, costs little.
const pollPause = 50 * time.Millisecond

func (o Options) withDefaults() Options {
	orInt(&o.Handshakes, 64)
	orInt(&o.Snapshots, 16)
	orInt(&o.PodsPerGateway, 1000)
	orDuration(&o.RequestTimeout, 5*time.Second)
	orDuration(&o.PollWait, 30*time.Second)
	orDuration(&o.MinBackoff, 100*time.Millisecond)
	orDuration(&o.MaxBackoff, 5*time.Second)
	orDuration(&o.ConnectionLife, time.Hour)
	if o.Changed == nil {
		o.Changed = func(snapshot.Identity) {}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

func orInt(value *int, fallback int) {
	if *value <= 0 {
		*value = fallback
	}
}

func orDuration(value *time.Duration, fallback time.Duration) {
	if *value <= 0 {
		*value = fallback
	}
}
