package search_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/search"
	"github.com/twinway/twinway/internal/gateway/stream"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// five are things to be found.
func five() []string { return []string{"1", "2", "3", "4", "5"} }

// Each script is what a client says, and behind the arrow what it is told. A dash is that nothing answers the message.
func TestSearches(t *testing.T) {
	for name, tc := range map[string]struct {
		things []string
		script string
	}{
		"a page for each demand": {five(), `
			subscribe s {"options":"size(2)"} → created s 0
			request r {"subscriptionId":"0","demand":1} → next r 0 [1,2], -
			request q {"subscriptionId":"0","demand":1} → next q 0 [3,4], -
			request p {"subscriptionId":"0","demand":1} → next p 0 [5], complete p 0, -`},
		"the end needs no demand": {five(), `
			subscribe s {"options":"size(5)"} → created s 0
			request r {"subscriptionId":"0","demand":1} → next r 0 [1,2,3,4,5], complete r 0, -`},
		"a large demand": {five(), `
			subscribe s {"options":"size(2)"} → created s 0
			request r {"subscriptionId":"0","demand":10} → next r 0 [1,2], next r 0 [3,4], next r 0 [5], complete r 0, -`},
		"nothing found": {nil, `
			subscribe s {"filter":"eq(attributes/a,1)"} → created s 0
			request r {"subscriptionId":"0","demand":1} → complete r 0, -`},
		"no value at all": {five(), `
			subscribe s → created s 0
			request r {"subscriptionId":"0","demand":1} → next r 0 [1,2,3,4,5], complete r 0, -`},
		"a null value": {five(), `
			subscribe s null → created s 0`},
		"ids are counted": {five(), `
			subscribe a {} → created a 0
			subscribe b {} → created b 1
			cancel c {"subscriptionId":"0"} → -
			subscribe d {} → created d 2`},
		"cancelled": {five(), `
			subscribe s {"options":"size(1)"} → created s 0
			request r {"subscriptionId":"0","demand":1} → next r 0 [1], -
			cancel c {"subscriptionId":"0"} → -
			request q {"subscriptionId":"0","demand":1} → failed q 0 400 thing-search:subscription.protocol.error
			pass 10s →
			request q {"subscriptionId":"0","demand":1} → failed q 0 404 thing-search:subscription.not.found`},
		"requested behind the end": {nil, `
			subscribe s {} → created s 0
			request r {"subscriptionId":"0","demand":1} → complete r 0, -
			request q {"subscriptionId":"0","demand":1} → failed q 0 400 thing-search:subscription.protocol.error
			cancel c {"subscriptionId":"0"} → -`},
		"never opened": {nil, `
			request r {"subscriptionId":"0","demand":1} → failed r 0 404 thing-search:subscription.not.found
			cancel c {"subscriptionId":"x"} → failed c x 404 thing-search:subscription.not.found`},
		"no demand": {five(), `
			subscribe s {} → created s 0
			request r {"subscriptionId":"0","demand":0} → failed r 0 400 thing-search:subscription.protocol.error, -`},
		"demand missing": {five(), `
			subscribe s {} → created s 0
			request r {"subscriptionId":"0"} → failed r 0 400 thing-search:subscription.protocol.error, -`},
		"less than no demand": {five(), `
			subscribe s {} → created s 0
			request r {"subscriptionId":"0","demand":-1} → failed r 0 400 thing-search:subscription.protocol.error, -`},
		"idle": {five(), `
			subscribe s {} → created s 0
			pass 59s →
			pass 1s → failed s 0 408 thing-search:subscription.timeout`},
		"idle between pages": {five(), `
			subscribe s {"options":"size(1)"} → created s 0
			pass 59s →
			request r {"subscriptionId":"0","demand":1} → next r 0 [1], -
			pass 59s →
			pass 1s → failed r 0 408 thing-search:subscription.timeout`},
		"no RQL": {five(), `
			subscribe s {"filter":"foo"} → created s 0
			request r {"subscriptionId":"0","demand":1} → failed r 0 400 rql.expression.invalid, -`},
		"no option": {five(), `
			subscribe s {"options":"sort(thingId)"} → created s 0
			request r {"subscriptionId":"0","demand":1} → failed r 0 400 thing-search:search.option.invalid, -`},
		"a cursor": {five(), `
			subscribe s {"options":"cursor(abc)"} → created s 0
			request r {"subscriptionId":"0","demand":1} → failed r 0 400 thing-search:search.option.invalid, -`},
		"no namespace": {five(), `
			subscribe s {"namespaces":["org.*"]} → created s 0
			request r {"subscriptionId":"0","demand":1} → failed r 0 400 thing-search:search.namespaces.invalid, -`},
		"wrong and cancelled": {five(), `
			subscribe s {"filter":"foo"} → created s 0
			cancel c {"subscriptionId":"0"} → -`},
		"wrong and forgotten": {five(), `
			subscribe s {"filter":"foo"} → created s 0
			pass 60s → failed s 0 408 thing-search:subscription.timeout`},
		"an error on the way": {[]string{"1", "2", "3", "!"}, `
			subscribe s {"options":"size(2)"} → created s 0
			request r {"subscriptionId":"0","demand":9} → next r 0 [1,2], failed r 0 500 thing-search:subscription.aborted, -`},
		"an error behind a page": {[]string{"1", "2", "!"}, `
			subscribe s {"options":"size(2)"} → created s 0
			request r {"subscriptionId":"0","demand":1} → next r 0 [1,2], failed r 0 500 thing-search:subscription.aborted, -`},
	} {
		t.Run(name, func(t *testing.T) { newWorld(t, tc.things...).play(tc.script) })
	}
}

// What cannot be a message about a search is answered with an error, and opens nothing.
func TestMessagesThatAreRefused(t *testing.T) {
	const (
		unknown = "unknown/unknown/things/twin/errors: "
		topic   = unknown + `400 "protocoladapter:unknown.topicpath" c`
		form    = unknown + `400 "json.format.invalid" c`
		invalid = unknown + `400 "json.invalid" c`
	)
	for message, want := range map[string]string{
		`ns/t/things/twin/search/subscribe / {}`:                               topic,
		`ns/_/things/twin/search/subscribe / {}`:                               topic,
		`_/t/things/twin/search/subscribe / {}`:                                topic,
		`ns/t/things/twin/search/request / {"subscriptionId":"0"}`:             topic,
		`_/_/things/twin/search/subscribe /attributes {}`:                      topic,
		`_/_/things/twin/search/subscribe /nothing {}`:                         unknown + `400 "protocoladapter:unknown.path" c`,
		`_/_/things/twin/search/request /features {"subscriptionId":"0"}`:      topic,
		`_/_/things/twin/search/subscribe / []`:                                form,
		`_/_/things/twin/search/subscribe / "eq(thingId,'a')"`:                 form,
		`_/_/things/twin/search/subscribe / {"filter":1}`:                      invalid,
		`_/_/things/twin/search/subscribe / {"options":["size(1)"]}`:           invalid,
		`_/_/things/twin/search/subscribe / {"namespaces":"a"}`:                invalid,
		`_/_/things/twin/search/subscribe / {"namespaces":["a",1]}`:            invalid,
		`_/_/things/twin/search/request /`:                                     invalid,
		`_/_/things/twin/search/request / {"demand":1}`:                        unknown + `400 "json.field.missing" c`,
		`_/_/things/twin/search/request / {"subscriptionId":0,"demand":1}`:     invalid,
		`_/_/things/twin/search/request / {"subscriptionId":"0","demand":"1"}`: invalid,
		`_/_/things/twin/search/cancel / {}`:                                   unknown + `400 "json.field.missing" c`,
		`_/_/things/twin/search/cancel / "0"`:                                  form,
	} {
		w := newWorld(t, five()...)
		w.say(message)
		if got := strings.Join(w.told, ", "); got != want {
			t.Errorf("%s\ntold %s\nwant %s", message, got, want)
		}
		w.told = nil
		w.play(`request r {"subscriptionId":"0","demand":1} → failed r 0 404 thing-search:subscription.not.found`)
	}
}

// An empty path is the root.
func TestEmptyPath(t *testing.T) {
	w := newWorld(t)
	w.say(`_/_/things/twin/search/subscribe  {}`)
	if got := strings.Join(w.told, ", "); got != "created c 0" {
		t.Errorf("told %s", got)
	}
}

// The finder is told who searches for what, and not before the first request.
func TestWhatIsSearchedFor(t *testing.T) {
	w := newWorld(t)
	w.play(`
		subscribe s {"filter":"gt(attributes/t,20)","options":"sort(-attributes/t),size(2)","namespaces":["b","a","b"]} fields thingId,attributes/t → created s 0`)
	if len(w.asked) > 0 {
		t.Fatal("it was searched before anything was requested")
	}
	w.play(`request r {"subscriptionId":"0","demand":1} → complete r 0, -`)
	if len(w.asked) != 1 {
		t.Fatalf("it was searched %d times", len(w.asked))
	}
	q := w.asked[0]
	got := fmt.Sprint(q.Filter, q.Sort, q.Size, q.Namespaces, q.HasFields, q.Fields.Pointers())
	const want = "gt(attributes/t,20) [{attributes/t true} {thingId false}] 2 [a b] true [/thingId /attributes/t]"
	if got != want {
		t.Errorf("searched for %s\nwant %s", got, want)
	}
}

// Protocol rule: namespaces that a session may not address are not searched.
func TestNamespacesThatMayBeAddressed(t *testing.T) {
	for _, tc := range []struct{ named, want string }{
		{`["a","closed","b"]`, "complete r 0, - [a b]"},
		{`["closed"]`, "failed r 0 403 gateway:namespace.notaccessible, -"},
		{`["closed","shut"]`, "failed r 0 403 gateway:namespace.notaccessible, -"},
		{`[]`, "complete r 0, - []"},
		{`null`, "complete r 0, - []"},
	} {
		w := newWorld(t)
		w.closedTo = []string{"closed", "shut"}
		w.say(`subscribe s {"namespaces":` + tc.named + `}`)
		w.told = nil
		w.say(`request r {"subscriptionId":"0","demand":1}`)
		got := strings.Join(w.told, ", ")
		if len(w.asked) > 0 {
			got += " " + fmt.Sprint(w.asked[0].Namespaces)
		}
		if got != tc.want {
			t.Errorf("%s: told %s, want %s", tc.named, got, tc.want)
		}
	}
}

// A page is put together from what the cursor has to show, and has what there is.
func TestPages(t *testing.T) {
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprint(i)
	}
	all := func(from, to int) string { return "[" + strings.Join(many[from:to], ",") + "]" }
	for name, tc := range map[string]struct {
		things  []string
		options string
		want    []string
		taken   string // what the cursor was asked for
	}{
		"pauses":                {[]string{"-", "1", "-", "-", "2", "3", "-"}, "size(2)", []string{"[1,2]", "[3]"}, "[2 2 1 1 0 2 1]"},
		"pauses before the end": {[]string{"1", "-", "-"}, "size(1)", []string{"[1]"}, "[1 0 0]"},
		"nothing but pauses":    {[]string{"-", "-", "-"}, "", nil, "[25 25 25 25]"},
		"what has gone":         {[]string{"1", ".", "2", ".", ".", "3", "."}, "size(2)", []string{"[1,2]", "[3]"}, ""},
		"all has gone":          {[]string{".", ".", "."}, "size(2)", nil, ""},
		"portions":              {many, "size(80)", []string{all(0, 80), all(80, 100)}, "[32 32 16 0 32]"},
		"the default":           {many[:30], "", []string{all(0, 25), all(25, 30)}, "[25 0 25]"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.things...)
			w.say(`subscribe s {"options":"` + tc.options + `"}`)
			w.say(`request r {"subscriptionId":"0","demand":1}`)
			w.say(`request r {"subscriptionId":"0","demand":9}`)
			var got []string
			for _, told := range w.told {
				if page, ok := strings.CutPrefix(told, "next r 0 "); ok {
					got = append(got, page)
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %q\nwant %q", got, tc.want)
			}
			if taken := fmt.Sprint(w.taken); tc.taken != "" && taken != tc.taken {
				t.Errorf("the cursor was asked for %s things, want %s", taken, tc.taken)
			}
			if !slices.Contains(w.told, "complete r 0") {
				t.Errorf("it does not end: %s", w.told)
			}
		})
	}
}

// A page ends when it is large, whatever its size says.
func TestLargePages(t *testing.T) {
	thing := `"` + strings.Repeat("x", 100<<10) + `"`
	w := newWorld(t, slices.Repeat([]string{thing}, 100)...)
	w.say(`subscribe s {"options":"size(200)"}`)
	w.say(`request r {"subscriptionId":"0","demand":9}`)
	pages, things := 0, 0
	for _, told := range w.told {
		if page, ok := strings.CutPrefix(told, "next r 0 "); ok {
			pages++
			things += strings.Count(page, `"`) / 2
			if len(page) > 4<<20 {
				t.Errorf("a page has %d bytes", len(page))
			}
		}
	}
	if things != 100 || pages < 3 {
		t.Errorf("%d things came in %d pages", things, pages)
	}
}

// A page must be found in time. What one has taken is not charged to the next, nor is the time that passes in between.
func TestTimeForAPage(t *testing.T) {
	for name, tc := range map[string]struct {
		things []string
		each   time.Duration // what a step takes
		want   string
	}{
		"in time":            {[]string{"1", "-", "2", "-", "3"}, timeout * 2 / 5, "next r 0 [1], next q 0 [2], next p 0 [3], complete p 0"},
		"a step too slow":    {[]string{"1"}, timeout, "next r 0 [1], complete r 0"},
		"many steps":         {[]string{"-", "-", "-", "1"}, timeout * 2 / 5, "failed r 0 408 thing-search:query.time.exceeded"},
		"anew for each page": {[]string{"1", "-", "-", "2"}, timeout * 3 / 5, "next r 0 [1], next q 0 [2], complete q 0"},
		"the look for more":  {[]string{"1", "-", "-", "-", "-", "2"}, timeout * 2 / 5, "next r 0 [1], failed r 0 408 thing-search:query.time.exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tc.things...)
			w.working = func(context.Context) { w.now = w.now.Add(tc.each) }
			w.say(`subscribe s {"options":"size(1)"}`)
			w.told = nil
			for _, id := range []string{"r", "q", "p"} {
				w.say(`request ` + id + ` {"subscriptionId":"0","demand":1}`)
				w.now = w.now.Add(stream.Grace / 5)
			}
			got := slices.DeleteFunc(w.told, func(s string) bool { return s == "-" || strings.HasSuffix(s, "protocol.error") })
			if got := strings.Join(got, ", "); got != tc.want {
				t.Errorf("told %s\nwant %s", got, tc.want)
			}
		})
	}
}

// A cursor that waits is told when the time is over, and whatever it says then, the client is told that.
func TestTimeIsOverWhileACursorWaits(t *testing.T) {
	w := newWorld(t, "!")
	w.service.Configure(search.Settings{Timeout: time.Millisecond})
	w.working = func(ctx context.Context) { <-ctx.Done() }
	w.play(`
		subscribe s {} → created s 0
		request r {"subscriptionId":"0","demand":1} → failed r 0 408 thing-search:query.time.exceeded, -`)
}

// A cursor is closed once, as soon as it is of no more use.
func TestCursorsAreClosed(t *testing.T) {
	for name, tc := range map[string]struct {
		script      string
		begun, done int
	}{
		"nothing requested": {`subscribe s {}
			pass 60s`, 0, 0},
		"never looked for": {`subscribe s {"filter":"foo"}
			request r {"subscriptionId":"0","demand":1}`, 0, 0},
		"more is there": {`subscribe s {"options":"size(1)"}
			request r {"subscriptionId":"0","demand":1}`, 1, 0},
		"complete": {`subscribe s {}
			request r {"subscriptionId":"0","demand":1}`, 1, 1},
		"cancelled": {`subscribe s {"options":"size(1)"}
			request r {"subscriptionId":"0","demand":1}
			cancel c {"subscriptionId":"0"}`, 1, 1},
		"idle": {`subscribe s {"options":"size(1)"}
			request r {"subscriptionId":"0","demand":1}
			pass 60s`, 1, 1},
		"wrong demand": {`subscribe s {"options":"size(1)"}
			request r {"subscriptionId":"0","demand":1}
			request r {"subscriptionId":"0","demand":0}`, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, five()...)
			for line := range strings.Lines(tc.script) {
				if pass, ok := strings.CutPrefix(strings.TrimSpace(line), "pass "); ok {
					w.pass(pass)
					continue
				}
				w.say(line)
			}
			if len(w.asked) != tc.begun || w.closed != tc.done {
				t.Errorf("%d searches were begun, %d closed, want %d and %d", len(w.asked), w.closed, tc.begun, tc.done)
			}
		})
	}
}

// With the session everything ends.
func TestEndOfTheSession(t *testing.T) {
	w := newWorld(t, five()...)
	w.say(`subscribe s {"options":"size(1)"}`)
	w.say(`request r {"subscriptionId":"0","demand":1}`)
	w.set.Close()
	if w.closed != 1 {
		t.Errorf("%d cursors were closed", w.closed)
	}
}

// When the last page waits to be sent, nothing is held any more.
func TestCursorsAreClosedBeforeTheLastPage(t *testing.T) {
	w := newWorld(t, five()...)
	w.sending = func() {
		if w.closed != 1 {
			t.Error("the last page is sent, and the cursor is open")
		}
	}
	w.say(`subscribe s {}`)
	w.say(`request r {"subscriptionId":"0","demand":1}`)
}

// A cursor that has failed is closed.
func TestFailedCursorsAreClosed(t *testing.T) {
	w := newWorld(t, "!")
	w.say(`subscribe s {}`)
	w.say(`request r {"subscriptionId":"0","demand":1}`)
	if w.closed != 1 {
		t.Errorf("%d cursors were closed", w.closed)
	}
}

// A session has so many searches open, and is told when they are too many.
func TestOpenSearchesAreBounded(t *testing.T) {
	w := newWorld(t)
	for range stream.MaxOpen {
		w.say(`subscribe s {}`)
	}
	w.play(`
		subscribe c {} → unknown/unknown/things/twin/errors: 429 "too.many.requests" c
		cancel c {"subscriptionId":"5"} → -
		subscribe c {} → created c ` + fmt.Sprint(stream.MaxOpen))
}
