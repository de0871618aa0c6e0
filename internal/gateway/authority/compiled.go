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
	turn     slot
}

// Stale reports whether one of the policies it was made of has changed since.
func (c *Compiled) Stale() bool { return c.stale.Load() }

func (c *Compiled) slot() *slot { return &c.turn }

const (
	// keptOverhead is what a kept policy takes beside its id, its uses and
	// what it was compiled to, in bytes.
	keptOverhead = 256
	// useOverhead is what it takes to know one use, in bytes.
	useOverhead = 256
)

// cost returns what a kept policy takes without its enforcer, in bytes.
func (c *Compiled) cost() int64 {
	cost := keptOverhead + len(c.id)
	for _, used := range c.uses {
		cost += useOverhead + len(used)
	}
	return int64(cost)
}
