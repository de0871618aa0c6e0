package finder

import (
	"context"
	"iter"
	"sync"

	"github.com/twinway/twinway/internal/gateway/index"
)

// lessons are under way in which it is found out which things lack a property, each for all searches that have to know.
type lessons struct {
	mu sync.Mutex
	of map[string]*lesson // by the beginning of the property's entries; maxWatches at most
}

// lesson is one of them. It has a view of its own, and goes on until nobody waits for it any more: so it does not matter who of
// them goes away, or how long it takes until somebody wants their next page.
type lesson struct {
	property index.Range
	over     chan struct{} // closed at its end
	stop     context.CancelFunc
	waiting  int // searches
}

// isOver reports whether the lesson has ended.
func (l *lesson) isOver() bool {
	select {
	case <-l.over:
		return true
	default:
		return false
	}
}

// isUnderWay reports whether there is a lesson, and it has not ended.
func (l *lesson) isUnderWay() bool { return l != nil && !l.isOver() }

// pupils are the user who takes turns and room for lessons, whom no subject is. A lesson is for all who wait for it: it does not stand
// behind what the one has under way who was the first to ask, and fails for no room of theirs.
const pupils = "\x00pupils"

// attend has one search more wait for the lesson about the property by which things are sorted first, which begins if there is none.
// It is to be left. The result is nil if there are too many.
func (s *Service) attend(property index.Range, sorted order) *lesson {
	s.lessons.mu.Lock()
	defer s.lessons.mu.Unlock()
	key := string(property.Lower)
	l := s.lessons.of[key]
	if l == nil {
		if len(s.lessons.of) >= maxWatches {
			return nil
		}
		if s.lessons.of == nil {
			s.lessons.of = map[string]*lesson{}
		}
		var ctx context.Context
		l = &lesson{property: property, over: make(chan struct{})}
		ctx, l.stop = context.WithCancel(context.Background())
		s.lessons.of[key] = l
		go s.give(ctx, l, sorted)
	}
	l.waiting++
	return l
}

// leave has one search less wait. If it was the last, a lesson that is under way is ended, and has given back what it holds when
// this returns: that takes no longer than a step of its work.
func (s *lessons) leave(l *lesson) {
	s.mu.Lock()
	l.waiting--
	last := l.waiting == 0
	if last {
		s.remove(l)
	}
	s.mu.Unlock()
	if last {
		l.stop()
		<-l.over
	}
}

// remove removes a lesson, unless it was. The lock must be held.
func (s *lessons) remove(l *lesson) {
	if key := string(l.property.Lower); s.of[key] == l {
		delete(s.of, key)
	}
}

// give gives a lesson. It ends with ctx, or when all is known. If it fails, nothing is.
func (s *Service) give(ctx context.Context, l *lesson, sorted order) {
	defer func() {
		s.lessons.mu.Lock()
		s.lessons.remove(l)
		s.lessons.mu.Unlock()
		close(l.over)
	}()
	known := s.options.Changes.expect(sorted) // before there is a view
	view, err := s.options.Store.Snapshot()
	if err != nil {
		return
	}
	defer func() { _ = view.Close() }()
	from := &source{View: view, memory: known}
	search := beginLesson(from, l.property)
	search.kept = room{rooms: s.rooms, user: pupils}
	defer search.kept.only(0)
	defer search.Close()
	w := work{service: s, user: pupils, search: search, source: from, known: true}
	for more := true; more && err == nil && w.step(ctx, func() { _, more, err = search.Next() }) == nil; {
	}
}

// beginLesson begins to find out which things lack a property, and tells the source. Nothing is found but pauses.
func beginLesson(s Source, property index.Range) *Search {
	f := &finding{source: s, limits: usual}
	search := &Search{finding: f, paused: true}
	search.next, search.stop = iter.Pull(func(yield func(string) bool) {
		f.yield = yield
		_, _, f.err = f.learnLacking(property)
	})
	return search
}
