package finder

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/twinway/twinway/internal/gateway/index"
	"github.com/twinway/twinway/internal/gateway/query"
)

// newSchool returns a stand that knows of changes, and has things of which some lack what they are sorted by.
func newSchool(t *testing.T, things int) *stand {
	t.Helper()
	s := newStand(t)
	s.service.options.Changes = &s.changes
	s.service.population.changes = &s.changes
	s.things(t, "n", things)
	for i := range 3 {
		id := fmt.Sprintf("n:lacks%d", i)
		s.set(t, id, fmt.Sprintf(`{"thingId":%q,"policyId":"n:p","attributes":{"m":1}}`, id), created)
	}
	s.begin(t, user("s:a"), about(t, "")) // things are counted
	return s
}

func byN(t *testing.T, filter string) *query.Query {
	t.Helper()
	q := about(t, filter)
	q.Sort = []query.Key{{Property: "attributes/n"}, {Property: query.ByID}}
	return q
}

var firstOfSchool = []string{"n:lacks0", "n:lacks1", "n:lacks2", "n:t0000", "n:t0001"}

// waiting returns how many wait for a turn or a lesson.
func (s *stand) waiting() int {
	n := s.service.turns.length()
	s.service.lessons.mu.Lock()
	defer s.service.lessons.mu.Unlock()
	for _, l := range s.service.lessons.of {
		n += l.waiting
	}
	return n
}

// However many searches are the first that sort by a property, its entries are passed once, and they find what they would alone.
func TestFirstSortsPassTheEntriesOnce(t *testing.T) {
	const things, many = 2000, 40
	for name, filter := range map[string]string{"all": "", "a join": "exists(policyId)"} {
		s := newSchool(t, things)
		s.service.turns = newTurns(0)
		before := s.counted(t, "search_keys_passed_total", "")
		var all sync.WaitGroup
		for i := range many {
			c := s.begin(t, user([]string{"s:a", "s:b"}[i%2]), byN(t, filter))
			all.Go(func() {
				if ids := c.page(t, 5); !slices.Equal(ids, firstOfSchool) {
					t.Errorf("%s: found %v", name, ids)
				}
				c.Close()
			})
		}
		for s.waiting() < many {
			runtime.Gosched()
		}
		s.service.turns.give()
		s.service.turns.give()
		all.Wait()
		each := 200.0 // for the page
		if filter != "" {
			each = 2*things + 200 // what the filter leads to is collected, and collected again after the lesson
		}
		if n := s.counted(t, "search_keys_passed_total", "") - before; n < 2*things || n > 2*things+10+many*each {
			t.Errorf("%s: %v keys were passed", name, n)
		}
		if len(s.service.lessons.of) != 0 || s.service.rooms.taken != 0 {
			t.Errorf("%s: left are %v, %d bytes", name, s.service.lessons.of, s.service.rooms.taken)
		}
	}
}

// A lesson goes on for the others when the search goes away for which it began, and ends when nobody waits for it.
func TestLessonsGoOnWhileSomebodyWaits(t *testing.T) {
	s := newSchool(t, 500)
	s.service.turns = newTurns(0)
	first, second := s.begin(t, user("s:a"), byN(t, "")), s.begin(t, user("s:b"), byN(t, ""))
	for _, c := range []*cursor{first, second} {
		if _, _, err := c.Next(t.Context(), 5); err != nil || !c.search.source.(*source).lesson.isUnderWay() {
			t.Fatalf("it does not wait for a lesson: %v", err)
		}
	}
	for s.service.turns.length() < 1 {
		runtime.Gosched()
	}
	if n := s.service.turns.length(); n != 1 || s.service.turns.waiting[pupils] == nil {
		t.Errorf("%d wait for a turn, and the lesson does as one of %v", n, s.service.turns.waiting)
	}
	lesson := second.search.source.(*source).lesson
	first.Close()
	if lesson.isOver() {
		t.Error("it ends with the first that leaves")
	}
	s.service.turns.give()
	if ids := second.page(t, 5); !slices.Equal(ids, firstOfSchool) {
		t.Errorf("found %v", ids)
	}
	second.Close()

	other := byN(t, "")
	other.Sort[0].Property = "attributes/m"
	s.service.turns.tryTake(&place{})
	alone := s.begin(t, user("s:a"), other)
	if _, _, err := alone.Next(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	lesson = alone.search.source.(*source).lesson
	alone.Close()
	if !lesson.isOver() || len(s.service.lessons.of) != 0 || s.service.rooms.taken != 0 || s.service.turns.length() != 0 {
		t.Errorf("a lesson for which nobody waits is not over, or has left %d bytes", s.service.rooms.taken)
	}
}

// A lesson that fails is not given again to who has waited for it: they find what they look for all the same.
func TestLessonsFail(t *testing.T) {
	s := newSchool(t, 500)
	s.service.lessons.of = map[string]*lesson{}
	for i := range maxWatches {
		s.service.lessons.of[fmt.Sprint(i)] = &lesson{}
	}
	if ids := s.begin(t, user("s:a"), byN(t, "")).page(t, 5); !slices.Equal(ids, firstOfSchool) {
		t.Errorf("without a lesson found %v", ids)
	}
	s.service.lessons.of = nil
	begin := func() (*cursor, *source, index.Range) {
		c := s.begin(t, user("s:a"), byN(t, ""))
		from, property := c.search.source.(*source), c.search.order[0].entries.Range()
		if _, known := from.Lacking(property); known != Soon {
			t.Fatal("before a lesson known is", known)
		}
		<-from.lesson.over
		return c, from, property
	}
	s.service.rooms.of[pupils] = s.service.rooms.most
	failed, from, property := begin()
	delete(s.service.rooms.of, pupils)
	if _, known := from.Lacking(property); known != TooMany {
		t.Error("after one that failed known is", known)
	}
	if ids := failed.page(t, 5); !slices.Equal(ids, firstOfSchool) {
		t.Errorf("after one that failed found %v", ids)
	}
	failed.Close()
	s.service.rooms.of["s:a"] = s.service.rooms.most // which is no matter of a lesson's
	_, from, property = begin()
	if _, known := from.Lacking(property); known != Known {
		t.Error("after one for somebody who has no room left known is", known)
	}
}
