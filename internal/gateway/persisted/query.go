package persisted

import (
	"math"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// query says which events are wanted.
type query struct {
	// from and to are the first and the last revision.
	from, to int64
	// after and before bound the time, exclusively; zero: not at all.
	after, before time.Time
	// filter is nil if all are wanted. invalid says that it cannot be read.
	filter  *rql.Predicate
	invalid *protocol.Error
}

// newQuery reads the value of an envelope, which need not have one.
//
// Protocol rule: nothing is evaluated before the first request, so that is when
// a filter that cannot be read is told of. Errors: json.invalid,
// json.format.invalid.
func newQuery(value []byte) (query, *protocol.Error) {
	q := query{to: math.MaxInt64}
	if value == nil || document.KindOf(value) == document.Null {
		return q, nil
	}
	o, err := protocol.ReadOptions(value)
	if err != nil {
		return query{}, err
	}
	q.from, q.to = o.Int("fromHistoricalRevision", 0), o.Int("toHistoricalRevision", q.to)
	q.after, q.before = o.Instant("fromHistoricalTimestamp"), o.Instant("toHistoricalTimestamp")
	filter := o.Text("filter")
	if err := o.Err(); err != nil {
		return query{}, err
	}
	if o.Has("filter") {
		q.filter, q.invalid = compile(filter)
	}
	return q, nil
}

func compile(text string) (*rql.Predicate, *protocol.Error) {
	filter, err := rql.CompileSignal(text)
	if err != nil {
		return nil, protocol.ErrRQLInvalid(text, err.Error()+".")
	}
	return filter, nil
}

// covers reports whether the query wants events of the time.
func (q *query) covers(at time.Time) bool {
	return (q.after.IsZero() || at.After(q.after)) && (q.before.IsZero() || at.Before(q.before))
}
