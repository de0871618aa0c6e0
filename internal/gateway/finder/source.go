package finder

import (
	"errors"
	"time"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/store"
)

// Source is where things are found. All that it says is of one moment.
type Source interface {
	// Keys returns the keys of the index from lower on and before upper.
	Keys(lower, upper []byte) (store.Keys, error)
	// Load returns the record of a thing.
	Load(id string) (store.Record, error)
	// Things returns how many things there are, about.
	Things() int64
	// Lacking returns things, in the order of their ids, among which are all that have no entry in the range of a property, if
	// those are Known.
	Lacking(property index.Range) (ids []string, known Knowledge)
	// Learn tells it what Lacking does not know: Known, or TooMany.
	Learn(property index.Range, lacking []string, known Knowledge)
}

// Knowledge is what a Source knows of the things that lack a property.
type Knowledge int

// What may be known of them.
const (
	Unknown Knowledge = iota
	Known
	// TooMany says that they are too many to know them, so that it is of no use to find out.
	TooMany
	// Soon says that somebody is finding out: whoever asks is to pause, and to ask again.
	Soon
)

// Look says what a requester may see of a thing: parts of the document and of the metadata; ok is false if that is nothing.
type Look func(id string, r *store.Record) (doc, meta []byte, ok bool)

// Query is what is searched for.
type Query struct {
	// Filter comes from rql.CompileSearch. Nil: everything that the requester may see.
	Filter *rql.Predicate
	// Sort says by what things are sorted, and then by their ids.
	Sort []query.Key
	// Namespaces are those to search in; none: all.
	Namespaces []string
	// After is where what is found begins, nil for at the beginning.
	After *query.Position
	// Page is how many things are likely to be asked for at once.
	Page int
	// Now is what times in the filter are relative to.
	Now time.Time
	// Indexed are the rules by which the keys of the source were made.
	Indexed index.Rules
}

// ErrTooMany says that a search has to keep more things than may be kept to put them in order.
var ErrTooMany = errors.New("too many things to be sorted")
