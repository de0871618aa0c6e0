package authority

import (
	"sync/atomic"

	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
)

// Compiled is a policy as it is enforced: with its imports, at one moment.
type Compiled struct {
	*enforcer.Enforcer

	id       string
	revision int64
	uses     []string // the other policies that it was made of, present or not
	shared   *sharedEnforcer
	stale    atomic.Bool
	used     atomic.Bool // since the hand of the clock came by
}

// Stale reports whether one of the policies it was made of has changed since.
func (c *Compiled) Stale() bool { return c.stale.Load() }
