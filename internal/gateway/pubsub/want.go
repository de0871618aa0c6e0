package pubsub

import (
	"encoding/binary"

	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// Want is which signals a subscriber wants, and what is to be added to them.
// It is not modified once somebody has subscribed with it.
type Want struct {
	// Namespaces are those whose signals are wanted; none: all.
	Namespaces []string
	// Filter must match a signal; nil: all do.
	Filter *rql.Predicate
	// Extra is added to signals; nil: nothing is.
	Extra *enrich.Fields
	// Policies says of which namespaces the policies may be among what is
	// added. A want that has it is shared with nobody. Nil: of all.
	Policies func(namespace string) bool
	// Filtered is told how many signals the filter has kept from subscribers. It
	// must not block. A want that has it is shared with nobody. Nil: nobody is told.
	Filtered func(signals int64)
}

// own reports whether the want is shared with nobody.
func (w *Want) own() bool { return w.Policies != nil || w.Filtered != nil }

// plain reports whether a signal looks the same to who wants this as it does to
// who wants everything.
func (w *Want) plain() bool { return w == nil || w.Filter == nil && w.Extra == nil }

// key returns a text that wants share which ask the same of every signal in
// their namespaces.
func (w *Want) key() string {
	var filter, extra string
	if w.Filter != nil {
		filter = w.Filter.String()
	}
	if w.Extra != nil {
		extra = w.Extra.String()
	}
	key := binary.AppendUvarint(nil, uint64(len(filter)))
	return string(append(append(key, filter...), extra...))
}

// wants are those that somebody has, each once. What a circle wants is found by
// its address, so that its parameters are compared only when somebody
// subscribes.
type wants map[string]*sharedWant

type sharedWant struct {
	Want
	circles int
}

// take returns the want that is equal to w, for one more circle.
func (all wants) take(w *Want) *Want {
	switch {
	case w.plain():
		return nil
	case w.own():
		return w
	}
	key := w.key()
	shared := all[key]
	if shared == nil {
		shared = &sharedWant{Want: Want{Filter: w.Filter, Extra: w.Extra}}
		all[key] = shared
	}
	shared.circles++
	return &shared.Want
}

// give returns what take has given.
func (all wants) give(w *Want) {
	if w == nil || w.own() {
		return
	}
	key := w.key()
	if shared := all[key]; shared != nil {
		shared.circles--
		if shared.circles == 0 {
			delete(all, key)
		}
	}
}
