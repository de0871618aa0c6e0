package gateway

import (
	"errors"
	"fmt"
	"time"

	"github.com/twinway/twinway/internal/gateway/management"
	wire "github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// managed is the gateway as its management port knows it.
type managed struct{ *Gateway }

// Report implements management.Gateway.
func (m managed) Report() wire.Status {
	now := m.current.Load()
	status := wire.Status{
		Gateway: now.Gateway, Hash: now.hash,
		Draining: m.draining.Load(), Drained: m.drained(), Sessions: m.sessions.Registry().Len(),
	}
	status.Connections, status.Subscriptions = m.connectivity.Status()
	if err := m.Ready(); err != nil {
		status.Reason = reason(err)
		return status
	}
	status.Ready = true
	return status
}

// reason returns why the gateway is not ready, in words that stay the same as
// long as the reason does.
func reason(err error) string {
	if stalled, ok := errors.AsType[*stalledError](err); ok {
		return stalled.reason()
	}
	return err.Error()
}

// Apply implements management.Gateway.
func (m managed) Apply(next *snapshot.Snapshot) (wire.RefusalCode, error) {
	changed, err := m.Gateway.Apply(next)
	switch _, restart := errors.AsType[*RestartError](err); {
	case restart:
		return wire.RefusedRestart, err
	case err != nil:
		return wire.RefusedUnusable, err
	}
	m.log.Info("configuration applied", "changed", changed)
	return "", nil
}

// writeMargin is how long an answer of the management port may take to be
// written, beside what it waits for.
const writeMargin = 30 * time.Second

// listenManagement opens the management port, if there is to be one.
func (g *Gateway) listenManagement() error {
	o := g.options.Management
	if o.Address == "" {
		return nil
	}
	certificates := management.NewCertificates(o.Certificates, g.log)
	g.port = management.NewPort(management.Options{
		Gateway: managed{g}, Logger: g.log,
		Pushed: func(r management.PushResult) { g.metrics.Push(string(r)) },
	})
	g.expiry("management_certificate_expiry_timestamp_seconds",
		"When the certificate of the management port expires, in seconds since 1970; 0 without one.", certificates.Expires)
	var err error
	g.management, err = serve(o.Address, g.port, serving{
		admit: certificates.Listen, writeTimeout: management.MaxWait + writeMargin, maxHeaderBytes: management.MaxHeaderBytes,
	}, g.log, g.fail)
	if err != nil {
		return fmt.Errorf("management listener: %w", err)
	}
	g.log.Info("management listening", "address", g.management.address())
	return nil
}

// ManagementAddress returns where the operator connects, empty without.
func (g *Gateway) ManagementAddress() string {
	if g.management == nil {
		return ""
	}
	return g.management.address()
}

// Status returns what the management port says of the gateway; the zero Status
// without one.
func (g *Gateway) Status() wire.Status {
	if g.port == nil {
		return wire.Status{}
	}
	return g.port.Status()
}

// changed tells those who wait at the management port.
func (g *Gateway) changed() {
	if g.port != nil {
		g.port.Changed()
	}
}
