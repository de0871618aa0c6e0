package finder

import (
	"errors"
	"iter"
	"math"

	"github.com/twinway/twinway/internal/gateway/index"
)

// Search is a search under way. It is not safe for concurrent use.
type Search struct {
	*finding
	next   func() (string, bool)
	stop   func()
	paused bool // it was left in the middle of its work
}

// Begin begins a search. Nothing is read before Next. It must be closed.
func Begin(s Source, q Query, look Look) *Search { return begin(s, q, look, usual) }

func begin(s Source, q Query, look Look, l limits) *Search {
	f := &finding{source: s, query: &q, look: look, limits: l, order: newOrder(q.Sort, q.Indexed)}
	f.after = f.order.at(q.After)
	search := &Search{finding: f}
	search.next, search.stop = iter.Pull(f.run)
	return search
}

// Next returns the id of the next thing; more is false if there is none. An empty id is a pause: the search has worked, and
// goes on with the next call.
//
// Errors: ErrTooMany, errNoRoom, those of the store. They end the search.
func (s *Search) Next() (id string, more bool, err error) {
	id, more = s.next()
	s.paused = more && id == ""
	if !more {
		return "", false, s.err
	}
	return id, true, nil
}

// Looked returns at how many things the search has looked.
func (s *Search) Looked() int { return s.looked }

// Close ends the search.
func (s *Search) Close() { s.stop() }

// finding finds things.
type finding struct {
	limits
	source Source
	query  *Query
	look   Look
	order  order
	after  *found // what is found comes behind it; nil: everything
	plan   index.Plan

	yield  func(id string) bool
	err    error
	looked int
	// keysPassed is how many keys of the index were passed.
	keysPassed int
	keysMoved  int  // since they were a step
	steps      int  // since the last pause
	unasked    bool // that is nobody's turn yet
	// wanted are the things that may be found, of those that others may be too. Nil: all.
	wanted *wanted
	kept   room
}

// limits decide which way a search takes, and do not matter to what it finds.
type limits struct {
	// least is how many things are always few.
	least int
	// features is of how many features the entries are looked for one by one. Where there are more, filters for any feature find
	// nothing in the index.
	features int
	// remembered is how many things with one value are, on the way down, before they are looked at from the first one on.
	remembered int
	// lacking is how many things may lack a property if it is to be known which.
	lacking int
}

var usual = limits{least: 512, features: 256, remembered: 4096, lacking: maxLacking}

// stepsPerPause is how much is done between two pauses: a step is a thing that is looked at, or some keys that are passed.
const (
	stepsPerPause = 256
	keysPerStep   = 32
	keysPerSeek   = 8    // that it takes as long as to pass so many
	bytesPerStep  = 4096 // of a thing that is looked at
	// stepsUnasked is how much may be done before it must be somebody's turn: no more than to retrieve as many things.
	stepsUnasked = 32
)

// run tells all that is found, in order.
func (f *finding) run(yield func(id string) bool) {
	f.makeStack()
	f.yield = yield
	f.plan = planOf(f.query)
	err := f.find()
	if f.err == nil && !errors.Is(err, errStopped) {
		f.err = err
	}
}

// errStopped ends a search that nobody wants the rest of.
var errStopped = errors.New("stopped")

func (f *finding) find() error {
	if err := f.tighten(&f.plan); err != nil {
		return err
	}
	switch {
	case f.plan.Kind == index.Nothing:
		return nil
	case f.order.byID():
		return f.findByID()
	case f.order.walkable():
		return f.findByProperty()
	}
	return f.gatherAll()
}

// few is how many things may be looked at before it is better to go along the index: the root of a page's size times the number
// of things.
func (f *finding) few() int {
	things := f.source.Things()
	page := min(int64(f.query.Page), things) // it may be behind far more than there are
	return max(f.least, int(math.Sqrt(float64(page)*float64(things))))
}

// tell tells what was found.
func (f *finding) tell(id string) error {
	if !f.yield(id) {
		return errStopped
	}
	return nil
}

// allow says how many steps there may be before the next pause.
func (f *finding) allow(steps int) {
	f.steps = stepsPerPause - steps
	f.unasked = steps <= stepsUnasked
}

// left returns how many of those there still may be, less than none if the last was a large one.
func (s *Search) left() int {
	if s.paused {
		return 0
	}
	return stepsPerPause - s.steps
}

// worked notes that something was done, and pauses if it was enough.
func (f *finding) worked(steps int) error {
	if f.steps += steps; f.steps < stepsPerPause {
		return nil
	}
	return f.pause()
}

// pause lets others work.
func (f *finding) pause() error {
	f.steps = 0
	return f.tell("")
}

// planOf returns where to look for what a query wants.
func planOf(q *Query) index.Plan {
	plan := index.Plan{Kind: index.Everything}
	if q.Filter != nil {
		plan = index.NewPlan(q.Filter.Expression(), q.Now, q.Indexed)
	}
	return index.InNamespaces(plan, q.Namespaces)
}
