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
	place   place // of the page that is being looked for, and of those before it that were cut short
	search  *Search
	source  *source
	began   time.Time

	unasked int // steps without a turn, for that page

	found  int
	told   struct{ looked, passed, found int } // to metrics
	known  bool                                // the plan was told
	taken  time.Duration                       // on the page that is being looked for, with waiting
	worked time.Duration                       // without
	total  time.Duration                       // on all pages, without
	whole  bool                                // the page has as many things as it can have
	isSlow bool
}

// step has the search work: without waiting as long as that has been little for the page, else when it is the user's turn. It fails
// if that does not come in time. While others find out what the search must know, nothing is done.
func (w *work) step(ctx context.Context, do func()) *protocol.Error {
	s := w.service
	asked := w.search.paused || w.unasked >= stepsUnasked
	if asked {
		if learned, err := w.awaitLesson(ctx); err != nil || !learned {
			return err
		}
		if err := w.wait(ctx); err != nil {
			return err
		}
		defer s.turns.give()
		w.search.allow(stepsPerPause)
	} else {
		w.search.allow(stepsUnasked - w.unasked)
	}
	began := s.options.Clock()
	if do(); !asked {
		w.unasked = stepsUnasked - w.search.left()
	}
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
	if s.turns.tryTake(&w.place) {
		return nil
	}
	began := s.options.Clock()
	err := s.turns.take(ctx, w.user, &w.place)
	w.waited(began)
	if err != nil {
		return s.overdue()
	}
	return nil
}

// lessonPatience is for how long one waits for a lesson at a time: other searches of the same client may have something to do.
const lessonPatience = 2 * time.Millisecond

// awaitLesson waits for what others find out for the search, and reports whether they have. Meanwhile it has no turn.
func (w *work) awaitLesson(ctx context.Context) (learned bool, _ *protocol.Error) {
	s, l := w.service, w.source.lesson
	if l == nil || l.isOver() {
		return true, nil
	}
	defer w.waited(s.options.Clock())
	patience := time.NewTimer(lessonPatience)
	defer patience.Stop()
	select {
	case <-l.over:
		return true, nil
	case <-patience.C:
		return false, nil
	case <-ctx.Done():
		return false, s.overdue()
	}
}

// waited notes that the search has waited from a moment on until now.
func (w *work) waited(since time.Time) {
	d := w.service.options.Clock().Sub(since)
	w.service.options.Metrics.SearchWaited(d)
	w.taken += d
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
	w.place, w.unasked = place{}, 0
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
	// teach has somebody find out which things lack a property, nil if nobody does. If it is nil the search does.
	teach  func(property index.Range) *lesson
	lesson *lesson // the one that was asked for
}

// Lacking implements Source. It asks for one lesson at most.
func (s *source) Lacking(property index.Range) (ids []string, known Knowledge) {
	over := s.lesson != nil && s.lesson.isOver()
	ids, known = s.memory.Lacking(property)
	switch {
	case known != Unknown || s.teach == nil:
		return ids, known
	case over: // and it has failed
		return nil, TooMany
	case s.lesson == nil:
		if s.lesson = s.teach(property); s.lesson == nil {
			return nil, TooMany
		}
	}
	return nil, Soon
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
