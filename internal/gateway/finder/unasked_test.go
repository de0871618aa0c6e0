package finder

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/search"
)

// What costs little is found without a turn; what costs more waits for one, however it does.
func TestLittleNeedsNoTurn(t *testing.T) {
	s := newStand(t)
	s.things(t, "n", 2*stepsUnasked*keysPerStep)
	crowd := strings.TrimSuffix(strings.Repeat("1,", 50_000), ",")
	s.set(t, "n:crowd", `{"thingId":"n:crowd","policyId":"n:p","attributes":{"n":[`+crowd+`]}}`, created)
	for i := range 2 {
		id := fmt.Sprintf("n:large%d", i)
		s.set(t, id, `{"thingId":"`+id+`","policyId":"n:p","attributes":{"text":"`+strings.Repeat("x", 100_000)+`"}}`, created)
	}
	terms := strings.TrimSuffix(strings.Repeat(`eq(attributes/n,-2),eq(attributes/n,-1),`, 60), ",")
	bySerial := about(t, "lt(attributes/n,100000)")
	bySerial.Sort = []query.Key{{Property: "_revision"}}
	s.begin(t, user("s:a"), about(t, "")) // things are counted
	s.service.turns = newTurns(0)
	for name, tc := range map[string]struct {
		query *query.Query
		waits bool
	}{
		"by id":                       {about(t, `eq(thingId,"n:t0001")`), false},
		"one hit":                     {about(t, `eq(attributes/n,7)`), false},
		"a page of all":               {about(t, `like(thingId,"n:t*")`), false},
		"many looks":                  {about(t, `and(like(thingId,"n:t*"),not(lt(attributes/n,100000)))`), true},
		"many keys":                   {bySerial, true},
		"a filter that takes long":    {about(t, `and(eq(thingId,"n:crowd"),or(`+terms+`))`), true},
		"some things which are large": {about(t, `like(thingId,"n:large*")`), true},
	} {
		c := s.begin(t, user("s:a"), tc.query)
		var found atomic.Bool
		var all sync.WaitGroup
		all.Go(func() {
			c.page(t, 25)
			found.Store(true)
		})
		for s.service.turns.length() == 0 && !found.Load() {
			runtime.Gosched()
		}
		if waits := s.service.turns.length() == 1; waits != tc.waits {
			t.Errorf("%s: waits for a turn: %v", name, waits)
		}
		if n := c.search.Looked(); tc.waits && n > stepsUnasked {
			t.Errorf("%s: without a turn looks at %d things", name, n)
		}
		s.service.turns.give()
		all.Wait()
		c.Close()
		s.service.turns.tryTake(&place{})
	}
}

// That goes for a page, into however many portions it is cut, and for the look behind it; and for each page anew.
func TestLittleIsForAPage(t *testing.T) {
	s := newStand(t)
	s.things(t, "n", 210)
	s.begin(t, user("s:a"), about(t, "")) // things are counted
	s.service.turns = newTurns(1)
	unasked := 0
	s.loading = func(string) { unasked += s.service.turns.free }
	for size, want := range map[int]int{200: stepsUnasked, 25: 201} {
		q := about(t, `like(thingId,"n:t*")`)
		q.Size = size
		c := s.begin(t, user("s:a"), q)
		unasked = 0
		for left := 200; left > 0; {
			portion := min(left, size, search.MaxPortion)
			c.page(t, portion)
			if left -= portion; left%size == 0 {
				_, _, _ = c.Next(t.Context(), 0)
			}
		}
		c.Close()
		if unasked > want || unasked < want/4*3 {
			t.Errorf("pages of %d: without a turn looks at %d things, want about %d", size, unasked, want)
		}
	}
}
