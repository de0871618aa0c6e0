package engine

import (
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
)

// group is what was decided in one go and changes something: one store batch, one
// wait for the disk, and everybody who is part of it or has seen it meanwhile.
type group struct {
	// number counts the groups of a shard.
	number  uint64
	appends []store.Append
	// bytes is the size of the records, journals and entries of the index in appends.
	bytes  int
	commit store.Commit
	// refused is why the store did not take the appends.
	refused error
	// tasks wait for the commit, in the order of their decisions.
	tasks   []*Task
	signals []*pubsub.Signal
	talks   bool // some of the signals tell of no change
}

func (g *group) reset() {
	clear(g.appends)
	clear(g.tasks)
	clear(g.signals)
	g.appends, g.tasks, g.signals = g.appends[:0], g.tasks[:0], g.signals[:0]
	g.bytes, g.commit, g.refused, g.talks = 0, nil, nil, false
}

// complete tells every command of the group.
func (g *group) complete(err error) {
	for _, t := range g.tasks {
		t.complete(err)
	}
}
