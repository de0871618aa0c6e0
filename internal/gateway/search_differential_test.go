package gateway_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	searchQueries = flag.Int("gateway.searches", usualSearches, "how many random searches are compared with what retrieves show")
	searchSeed    = flag.Uint64("gateway.searchseed", 4, "the seed of the first world that is searched")
)

// Bounds of one world, so that there are several.
const (
	worldQueries = 1_000
	roundQueries = 500 // between changes
	roundChanges = 30
)

// TestSearchAgainstRetrieves compares searches with what the rules say they find among all things that the requester can
// retrieve one by one: which, in what order, what they look like, and on how many pages.
func TestSearchAgainstRetrieves(t *testing.T) {
	var found, nothing atomic.Int64
	for left, seed := *searchQueries, *searchSeed; left > 0 && !t.Failed(); seed++ {
		n := min(left, worldQueries)
		left -= n
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			w := newSearchWorld(t, seed)
			for ; n > 0 && !t.Failed(); n -= roundQueries {
				w.look()
				w.search(min(n, roundQueries), &found, &nothing)
				for range roundChanges {
					w.change()
				}
			}
		})
	}
	if f, n := found.Load(), nothing.Load(); !t.Failed() && (f*4 < n || n*20 < f) {
		t.Errorf("%d searches have found something, and %d nothing: they do not show much", f, n)
	}
}

// search has everybody search, several times at once.
func (w *searchWorld) search(n int, found, nothing *atomic.Int64) {
	var wait sync.WaitGroup
	for i, u := range w.users {
		c := newChance(w.c.Uint64(), uint64(i))
		wait.Go(func() {
			s := &searcher{searchUser: u, things: w.things, fields: w.fields, c: c, left: n / len(w.users), open: map[string]*asked{}}
			s.run()
			found.Add(int64(s.found))
			nothing.Add(int64(s.nothing))
		})
	}
	wait.Wait()
}

// searcher is a user who searches.
type searcher struct {
	*searchUser
	things []string
	fields []string
	c      chance
	left   int // searches to begin
	count  int
	// open are the searches that have not ended, by correlation id.
	open           map[string]*asked
	found, nothing int
}

// searchesAtOnce is how many searches of one session are open.
const searchesAtOnce = 8

// asked is a search: what was asked for, and what has come.
type asked struct {
	text       string
	size       int
	fields     string
	want       []string // ids
	refused    string   // the code of the error that is wanted
	id         string
	correlated string
	items      []json.RawMessage
	pages      int
	demand     int // of pages that have not come
	step       int // how many pages are requested at once
}

func (s *searcher) run() {
	for range searchesAtOnce {
		s.begin()
	}
	for len(s.open) > 0 && !s.t.Failed() {
		text, err := s.read()
		if err != nil {
			for _, a := range s.open {
				s.t.Errorf("%v; still open: %s", err, a)
			}
			return
		}
		var f struct {
			Topic   string
			Headers struct {
				CorrelationID string `json:"correlation-id"`
			}
			Value struct {
				ID    string `json:"subscriptionId"`
				Items []json.RawMessage
				Error struct{ Error string }
			}
		}
		if err := json.Unmarshal(text, &f); err != nil {
			s.t.Errorf("%v in %s", err, text)
			return
		}
		a := s.open[f.Headers.CorrelationID]
		if a == nil || a.id != "" && a.id != f.Value.ID {
			s.t.Errorf("%s has nothing to do with %s", text, a)
			return
		}
		switch action := f.Topic[strings.LastIndexByte(f.Topic, '/')+1:]; action {
		case "created":
			a.id = f.Value.ID
			s.request(a)
		case "next":
			s.next(a, f.Value.Items)
		default:
			s.end(a, strings.TrimPrefix(action+" "+f.Value.Error.Error, "complete "))
			s.begin()
		}
	}
}

// begin begins another search, if there are any left.
func (s *searcher) begin() {
	if s.left == 0 {
		return
	}
	s.left--
	s.count++
	a := s.ask()
	a.correlated = strconv.Itoa(s.count)
	s.open[a.correlated] = a
	s.write(fmt.Sprintf(`{"topic":"_/_/things/twin/search/subscribe","headers":{"correlation-id":%q},"path":"/"%s}`, a.correlated, a.text))
}

// write sends a text. That it cannot is seen where answers are read.
func (s *searcher) write(text string) {
	if err := s.ws.Write(s.t.Context(), 1, []byte(text)); err != nil {
		s.t.Errorf("send: %v", err)
	}
}

// ask makes a search, and what it must find.
func (s *searcher) ask() *asked {
	c := s.c
	a := &asked{fields: oneOf(c, s.fields...), step: oneOf(c, 1, 1, 2, 3, 1000)}
	var x *term
	value := map[string]any{}
	if !c.in(12) {
		x = c.filter(c.IntN(4), s.things)
	}
	orders := c.orders(x)
	if c.in(5) {
		x, orders = c.along(s.things)
	}
	if x != nil {
		value["filter"] = oneOf(c, "", "", " ") + c.text(x)
	}
	sizes := []int{0, 0, 50, 199, 200, 26, 24, 25, 10, 7, 3, 2, 1}
	if len(s.things) > largeWorld/2 {
		sizes = sizes[:5] // else it takes long
	}
	if a.size = oneOf(c, sizes...); a.size > 0 || len(orders) > 0 {
		value["options"] = c.options(orders, a.size)
	}
	if a.size == 0 {
		a.size = 25
	}
	var namespaces []string
	if c.in(4) {
		for range c.IntN(4) {
			namespaces = append(namespaces, oneOf(c, append(searchNamespaces, "b", "c", "none")...))
		}
		value["namespaces"] = append([]string{}, namespaces...)
	}
	a.text = `,"value":` + encoded(value)
	if a.fields != "" {
		a.text = fmt.Sprintf(`,"fields":%q%s`, a.fields, a.text)
	}
	if len(namespaces) > 0 && !slices.ContainsFunc(namespaces, s.may) {
		a.refused = "failed gateway:namespace.notaccessible"
		return a
	}
	a.want = s.naive(x, orders, namespaces)
	return a
}

func encoded(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // what a test makes
	return strings.TrimSpace(b.String())
}

// naive looks at all things, and sorts what matches. They are sorted by what they are, not by what the user sees.
func (s *searcher) naive(x *term, orders []order, namespaces []string) []string {
	var hits []hit
	for id, f := range s.faces {
		namespace, _, _ := strings.Cut(id, ":")
		if !s.may(namespace) || len(namespaces) > 0 && !slices.Contains(namespaces, namespace) || x != nil && !f.holds(x) {
			continue
		}
		hits = append(hits, hit{id, f.whole.keys(orders)})
	}
	return sorted(hits, orders)
}

// request asks for more pages: in one message or, unless the first may bring the end, in two, which add up.
func (s *searcher) request(a *asked) {
	steps := []int{a.step}
	if (a.pages+1)*a.size < len(a.want) && s.c.in(3) {
		steps = []int{1, a.step}
	}
	for _, n := range steps {
		a.demand += n
		s.write(fmt.Sprintf(`{"topic":"_/_/things/twin/search/request","headers":{"correlation-id":%q},"path":"/","value":{"subscriptionId":%q,"demand":%d}}`,
			a.correlated, a.id, n))
	}
}

// next takes a page.
func (s *searcher) next(a *asked, items []json.RawMessage) {
	a.pages++
	a.demand--
	last := a.pages*a.size >= len(a.want)
	if want := min(a.size, len(a.want)-len(a.items)); len(items) != want || a.demand < 0 {
		s.t.Errorf("%s\npage %d has %d things, want %d; %d pages are asked for", a, a.pages, len(items), want, a.demand)
	}
	a.items = append(a.items, items...)
	if a.demand == 0 && !last {
		s.request(a) // the end comes without
	}
}

// end compares what has come.
func (s *searcher) end(a *asked, how string) {
	delete(s.open, a.correlated)
	if len(a.want) > 0 {
		s.found++
	} else {
		s.nothing++
	}
	if how != a.refused {
		s.t.Errorf("%s\nends with %q, want %q", a, how, a.refused)
	}
	if len(a.items) != len(a.want) {
		s.t.Errorf("%s\n%d things are found, want %d", a, len(a.items), len(a.want))
	}
	for i := range min(len(a.items), len(a.want)) {
		if want := s.faces[a.want[i]].raw[a.fields]; string(a.items[i]) != string(want) {
			s.t.Errorf("%s as %s\nitem %d is %s\nwant %s: %s\nwhich is %s", a, s.subjects, i, a.items[i], a.want[i], want, s.faces[a.want[i]].raw[""])
			return
		}
	}
}

func (a *asked) String() string {
	if a == nil {
		return "nothing"
	}
	return fmt.Sprintf("search %s:%s, page size %d", a.correlated, a.text, a.size)
}
