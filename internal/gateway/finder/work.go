package finder

import (
	"context"
	"time"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// slow is for how long a search works on a page, waiting left out, before it is told to operators. So there are never more of
// them in a second than work at a time.
const slow = time.Second

// work is what a search does, step by step, as those who run the gateway see it.
type work struct {
	service *Service
	user    string
	search  *Search
	source  *source
	began   time.Time

	found  int
	told   struct{ looked, passed, found int } // to metrics
	known  bool                                // the plan was told
	taken  time.Duration                       // on the page that is being looked for, with waiting
	worked time.Duration                       // without
	total  time.Duration                       // on all pages, without
	whole  bool                                // the page has as many things as it can have
	isSlow bool
}

// step does something when it is the user's turn. It fails if that does not come in time.
func (w *work) step(ctx context.Context, do func()) *protocol.Error {
	if err := w.wait(ctx); err != nil {
		return err
	}
	s := w.service
	began := s.options.Clock()
	do()
	s.turns.give()
	took := s.options.Clock().Sub(began)
	w.taken += took
	w.worked += took
	w.total += took
	w.isSlow = w.isSlow || w.worked >= slow
	if w.tell(); w.whole {
		w.turned()
	}
	return nil
}

// wait waits for a turn, which is to be given back unless it does not come in time.
func (w *work) wait(ctx context.Context) *protocol.Error {
	s := w.service
	if ctx.Err() != nil {
		return s.overdue()
	}
	if s.turns.tryTake() {
		return nil
	}
	began := s.options.Clock()
	err := s.turns.take(ctx, w.user)
	waited := s.options.Clock().Sub(began)
	s.options.Metrics.SearchWaited(waited)
	w.taken += waited
	if err != nil {
		return s.overdue()
	}
	return nil
}

// overdue is the error of what was not done in time.
func (s *Service) overdue() *protocol.Error {
	return protocol.ErrSearchTimeExceeded(s.options.Within())
}

// tell tells metrics what has been done since the last time.
func (w *work) tell() {
	m := w.service.options.Metrics
	looked, passed := w.search.Looked(), w.source.passed
	m.SearchWorked(looked-w.told.looked, passed-w.told.passed, w.found-w.told.found)
	w.told.looked, w.told.passed, w.told.found = looked, passed, w.found
	if !w.known && w.search.plan.Kind == index.Everything {
		m.SearchScans(w.reason())
	}
	w.known = true
}

func (w *work) reason() metrics.FullScan {
	if w.search.query.Filter == nil {
		return metrics.ScanNoFilter
	}
	return metrics.ScanNotIndexed
}

// turned notes that a page is complete, or nothing more is found.
func (w *work) turned() {
	if w.taken > 0 {
		w.service.options.Metrics.SearchTook(w.taken)
	}
	w.taken, w.worked, w.whole = 0, 0, false
}

// end tells operators of a search that was slow.
//
// Who searches is nobody's business, and values in a filter may be secret: serial numbers, names, places. Which properties it is
// about is what an operator needs to know.
func (w *work) end() {
	if !w.isSlow {
		return
	}
	q := w.search.query
	w.service.options.Logger.Warn("search: slow", "filter", shapeOf(q.Filter), "sort", sortOf(q.Sort), "namespaces", len(q.Namespaces),
		"plan", planName(w.search.plan.Kind), "looked", w.told.looked, "passed", w.told.passed, "found", w.told.found,
		"worked", w.total.Round(time.Millisecond), "open", w.service.options.Clock().Sub(w.began).Round(time.Millisecond))
}

// planName returns the name of a kind of plans for operators.
func planName(k index.Kind) string {
	return [...]string{"everything", "nothing", "entries", "ids", "all", "any"}[k]
}

// source is a view as a Source.
type source struct {
	store.View
	memory
	things int64
	passed int // keys
}

// Load implements Source.
func (s *source) Load(id string) (store.Record, error) {
	return s.View.Load(store.Key{Kind: store.Thing, ID: id})
}

// Things implements Source.
func (s *source) Things() int64 { return s.things }

// Keys implements Source.
func (s *source) Keys(lower, upper []byte) (store.Keys, error) {
	keys, err := s.View.Keys(lower, upper)
	if err != nil {
		return nil, err
	}
	return counted{keys, &s.passed}, nil
}

// counted are keys that count how many are passed.
type counted struct {
	store.Keys
	passed *int
}

// Next implements store.Keys.
func (c counted) Next() bool {
	*c.passed++
	return c.Keys.Next()
}

// Prev implements store.Keys.
func (c counted) Prev() bool {
	*c.passed++
	return c.Keys.Prev()
}
