package gateway_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/twinway/twinway/internal/gateway"
)

var (
	pagedSearches = flag.Int("gateway.pagedsearches", 200, "how many searches are paged through while things change")
	pagingSeed    = flag.Uint64("gateway.pagingseed", 1, "the seed of what changes while somebody pages")
)

// TestPagesWhileThingsChange pages slowly through searches while others create, delete and modify things, so that they move in
// the order of the search, and change policies. No thing comes twice; none is left out that was there, visible and matching
// throughout; none comes that may not be read any more, and nothing of it.
func TestPagesWhileThingsChange(t *testing.T) {
	t.Logf("seed %d", *pagingSeed)
	t.Run("few things", func(t *testing.T) { pageWhileThingsChange(t, 20, *pagedSearches) })
	// So many that a search goes along the index.
	t.Run("many things", func(t *testing.T) { pageWhileThingsChange(t, 600, max(*pagedSearches/20, pagingReaders)) })
}

func pageWhileThingsChange(t *testing.T, fixed, searches int) {
	t.Helper()
	g := start(t, trusting)
	p := &pagingWorld{t: t, g: g, owner: dialFor(t, g, "pre:alice"), fixed: fixed}
	p.build()
	end := make(chan struct{})
	var writers, pagers sync.WaitGroup
	for i := range uint64(2) {
		w := &pagingWriter{client: dialFor(t, g, "pre:alice"), c: newChance(*pagingSeed, 100+i), part: int(i)}
		writers.Go(func() { w.writeUntil(end) })
	}
	for i := range pagingReaders {
		r := newPager(p, i)
		pagers.Go(func() {
			for range searches / pagingReaders {
				r.search()
			}
		})
	}
	pagers.Wait()
	close(end)
	writers.Wait()
}

const pagingReaders = 4

// How many things there are of each kind. Their names begin with a letter of their own. Of those with k nothing changes.
const (
	movingThings  = 40 // m: always there and matching, but they move
	passingThings = 20 // f: come and go
	erraticThings = 20 // e: match now and then, or may be read now and then
	hiddenThings  = 10 // x: nobody may read them
	ownThings     = 8  // h: for each reader, who sees that they change
)

// pagingWorld is what does not change by itself.
type pagingWorld struct {
	t     *testing.T
	g     *gateway.Gateway
	owner *client
	fixed int // things
}

func (p *pagingWorld) build() {
	p.t.Helper()
	p.owner.mustDo(policyCommand("shared", "modify", "/", sharedPolicy(0)), 201, "")
	p.owner.mustDo(policyCommand("hidden", "modify", "/", policyWith()), 201, "")
	for _, kind := range []struct {
		letter, policy string
		count          int
	}{{"m", "shared", movingThings}, {"k", "shared", p.fixed}, {"f", "shared", passingThings}, {"e", "shared", erraticThings}, {"x", "hidden", hiddenThings}} {
		for i := range kind.count {
			p.owner.mustDo(command(fmt.Sprintf("%s%d", kind.letter, i), "create", "/", pagingThing(kind.policy, i*7%100, true)), 201, "")
		}
	}
}

// sharedPolicy lets all readers read, and somebody else who makes it another policy.
func sharedPolicy(n int) string {
	entries := []string{entryFor("other", fmt.Sprintf("pre:other%d", n), "thing:/attributes R")}
	for i := range pagingReaders {
		entries = append(entries, entryFor(fmt.Sprintf("r%d", i), fmt.Sprintf("pre:r%d", i), "thing:/ R"))
	}
	return policyWith(entries...)
}

// pagingThing returns a thing. What it is sorted by changes together with what can be compared with it. Now and then something is
// missing.
func pagingThing(policy string, n int, on bool) string {
	return fmt.Sprintf(`{"policyId":"test:%s","attributes":%s,"features":{"f":{"properties":{"n":%d}}}}`, policy, pagingAttributes(n, on), n)
}

func pagingAttributes(n int, on bool) string {
	now := ""
	if n%2 == 0 {
		now = fmt.Sprintf(`"now":%d,`, n)
	}
	return fmt.Sprintf(`{%s"n":%d,"twice":%d,"group":%d,"on":%v,"text":"%03d","secret":true}`, now, n, 2*n, n%3, on, n)
}

// pagingWriter changes things of its part of all.
type pagingWriter struct {
	*client
	c    chance
	part int
}

func (w *pagingWriter) writeUntil(end <-chan struct{}) {
	for {
		select {
		case <-end:
			return
		default:
			w.write()
		}
	}
}

func (w *pagingWriter) write() {
	n, half := w.c.IntN(100), func(of int) int { return w.part*of/2 + w.c.IntN(of/2) }
	var text string
	switch moving, passing, erratic := fmt.Sprintf("m%d", half(movingThings)), fmt.Sprintf("f%d", half(passingThings)), fmt.Sprintf("e%d", half(erraticThings)); w.c.IntN(8) {
	case 0:
		text = command(passing, "delete", "/", "")
	case 1:
		text = command(passing, "modify", "/", pagingThing("shared", n, true))
	case 2:
		text = command(erratic, "modify", "/attributes", pagingAttributes(n, w.c.in(2)))
	case 3:
		text = command(erratic, "modify", "/policyId", oneOf(w.c, `"test:shared"`, `"test:hidden"`))
	case 4:
		text = policyCommand("shared", "modify", "/", sharedPolicy(n))
	default:
		text = command(moving, "modify", "/attributes", pagingAttributes(n, true))
	}
	if status, code := w.do(text); status != 200 && status != 201 && status != 204 && status != 404 {
		w.t.Errorf("%s: %d %s", text, status, code)
	}
}

// pager pages through searches, and changes things of its own between pages.
type pager struct {
	*client
	world *pagingWorld
	owner *client
	c     chance
	i     int
	// hidden says that the own things may not be read, secret that a part of them may not, and gone which are not there.
	hidden, secret bool
	gone           map[string]bool
	// touched says that own things have changed since the search began.
	touched map[string]bool
	// of the search:
	text, id string
	seen     map[string]bool
	fixed    []int // what the fixed things are sorted by, in the order in which they came
}

func newPager(p *pagingWorld, i int) *pager {
	p.t.Helper()
	r := &pager{
		client: dialFor(p.t, p.g, fmt.Sprintf("pre:r%d", i)), world: p, owner: dialFor(p.t, p.g, "pre:alice"),
		c: newChance(*pagingSeed, uint64(i)), i: i, gone: map[string]bool{},
	}
	r.grant()
	for _, name := range r.own() {
		r.owner.mustDo(command(name, "create", "/", pagingThing(r.policy(), r.c.IntN(100), true)), 201, "")
	}
	return r
}

func (r *pager) policy() string { return fmt.Sprintf("own%d", r.i) }

// own returns the names of the own things.
func (r *pager) own() (names []string) {
	for j := range ownThings {
		names = append(names, fmt.Sprintf("h%d-%d", r.i, j))
	}
	return names
}

// grant makes the policy of the own things what it is to be.
func (r *pager) grant() {
	entry := entryFor("guest", fmt.Sprintf("pre:r%d", r.i), "thing:/ R")
	switch {
	case r.hidden:
		entry = entryFor("guest", fmt.Sprintf("pre:r%d", r.i), "thing:/ W")
	case r.secret:
		entry = entryFor("guest", fmt.Sprintf("pre:r%d", r.i), "thing:/ R", "thing:/attributes/secret -R")
	}
	text := policyCommand(r.policy(), "modify", "/", policyWith(entry))
	if status, code := r.owner.do(text); status != 201 && status != 204 {
		r.t.Errorf("%s: %d %s", text, status, code)
	}
}

// change changes something of the reader's own, and returns when that is answered.
func (r *pager) change() {
	name := oneOf(r.c, r.own()...)
	switch n := r.c.IntN(100); r.c.IntN(6) {
	case 0:
		r.hidden = !r.hidden
		r.grant()
		for _, name := range r.own() {
			r.touched[name] = true
		}
	case 1:
		r.secret = !r.secret
		r.grant()
	case 2:
		r.owner.do(command(name, "delete", "/", ""))
		r.gone[name], r.touched[name] = true, true
	case 3:
		r.owner.do(command(name, "modify", "/", pagingThing(r.policy(), n, true)))
		r.touched[name] = r.touched[name] || r.gone[name]
		delete(r.gone, name)
	default:
		if !r.gone[name] {
			r.owner.mustDo(command(name, "modify", "/attributes", pagingAttributes(n, true)), 204, "")
		}
	}
}

// Filters that all things match that are there throughout, and orders.
var (
	pagingFilters = []string{
		"", "", "eq(attributes/on,true)", "and(eq(attributes/on,true),ge(attributes/n,0))", "exists(features/*/properties/n)", `like(attributes/text,"*")`,
		"or(lt(attributes/n,50),ge(attributes/n,50))", "not(eq(attributes/on,false))", "ne(attributes/n,1000)", "exists(attributes/twice)",
	}
	pagingOrders = []string{
		"", "+thingId", "-thingId", "+attributes/n", "-attributes/n", "+attributes/group,-attributes/n", "-attributes/text", "+_modified", "-_modified",
		"+_revision", "-_revision,+attributes/n", "+attributes/none", "-attributes/none,-attributes/n", "+features/f/properties/n", "-_created", "+policyId,-attributes/n", "+attributes/now", "-attributes/now", "+attributes/now,-attributes/n",
	}
)

// search pages through one search.
func (r *pager) search() {
	order, filter := oneOf(r.c, pagingOrders...), oneOf(r.c, pagingFilters...)
	value := map[string]string{"options": fmt.Sprintf("size(%d)", 1+r.c.IntN(7))}
	if filter != "" {
		value["filter"] = filter
	}
	if order != "" {
		value["options"] = "sort(" + order + ")," + value["options"]
	}
	r.text, r.seen, r.touched, r.fixed = encoded(value), map[string]bool{}, map[string]bool{}, nil
	if r.hidden {
		for _, name := range r.own() {
			r.touched[name] = true
		}
	}
	for name := range r.gone {
		r.touched[name] = true
	}
	r.begin()
	for r.page() {
		for range r.c.IntN(3) {
			r.change()
		}
	}
	r.complete(order)
}

// begin subscribes. What may come before is the answer to a request that has met the end of the search before.
func (r *pager) begin() {
	before := r.id
	r.send(message("_/_/things/twin/search/subscribe", "/", r.text))
	for {
		text := r.receive()
		var f pagingFrame
		mustDecode(r.t, text, &f)
		if f.action() == "failed" && f.Value.ID == before && f.Value.Error.Error == "thing-search:subscription.protocol.error" {
			continue
		}
		if r.id = f.Value.ID; f.action() != "created" {
			r.t.Errorf("%s: %s", r.text, text)
		}
		return
	}
}

type pagingFrame struct {
	Topic string
	Value struct {
		ID    string `json:"subscriptionId"`
		Items []pagingItem
		Error struct{ Error string }
	}
}

func (f *pagingFrame) action() string { return f.Topic[strings.LastIndexByte(f.Topic, '/')+1:] }

type pagingItem struct {
	ThingID    string
	Attributes struct {
		N, Twice   int
		On, Secret bool
	}
}

// mustDecode is for goroutines other than that of the test.
func mustDecode(t *testing.T, text string, to any) {
	if err := json.Unmarshal([]byte(text), to); err != nil {
		t.Errorf("%v in %s", err, text)
	}
}

// page takes a page, or more, and reports whether there may be another one.
func (r *pager) page() bool {
	demand := 1 + r.c.IntN(2)
	r.send(message("_/_/things/twin/search/request", "/", fmt.Sprintf(`{"subscriptionId":%q,"demand":%d}`, r.id, demand)))
	for range demand {
		text := r.receive()
		var f pagingFrame
		mustDecode(r.t, text, &f)
		switch action := f.action(); {
		case f.Value.ID != r.id || action != "next" && action != "complete":
			r.t.Errorf("%s: %s", r.text, text)
			return false
		case action == "complete":
			return false
		}
		for i := range f.Value.Items {
			r.take(&f.Value.Items[i])
		}
	}
	return true
}

// take checks a thing that has come.
func (r *pager) take(item *pagingItem) {
	name := strings.TrimPrefix(item.ThingID, "test:")
	a := &item.Attributes
	own := strings.HasPrefix(name, r.own()[0][:3])
	switch {
	case r.seen[name]:
		r.t.Errorf("%s: %s comes twice", r.text, name)
	case name == item.ThingID || name[0] == 'x' || name[0] == 'h' && !own:
		r.t.Errorf("%s: %+v is nothing that may be read", r.text, item)
	case a.Twice != 2*a.N:
		r.t.Errorf("%s: %+v was never like that", r.text, item)
	case own && r.hidden:
		r.t.Errorf("%s: %s comes, which may not be read any more", r.text, name)
	case own && r.gone[name]:
		r.t.Errorf("%s: %s comes, which was deleted", r.text, name)
	case own && r.secret && a.Secret:
		r.t.Errorf("%s: %s comes with what may not be read any more", r.text, name)
	}
	r.seen[name] = true
	if name[0] == 'k' {
		r.fixed = append(r.fixed, a.N)
	}
}

// complete checks what has come in all.
func (r *pager) complete(order string) {
	want := map[string]bool{}
	for i := range movingThings {
		want[fmt.Sprintf("m%d", i)] = true
	}
	for i := range r.world.fixed {
		want[fmt.Sprintf("k%d", i)] = true
	}
	for _, name := range r.own() {
		want[name] = !r.touched[name]
	}
	for name := range want {
		if want[name] && !r.seen[name] {
			r.t.Errorf("%s: %s was left out", r.text, name)
		}
	}
	for i := 1; i < len(r.fixed); i++ {
		if a, b := r.fixed[i-1], r.fixed[i]; order == "+attributes/n" && a > b || order == "-attributes/n" && a < b {
			r.t.Errorf("%s: %d comes before %d", r.text, a, b)
		}
	}
}
