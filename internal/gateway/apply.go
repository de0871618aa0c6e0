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

// Apply takes over a snapshot: the whole of it, or nothing of it. Limits of a
// session's own queues and messages apply to sessions opened from now on. It
// returns the paths of what has changed.
//
// Sessions stay open, with one exception: those of users who are no longer
// there, and of issuers and proxies that are no longer trusted, are closed with
// 1008. Everything else about authentication applies to sessions opened from
// now on.
//
// Errors: *RestartError; users and issuers that cannot be used.
func (g *Gateway) Apply(next *snapshot.Snapshot) ([]string, error) {
	g.applying.Lock()
	defer g.applying.Unlock()
	live, restart := snapshot.Changes(g.current.Load(), next)
	if len(restart) > 0 {
		g.metrics.Configuration("refused")
		return nil, &RestartError{restart}
	}
	if len(live) == 0 {
		return nil, nil
	}
	if err := g.authentication.apply(next); err != nil {
		g.metrics.Configuration("refused")
		return nil, err
	}
	g.authority.Configure(authoritySettings(next))
	g.twins.Configure(twinSettings(next))
	g.policies.Configure(policiesSettings(next))
	g.custodian.Configure(expirySettings(next))
	g.sessions.Configure(sessionSettings(next))
	g.current.Store(next)
	expelled := g.sessions.Admit(g.authentication.admits)
	if expelled > 0 {
		g.log.Info("sessions closed because who opened them may no longer", "sessions", expelled)
	}
	g.metrics.Configuration("applied")
	return live, nil
}

// Current returns the snapshot in force.
func (g *Gateway) Current() *snapshot.Snapshot { return g.current.Load() }

// ConfigurationInvalid counts a configuration that could not be compiled.
func (g *Gateway) ConfigurationInvalid() { g.metrics.Configuration("invalid") }
