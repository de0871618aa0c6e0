package gateway_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

var httpSearches = flag.Int("gateway.httpsearches", 600, "how many random searches over HTTP are compared with what retrieves show")

// TestHTTPSearchAgainstRetrieves compares searches over HTTP, page by page, and counts, with what the rules say they find among all
// things that the requester can retrieve one by one.
func TestHTTPSearchAgainstRetrieves(t *testing.T) {
	const worlds = 3
	var found, pages atomic.Int64
	for i := range uint64(worlds) {
		seed := *searchSeed + i
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			w := newSearchWorld(t, seed)
			w.look()
			for j, u := range w.users {
				s := &searcher{searchUser: u, things: w.things, fields: w.fields, c: newChance(w.c.Uint64(), uint64(j))}
				h := &httpSearcher{searcher: s, caller: callerOf(t, w.g, "")}
				for range *httpSearches / worlds / len(w.users) {
					h.search(&found, &pages)
				}
			}
		})
	}
	if f, p := found.Load(), pages.Load(); !t.Failed() && (f < int64(*httpSearches) || p < int64(*httpSearches)) {
		t.Errorf("%d things on %d pages do not show much", f, p)
	}
}

// httpSearcher is a user who searches over HTTP.
type httpSearcher struct {
	*searcher
	caller *caller
}

// search goes through a search page by page, and counts.
func (h *httpSearcher) search(found, pages *atomic.Int64) {
	h.caller.t.Helper()
	a := h.ask()
	asked := parametersOf(h.caller.t, a)
	if a.refused != "" {
		h.page(asked).is(h.caller.t, "403 gateway:namespace.notaccessible")
		return
	}
	how := oneOf(h.c, goOnWithCursor, goOnWithCursor, goOnWithOffset)
	for first := true; ; first = false {
		var page searchPage
		response := h.page(asked)
		if response.status != 200 || json.Unmarshal(response.body, &page) != nil {
			h.caller.t.Fatalf("%s: %s", a, response)
		}
		pages.Add(1)
		a.items = append(a.items, page.Items...)
		last := len(a.items) >= len(a.want)
		page.check(h.caller.t, a, asked, last)
		if last || len(page.Items) == 0 {
			break
		}
		if asked = how.next(asked, &page, a); asked == nil {
			break // it cannot
		}
		if first && how == goOnWithCursor && h.c.in(2) {
			asked.Del("filter") // it need not be said again
			asked.Del("namespaces")
		}
	}
	found.Add(int64(len(a.items)))
	h.end(a, "")
	count := h.call(parametersOf(h.caller.t, a), "/search/things/count")
	count.is(h.caller.t, fmt.Sprint("200 application/json ", len(a.want)))
}

// parametersOf returns what a search is over HTTP.
func parametersOf(t *testing.T, a *asked) url.Values {
	t.Helper()
	var said struct {
		Fields string
		Value  struct {
			Filter, Options *string
			Namespaces      []string
		}
	}
	mustUnmarshal(t, "{"+strings.TrimPrefix(a.text, ",")+"}", &said)
	values := url.Values{}
	if said.Value.Filter != nil {
		values.Set("filter", *said.Value.Filter)
	}
	if said.Value.Options != nil {
		values.Set("option", *said.Value.Options)
	}
	if said.Fields != "" {
		values.Set("fields", said.Fields)
	}
	if said.Value.Namespaces != nil {
		values.Set("namespaces", strings.Join(said.Value.Namespaces, ","))
	}
	return values
}

// page asks for one page.
func (h *httpSearcher) page(values url.Values) answer { return h.call(values, "/search/things") }

// call sends what is asked as a query or as a form, which is the same.
func (h *httpSearcher) call(values url.Values, path string) answer {
	h.caller.t.Helper()
	who := "x-ditto-pre-authenticated: " + h.subjects
	if h.c.in(2) {
		return h.caller.call("POST "+path, values.Encode(), who, "content-type: application/x-www-form-urlencoded; charset=utf-8")
	}
	return h.caller.call("GET "+path+"?"+values.Encode(), "", who)
}

// searchPage is the answer to a search.
type searchPage struct {
	Items          []json.RawMessage
	Cursor         *string
	NextPageOffset *int
}

// check checks how a page says that the next one is to be got.
func (p *searchPage) check(t *testing.T, a *asked, values url.Values, last bool) {
	t.Helper()
	options := values.Get("option")
	offset := strings.Contains(options, "limit(")
	either := !offset && !strings.Contains(options, "size(") && !strings.Contains(options, "cursor(")
	if (p.Cursor != nil) != (!last && !offset) || (p.NextPageOffset != nil) != (!last && (offset || either)) {
		t.Errorf("%s\nwith %q, last %v, goes on with the cursor %v or at %v", a, options, last, p.Cursor, p.NextPageOffset)
	}
	if p.NextPageOffset != nil && *p.NextPageOffset != len(a.items) {
		t.Errorf("%s\nthe next page is at %d, want %d", a, *p.NextPageOffset, len(a.items))
	}
	if n := min(a.size, len(a.want)-len(a.items)+len(p.Items)); len(p.Items) != n {
		t.Errorf("%s\na page has %d things, want %d", a, len(p.Items), n)
	}
}

// goOn is how somebody goes on.
type goOn int

const (
	goOnWithCursor goOn = iota
	goOnWithOffset
)

// next returns what is asked for next.
func (how goOn) next(values url.Values, p *searchPage, a *asked) url.Values {
	next := url.Values{}
	for name := range values {
		next[name] = slices.Clone(values[name])
	}
	switch {
	case how == goOnWithOffset && p.NextPageOffset != nil:
		sort, _, _ := strings.Cut(values.Get("option"), "limit(")
		if sort = strings.TrimSuffix(sort, ","); sort != "" {
			sort += ","
		}
		next.Set("option", sort+"limit("+strconv.Itoa(*p.NextPageOffset)+","+strconv.Itoa(a.size)+")")
	case p.Cursor != nil:
		next.Set("option", "cursor("+*p.Cursor+")")
	default:
		return nil
	}
	return next
}
