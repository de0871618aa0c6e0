package gateway

import (
	"fmt"
	"strings"

	"github.com/twinway/twinway/internal/snapshot"
)

// RestartError refuses a snapshot that changes what a running gateway cannot.
type RestartError struct {
	// Fields are the paths of what was changed and needs a restart.
	Fields []string
}

// Error implements error.
func (e *RestartError) Error() string {
	return fmt.Sprintf("%s cannot change while the gateway runs; restart it to apply the change", strings.Join(e.Fields, ", "))
}

// UnusableError refuses a snapshot that no gateway could run by.
type UnusableError struct{ cause error }

// Error implements error. It shows no secret.
func (e *UnusableError) Error() string { return "the configuration cannot be used: " + e.cause.Error() }

// Unwrap returns what cannot be used.
func (e *UnusableError) Unwrap() error { return e.cause }

// Apply takes over a snapshot: the whole of it, or nothing of it. Limits of a
// session's own queues and messages apply to sessions opened from now on. It
// returns the paths of what has changed.
//
// Sessions stay open, with one exception: those of users who are no longer
// there, and of issuers and proxies that are no longer trusted, are closed with
// 1008. Everything else about authentication applies to sessions opened from
// now on.
//
// Errors: *RestartError, *UnusableError.
func (g *Gateway) Apply(next *snapshot.Snapshot) ([]string, error) {
	g.applying.Lock()
	defer g.applying.Unlock()
	live, restart := snapshot.Changes(g.Current(), next)
	if len(restart) > 0 {
		g.metrics.Configuration("refused")
		return nil, &RestartError{restart}
	}
	if len(live) == 0 {
		return nil, nil
	}
	shown, err := newCertificate(next)
	if err == nil {
		err = g.authentication.apply(next) // the last that may fail
	}
	if err != nil {
		g.metrics.Configuration("refused")
		return nil, &UnusableError{err}
	}
	g.certificate.current.Store(shown)
	g.authority.Configure(authoritySettings(next))
	g.twins.Configure(twinSettings(next))
	g.relay.Configure(relaySettings(next))
	g.policies.Configure(policiesSettings(next))
	g.persisted.Configure(persistedSettings(next))
	g.search.Configure(searchSettings(next))
	g.custodian.Configure(expirySettings(next))
	g.sessions.Configure(sessionSettings(next))
	g.rest.Configure(restSettings(next))
	g.hold(next)
	g.connectivity.Configure(next)
	expelled := g.sessions.Admit(g.authentication.admits) + g.rest.Admit(g.authentication.admits)
	if expelled > 0 {
		g.log.Info("sessions and event streams closed because who opened them may no longer", "closed", expelled)
	}
	g.metrics.Configuration("applied")
	g.changed()
	g.keep(next)
	return live, nil
}

// hold notes what is in force, and tells of it.
func (g *Gateway) hold(snap *snapshot.Snapshot) {
	hash := snap.Hash()
	g.metrics.ConfigurationInForce(hash)
	g.current.Store(&inForce{snap, hash})
}

// keep makes what is in force durable, as far as there is a way to.
func (g *Gateway) keep(snap *snapshot.Snapshot) {
	if err := g.options.Keep(snap.Encode()); err != nil {
		g.log.Error("the configuration in force could not be kept for the next start", "error", err)
	}
}

// Current returns the snapshot in force.
func (g *Gateway) Current() *snapshot.Snapshot { return g.current.Load().Snapshot }

// ConfigurationInvalid counts a configuration that could not be compiled.
func (g *Gateway) ConfigurationInvalid() { g.metrics.Configuration("invalid") }
