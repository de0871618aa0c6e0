package finder

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// see sees everything.
func see(_ string, r *store.Record) (doc, meta []byte, ok bool) { return r.Doc, r.Meta, true }

// What searches keep is bounded, however many of them are open, and whichever way they take; and it is given back.
func TestWhatSearchesKeepIsBounded(t *testing.T) {
	const things, most = 1000, 2 << 20
	s := newShelf()
	for i := range things {
		id := fmt.Sprintf("n:%s%04d", strings.Repeat("x", 200), i)
		lacks := `"a":1,`
		if i%2 == 0 {
			lacks = ""
		}
		s.put(t, id, fmt.Sprintf(`{"thingId":%q,"policyId":"n:p","attributes":{%s"all":1,"long":%q}}`, id, lacks, strings.Repeat("y", 200)), "", 0)
	}
	s.ready().lacking = map[string][]string{}
	filter := about(t, `exists(attributes/all)`).Filter
	for name, q := range map[string]Query{
		"all are put in order":              {Sort: []query.Key{{Property: "_revision"}, {Property: "attributes/long"}}},
		"a group is put in order":           {Sort: []query.Key{{Property: "attributes/all"}, {Property: "_revision"}}},
		"a group, from the last one on":     {Sort: []query.Key{{Property: "attributes/all", Descending: true}, {Property: "_revision"}}},
		"who has a property":                {Sort: []query.Key{{Property: "attributes/a"}}},
		"those that lack it":                {Sort: []query.Key{{Property: "attributes/a"}, {Property: "_revision"}}},
		"ids that the plan leads to":        {Filter: filter, Sort: []query.Key{{Property: "_revision"}}},
		"ids in the order of a property":    {Filter: filter, Sort: []query.Key{{Property: "attributes/long"}}},
		"ids of few, of which all are told": {Filter: about(t, `gt(attributes/all,0)`).Filter},
	} {
		ways := usual
		ways.lacking, ways.least = 10, things
		rooms := newRooms(most)
		var open []*Search
		var refused error
		for refused == nil && len(open) < 200 {
			q.Page, q.Now = 25, created
			one := begin(s, q, see, ways)
			one.kept = room{rooms: rooms, user: "u"}
			for id := ""; id == "" && refused == nil; {
				id, _, refused = one.Next()
			}
			if open = append(open, one); len(open) == 1 && rooms.taken < things*keptID {
				t.Errorf("%s: one search keeps %d bytes", name, rooms.taken)
			}
		}
		if refused != nil && !errors.Is(refused, errNoRoom) {
			t.Errorf("%s: %v", name, refused)
		}
		if rooms.taken > most/usersShare || refused == nil && !strings.HasPrefix(name, "ids") {
			t.Errorf("%s: %d searches are open, and keep %d bytes", name, len(open), rooms.taken)
		}
		for _, one := range open {
			one.Close()
			one.kept.only(0)
		}
		if rooms.taken != 0 || len(rooms.of) != 0 {
			t.Errorf("%s: %d bytes are not given back, %v", name, rooms.taken, rooms.of)
		}
	}
}

// While things are told that were put in order, nothing of them is kept but their ids.
func TestOnlyIDsAreKeptOfWhatIsInOrder(t *testing.T) {
	const things = 500
	s := newShelf()
	for i := range things {
		id := fmt.Sprintf("n:%04d", i)
		s.put(t, id, fmt.Sprintf(`{"thingId":%q,"attributes":{"long":%q}}`, id, strings.Repeat("y", 250)), "", 0)
	}
	one := Begin(s.ready(), Query{Sort: []query.Key{{Property: "_revision"}, {Property: "attributes/long"}}, Page: 25}, see)
	defer one.Close()
	for id := ""; id == ""; {
		var err error
		if id, _, err = one.Next(); err != nil {
			t.Fatal(err)
		}
	}
	if one.kept.used > things*(keptID+10) {
		t.Errorf("it keeps %d bytes", one.kept.used)
	}
}

// What is kept of things with one value is given up when those with the next one are looked at.
func TestGroupsAreNotKept(t *testing.T) {
	const things = 300
	for _, descending := range []bool{false, true} {
		s := newShelf()
		for i := range things {
			id := fmt.Sprintf("n:%04d", i)
			s.put(t, id, fmt.Sprintf(`{"thingId":%q,"attributes":{"same":1,"other":%d}}`, id, i), "", 0)
		}
		s.ready()
		begun := func(property string) *Search {
			sort := []query.Key{{Property: property, Descending: descending}, {Property: "_revision"}}
			one := begin(s, Query{Sort: sort, Page: 25}, see, limits{least: 1, remembered: things, lacking: things})
			t.Cleanup(one.Close)
			for id := ""; id == ""; {
				id, _, _ = one.Next()
			}
			return one
		}
		if one := begun("attributes/same"); one.kept.used < 2*things*keptID {
			t.Errorf("of one group %d bytes are kept", one.kept.used)
		}
		one := begun("attributes/other")
		for more := true; more; {
			_, more, _ = one.Next()
			if one.kept.used > 10*keptFound {
				t.Fatalf("of small groups %d bytes are kept", one.kept.used)
			}
		}
	}
}

// TestLittleRoom compares random searches that have room, or none but for what they cannot do without, with naive ones.
func TestLittleRoom(t *testing.T) {
	random := rand.New(rand.NewPCG(23, uint64(*searches)))
	var s *shelf
	refused := 0
	for i := range *searches / 2 {
		if i%100 == 0 {
			s = randomShelf(t, random)
		}
		q, look := randomQuery(t, random), randomLook(random)
		s.things = pick(random, int64(0), 1)
		one := begin(s, q, look, randomWays(random))
		rooms := newRooms(portion * usersShare)
		one.kept = room{rooms: rooms, user: "u", used: portion - random.Int64N(8<<10), taken: portion}
		rooms.of["u"], rooms.taken = portion, portion
		before := one.kept.used
		var got []string
		id, more, err := one.Next()
		for ; more && err == nil; id, more, err = one.Next() {
			if id != "" {
				got = append(got, id)
			}
		}
		one.Close()
		switch want := naive(t, s, &q, look); {
		case errors.Is(err, ErrTooMany):
			refused++
		case err != nil || !slices.Equal(got, want):
			t.Fatalf("%v sorted by %v: %v\n%v, want\n%v", q.Filter, q.Sort, err, got, want)
		}
		if one.kept.used < before || one.kept.taken != portion {
			t.Fatalf("%d bytes were kept before, and now %d", before, one.kept.used)
		}
	}
	if refused == 0 || refused > *searches/4 {
		t.Errorf("%d were refused", refused)
	}
}

// Room is shared by users: none can take all of it, and no search as much as a user may.
func TestUsersShareRoom(t *testing.T) {
	r := newRooms(1000)
	take := func(user string, has, n int64, want error) {
		t.Helper()
		if err := r.take(user, has, n); !errors.Is(err, want) {
			t.Errorf("%s takes %d: %v, want %v", user, n, err, want)
		}
	}
	take("a", 0, 501, ErrTooMany)
	take("a", 400, 101, ErrTooMany)
	take("a", 0, 400, nil)
	take("a", 0, 101, errNoRoom)
	take("b", 0, 500, nil)
	take("c", 0, 101, errNoRoom)
	take("c", 0, 100, nil)
	r.give("b", 500)
	take("c", 100, 400, nil)
	for limit, want := range map[int64]int64{math.MaxInt64: mostRoom, 64 << 20: leastRoom, 1 << 30: 256 << 20, 64 << 30: mostRoom} {
		if got := roomWithin(limit); got != want {
			t.Errorf("within %d: %d, want %d", limit, got, want)
		}
	}
}

// Of room that is given back others can take, also if a search fails.
func TestSearchThatFailsGivesRoomBack(t *testing.T) {
	s := newStand(t)
	s.service.rooms = newRooms(2 * portion * usersShare)
	s.policy(t, "n:p", "s:a grant:/", "s:b grant:/")
	for i := range 500 {
		id := fmt.Sprintf("n:t%04d", i)
		s.set(t, id, fmt.Sprintf(`{"thingId":%q,"policyId":"n:p","attributes":{"long":%q}}`, id, strings.Repeat("y", 250)), created)
	}
	q := about(t, "")
	q.Sort = []query.Key{{Property: "_revision"}, {Property: "attributes/long"}, {Property: query.ByID}}
	c, err := s.service.Find(t.Context(), user("s:a"), q)
	for step := stream.More; err == nil && step != stream.End; {
		_, step, err = c.Next(t.Context(), 25)
	}
	if err == nil || err.Code != "thing-search:query.time.exceeded" {
		t.Errorf("got %v", err)
	}
	c.Close()
	if s.service.rooms.taken != 0 {
		t.Errorf("%d bytes are not given back", s.service.rooms.taken)
	}
	c, err = s.service.Find(t.Context(), user("s:a"), about(t, `exists(attributes/long)`))
	if err == nil {
		_, _, err = c.Next(t.Context(), 25)
	}
	if err != nil || s.service.rooms.taken == 0 {
		t.Errorf("one that goes on keeps %d bytes, %v", s.service.rooms.taken, err)
	}
	c.Close()
	if s.service.rooms.taken != 0 {
		t.Errorf("%d bytes are not given back by one that was closed", s.service.rooms.taken)
	}
	s.service.rooms.taken = s.service.rooms.most
	c, err = s.service.Find(t.Context(), user("s:b"), q)
	for step := stream.More; err == nil && step != stream.End; {
		_, step, err = c.Next(t.Context(), 25)
	}
	if err == nil || err.Code != "too.many.requests" {
		t.Errorf("without room got %v", err)
	}
	c.Close()
}

// Between two pages nothing is kept of what policies say: one that has changed takes effect with the next page.
func TestRightsAreNotKeptBetweenPages(t *testing.T) {
	s := newStand(t)
	s.things(t, "n", 50)
	c := s.begin(t, user("s:a"), about(t, ""))
	if ids := c.page(t, 10); len(ids) != 10 || c.rights != nil {
		t.Errorf("found %v, with rights under %d policies", ids, len(c.rights))
	}
	s.policy(t, "n:p", "s:b grant:/")
	if ids := c.page(t, 10); len(ids) != 0 {
		t.Errorf("then found %v", ids)
	}
}

// However far behind a page is, there are no more things to look at than there are.
func TestFewAreNoMoreThanThereAre(t *testing.T) {
	f := finding{source: &shelf{things: 10_000}, query: &Query{Page: math.MaxInt32}, limits: usual}
	if few := f.few(); few != 10_000 {
		t.Errorf("few are %d", few)
	}
}
