package finder

import (
	"errors"
	"time"

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
}

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
	// Page is how many things are likely to be asked for at once.
	Page int
	// Now is what times in the filter are relative to.
	Now time.Time
}

// ErrTooMany says that a search has to keep more things than may be kept to put them in order.
var ErrTooMany = errors.New("too many things to be sorted")
