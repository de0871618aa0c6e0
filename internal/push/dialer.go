package push

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"time"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// dialer makes connections to pods, a bounded number at a time.
type dialer struct {
	options Options
	places  places
}

func newDialer(o Options) *dialer {
	return &dialer{options: o, places: make(places, o.Handshakes)}
}

// dial connects to a pod of a Gateway. The time that it waits for its turn does
// not count towards the deadline.
func (d *dialer) dial(ctx context.Context, gateway snapshot.Identity, address string) (*connection, error) {
	leave, err := d.places.take(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	ctx, cancel := context.WithTimeout(ctx, d.options.RequestTimeout)
	defer cancel()
	config, err := d.config(gateway)
	if err != nil {
		return nil, err
	}
	network, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, wrap("connect", plain(err))
	}
	socket := tls.Client(network, config)
	if err := socket.HandshakeContext(ctx); err != nil {
		_ = network.Close()
		return nil, wrap("connect", plain(err))
	}
	return newConnection(socket, address, d.life()), nil
}

func (d *dialer) config(gateway snapshot.Identity) (*tls.Config, error) {
	client, roots := d.options.Credentials()
	if roots == nil {
		// Without roots the system's would be trusted.
		return nil, errors.New("there are no certificates yet to connect with")
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		ServerName: management.ServerName(gateway),
		RootCAs:    roots,
		NextProtos: []string{"http/1.1"},
		// Shown whatever roots the pod names, so that it says what is wrong.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &client, nil },
	}, nil
}

// life returns for how long a connection is used, spread so that not all are
// made anew at once.
func (d *dialer) life() time.Duration {
	tenth := float64(d.options.ConnectionLife) / 10
	return d.options.ConnectionLife + time.Duration(tenth*(2*rand.Float64()-1)) //nolint:gosec // Spreads, and hides nothing.
}
