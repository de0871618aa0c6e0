package gateway_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// searchStage is a gateway with things org.acme:t00 to org.acme:t29, of which the attribute n is the number.
func searchStage(t *testing.T, changes ...func(*snapshot.Snapshot)) *caller {
	t.Helper()
	h := callerOf(t, start(t, changes...), gatewaytest.User)
	for i := range 30 {
		h.call(fmt.Sprintf("PUT /things/org.acme:t%02d", i), fmt.Sprintf(`{"attributes":{"n":%d,"even":%v}}`, i, i%2 == 0)).created(t)
	}
	return h
}

func (a answer) created(t *testing.T) {
	t.Helper()
	if a.status != 201 {
		t.Fatal(a)
	}
}

// q makes a query of "name=value" pairs.
func q(pairs ...string) string {
	values := url.Values{}
	for _, p := range pairs {
		name, value, _ := strings.Cut(p, "=")
		values.Add(name, value)
	}
	return "?" + values.Encode()
}

const form = "content-type: application/x-www-form-urlencoded"

// brief returns what a page says: the ends of the ids of its things, and how to go on.
func (a answer) brief(t *testing.T) string {
	t.Helper()
	var page searchPage
	if err := json.Unmarshal(a.body, &page); err != nil || a.status != 200 {
		t.Fatal(a)
	}
	said := names(t, page.Items)
	if page.Cursor != nil {
		said += " cursor"
	}
	if page.NextPageOffset != nil {
		said += fmt.Sprint(" ", *page.NextPageOffset)
	}
	return said
}

func names(t *testing.T, items []json.RawMessage) string {
	t.Helper()
	ids := []string{}
	for _, item := range items {
		var thing struct{ ThingID string }
		mustUnmarshal(t, string(item), &thing)
		ids = append(ids, strings.TrimPrefix(thing.ThingID, "org.acme:"))
	}
	return "[" + strings.Join(ids, " ") + "]"
}

// TestHTTPSearch asks for pages.
func TestHTTPSearch(t *testing.T) {
	h := searchStage(t)
	few := "filter=lt(attributes/n,4)"
	for _, tc := range []struct{ query, want string }{
		{q(few), "[t00 t01 t02 t03]"},
		{q(few, "option=size(2)"), "[t00 t01] cursor"},
		{q(few, "option=size(4)"), "[t00 t01 t02 t03]"},
		{q(few, "option=size(200)"), "[t00 t01 t02 t03]"},
		{q(few, "option=limit(0,2)"), "[t00 t01] 2"},
		{q(few, "option=limit(2,2)"), "[t02 t03]"},
		{q(few, "option=limit(3,2)"), "[t03]"},
		{q(few, "option=limit(4,2)"), "[]"},
		{q(few, "option=limit(2147483647,200)"), "[]"},
		{q("filter=ge(attributes/n,5)"), "[t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25 t26 t27 t28 t29]"},
		{q("filter=ge(attributes/n,4)"), "[t04 t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19 t20 t21 t22 t23 t24 t25 t26 t27 t28] cursor 25"},
		{q(few, "option=sort(-attributes/n),size(3)"), "[t03 t02 t01] cursor"},
		{q(few, "option=sort(+attributes/even,-thingId)"), "[t03 t01 t02 t00]"},
		{q(few, "option=sort(-thingId)", "option=size(1)"), "[t03] cursor"},
		{q(few, "filter=eq(attributes/even,true)"), "[t00 t02]"},
		{q(few, "namespaces=org.acme"), "[t00 t01 t02 t03]"},
		{q(few, "namespaces=other"), "[]"},
		{q(few, "namespaces=other,org.acme"), "[t00 t01 t02 t03]"},
		{q(few, "namespaces=other", "namespaces=org.acme"), "[t00 t01 t02 t03]"},
		{q(few, "namespaces="), "[t00 t01 t02 t03]"},
		{q("filter=eq(thingId,'org.acme:t07')"), "[t07]"},
		{`?filter=in(attributes/n,1,2)&x=;`, "[t01 t02]"},
		{`?filter=ne(attributes/none,";")`, "[]"},
		{q(few, "timeout=5s"), "[t00 t01 t02 t03]"},
	} {
		if got := h.call("GET /search/things"+tc.query, "").brief(t); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.query, got, tc.want)
		}
		if got := h.call("POST /search/things", tc.query[1:], form).brief(t); got != tc.want {
			t.Errorf("%s as a form: %s, want %s", tc.query, got, tc.want)
		}
	}
}

// TestHTTPSearchFields looks at what is told of things.
func TestHTTPSearchFields(t *testing.T) {
	h := searchStage(t)
	one := "filter=eq(attributes/n,7)"
	for _, tc := range []struct{ query, want string }{
		{q(one), `{"items":[{"thingId":"org.acme:t07","policyId":"org.acme:t07","attributes":{"n":7,"even":false}}]}`},
		{q(one, "fields=thingId"), `{"items":[{"thingId":"org.acme:t07"}]}`},
		{q(one, "fields=attributes(n),_revision"), `{"items":[{"attributes":{"n":7},"_revision":1}]}`},
		{q(one, "fields=attributes/even", "fields=thingId"), `{"items":[{"attributes":{"even":false},"thingId":"org.acme:t07"}]}`},
		{q("filter=lt(attributes/n,0)"), `{"items":[]}`},
	} {
		a := h.call("GET /search/things"+tc.query, "", "correlation-id: c")
		if got, want := tidied(t, a.body), tidied(t, []byte(tc.want)); got != want {
			t.Errorf("%s: %s, want %s", tc.query, got, want)
		}
		for name, want := range map[string]string{"Content-Type": "application/json", "Correlation-Id": "c", "Ditto-Originator": "nginx:ditto", "Response-Required": "false"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", tc.query, name, got, want)
			}
		}
	}
}

// tidied returns JSON with its members in order.
func tidied(t *testing.T, text []byte) string {
	t.Helper()
	var v any
	mustUnmarshal(t, string(text), &v)
	return encoded(v)
}

// TestHTTPSearchRefused makes requests with something wrong.
func TestHTTPSearchRefused(t *testing.T) {
	h := searchStage(t)
	const (
		option = "400 thing-search:search.option.invalid"
		rql    = "400 rql.expression.invalid"
	)
	for _, tc := range []struct{ query, want string }{
		{q("option=size(201)"), option}, {q("option=size(0)"), option}, {q("option=size(-1)"), option}, {q("option=size(x)"), option},
		{q("option=limit(0,201)"), option}, {q("option=limit(-1,5)"), option}, {q("option=limit(2147483648,5)"), option}, {q("option=limit(5)"), option},
		{q("option=limit(0,5),size(5)"), option}, {q("option=limit(0,5)", "option=cursor(x)"), option}, {q("option=size(5)", "option=size(5)"), option},
		{q("option=sort(thingId)"), option}, {"?option=sort(+thingId)", option}, {q("option=sort(+features/*/properties/a)"), option}, {q("option=order(a)"), option},
		{q("option=cursor(abc)"), option}, {q("option=cursor()"), option}, {q("option=cursor(" + strings.Repeat("A", 200) + ")"), option},
		{q("filter="), rql}, {q("filter=foo"), rql}, {q("filter=eq(attributes/x, 1)"), rql}, {q("filter=eq(attributes/n,1)", "filter=foo"), rql},
		{q("namespaces=org.*"), "400 thing-search:search.namespaces.invalid"}, {q("namespaces=a..b"), "400 thing-search:search.namespaces.invalid"},
		{q("fields=a("), "400 json.fieldselector.invalid"},
		{q("timeout=61s"), "400 gateway:timeout.invalid"}, {q("timeout=-1"), "400 gateway:timeout.invalid"}, {q("timeout=x"), "400 gateway:timeout.invalid"},
		{"?filter=%zz", "400 gateway:parameters.invalid"},
	} {
		h.call("GET /search/things"+tc.query, "").is(t, tc.want)
		h.call("POST /search/things", tc.query[1:], form).is(t, tc.want)
	}
	for _, tc := range []struct{ what, body, media, want string }{
		{"POST /search/things", `{"filter":"eq(attributes/n,1)"}`, "content-type: application/json", "415 mediatype.unsupported"},
		{"POST /search/things", `filter=eq(attributes/n,1)`, "accept: */*", "415 mediatype.unsupported"},
		{"POST /search/things/count", `{}`, "content-type: application/json", "415 mediatype.unsupported"},
		{"PUT /search/things", ``, form, "405 gateway:method.notallowed"},
		{"DELETE /search/things/count", ``, form, "405 gateway:method.notallowed"},
		{"GET /search", ``, form, "404 gateway:route.notfound"},
		{"GET /search/things/x", ``, form, "404 gateway:route.notfound"},
		{"POST /search/things?timeout=5s", "timeout=6s", form, "400 gateway:duplicate.header.field"},
		{"POST /search/things", strings.Repeat("x", 2<<20), form, "413 gateway:body.toolarge"},
		{"GET /search/things/count?filter=foo", "", form, rql},
		{"GET /search/things/count?namespaces=a..b", "", form, "400 thing-search:search.namespaces.invalid"},
		{"GET /things?option=size(201)", "", form, option},
		{"GET /things?ids=", "", form, "400 things:things.ids.missing"},
		{"GET /things?ids=a:b,c", "", form, "400 things:id.invalid"},
		{"GET /things?ids=a:b&fields=(", "", form, "400 json.fieldselector.invalid"},
	} {
		h.call(tc.what, tc.body, tc.media).is(t, tc.want)
	}
}

// TestHTTPCount counts.
func TestHTTPCount(t *testing.T) {
	h := searchStage(t)
	for _, tc := range []struct{ query, want string }{
		{"", "30"}, {q("filter=lt(attributes/n,4)"), "4"}, {q("filter=lt(attributes/n,0)"), "0"}, {q("namespaces=other"), "0"},
		{q("filter=lt(attributes/n,4)", "option=size(1)"), "4"}, {q("filter=lt(attributes/n,4)", "option=nonsense"), "4"},
	} {
		h.call("GET /search/things/count"+tc.query, "").is(t, "200 application/json "+tc.want)
		h.call("POST /search/things/count", strings.TrimPrefix(tc.query, "?"), form).is(t, "200 application/json "+tc.want)
	}
}

// TestHTTPSearchUnanswered searches without wanting to know.
func TestHTTPSearchUnanswered(t *testing.T) {
	h := searchStage(t)
	for _, what := range []string{
		"GET /search/things?timeout=0", "GET /search/things?response-required=false", "GET /search/things/count?timeout=0", "GET /things?timeout=0",
	} {
		h.call(what, "").is(t, "202")
		h.call(what+"&namespaces=a..b", "").is(t, "400 thing-search:search.namespaces.invalid")
	}
	h.call("POST /search/things", "timeout=0", form).is(t, "202")
	if a := h.call("HEAD /search/things", ""); a.status != 200 || len(a.body) > 0 || a.header.Get("Content-Length") == "0" {
		t.Error(a)
	}
}

// TestHTTPThings retrieves things by their ids, and lists them.
func TestHTTPThings(t *testing.T) {
	h := searchStage(t)
	list := func(what string) (answer, string) {
		t.Helper()
		a := h.call("GET /things"+what, "")
		var items []json.RawMessage
		mustUnmarshal(t, string(a.body), &items)
		return a, names(t, items)
	}
	for what, want := range map[string]string{
		"?ids=org.acme:t05,org.acme:t03,org.acme:none,org.acme:t04": "[t05 t03 t04]",
		"?ids=org.acme:none":                                      "[]",
		"?ids=org.acme:t05,org.acme:t05":                          "[t05]",
		"?ids=org.acme:t05&ids=org.acme:t04":                      "[t05 t04]",
		"?ids=org.acme:t05,x:t04":                                 "[t05]",
		"?ids=org.acme:t05&fields=thingId":                        "[t05]",
		"?namespaces=other":                                       "[]",
		"?option=limit(28,5)":                                     "[t28 t29]",
		"?option=sort(-attributes/n),size(200)&fields=attributes": "[" + strings.TrimSpace(strings.Repeat(" ", 29)) + strings.Repeat(" ", 29) + "]",
	} {
		if a, got := list(what); a.status != 200 || got != want || a.header.Get("Link") != "" {
			t.Errorf("%s: %d %s, want %s; the link is %q", what, a.status, got, want, a.header.Get("Link"))
		}
	}
	next := "?option=sort(-attributes/n),size(8)&fields=thingId&namespaces=org.acme&timeout=10s&other=1"
	link := regexp.MustCompile(`^</api/2/things(\?fields=thingId&namespaces=org.acme&timeout=10s&option=cursor\([0-9A-Za-z_-]+\))>; rel="next"$`)
	for _, want := range []string{"[t29 t28 t27 t26 t25 t24 t23 t22]", "[t21 t20 t19 t18 t17 t16 t15 t14]", "[t13 t12 t11 t10 t09 t08 t07 t06]", "[t05 t04 t03 t02 t01 t00]"} {
		a, got := list(next)
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if strings.Contains(want, "t00") != (a.header.Get("Link") == "") {
			t.Fatalf("the link is %q", a.header.Get("Link"))
		}
		if m := link.FindStringSubmatch(a.header.Get("Link")); m != nil {
			next = m[1]
		} else if a.header.Get("Link") != "" {
			t.Fatalf("the link is %q", a.header.Get("Link"))
		}
	}
}

// TestHTTPCursor goes on with cursors, those of others, of other searches, and ones that were changed.
func TestHTTPCursor(t *testing.T) {
	h := searchStage(t)
	cursor := func(query string) string {
		t.Helper()
		var page searchPage
		mustUnmarshal(t, string(h.call("GET /search/things"+query, "").body), &page)
		return *page.Cursor
	}
	filter := "filter=lt(attributes/n,9)"
	c := cursor(q(filter, "option=sort(-attributes/n),size(3)", "namespaces=org.acme"))
	if again := cursor(q(filter, "option=sort(-attributes/n),size(3)", "namespaces=org.acme")); again != c {
		t.Error("the same page has another cursor")
	}
	if strings.Contains(c, "=") {
		t.Error("it does not fit into a query as it is")
	}
	for query, want := range map[string]string{
		q("option=cursor(" + c + ")"):                                               "[t05 t04 t03] cursor",
		q("option=cursor(" + c + "),size(2)"):                                       "[t05 t04] cursor",
		q("option=size(200),cursor(" + c + ")"):                                     "[t05 t04 t03 t02 t01 t00]",
		q("option=sort(-attributes/n),cursor("+c+")", filter):                       "[t05 t04 t03] cursor",
		q("option=cursor("+c+")", "namespaces=org.acme,org.acme"):                   "[t05 t04 t03] cursor",
		q("option=cursor("+c+")", "fields=thingId"):                                 "[t05 t04 t03] cursor",
		q("option=sort(-attributes/n,+thingId)", "option=cursor("+c+")", "fields="): "",
	} {
		if want == "" {
			continue
		}
		if got := h.call("GET /search/things"+query, "").brief(t); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	const refused = "400 thing-search:search.option.invalid"
	for _, query := range []string{
		q("option=cursor("+c+")", "filter=lt(attributes/n,8)"), q("option=cursor("+c+")", "namespaces=other"),
		q("option=cursor(" + c + "),sort(+attributes/n)"), q("option=cursor(" + c + "),limit(0,3)"), q("option=cursor(" + c[:len(c)-1] + ")"), q("option=cursor(A" + c + ")"),
	} {
		h.call("GET /search/things"+query, "").is(t, refused)
	}
	for i := 0; i < len(c); i += 7 {
		other := byte('A')
		if c[i] == other {
			other = 'B'
		}
		h.call("GET /search/things"+q("option=cursor("+c[:i]+string(other)+c[i+1:]+")"), "").is(t, refused)
	}
}

// TestHTTPCursorSurvivesRestart goes on with a cursor at the same directory, and at another one.
func TestHTTPCursorSurvivesRestart(t *testing.T) {
	dir := t.TempDir()
	run := func(dir string, do func(*caller)) {
		t.Helper()
		g, err := gateway.Start(configuration(t), gateway.Options{DataDir: dir, Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		h := callerOf(t, g, gatewaytest.User)
		do(h)
		h.client.CloseIdleConnections()
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var page searchPage
	fill := func(h *caller) {
		for i := range 3 {
			h.call(fmt.Sprintf("PUT /things/org.acme:t%02d", i), `{}`).created(t)
		}
	}
	run(dir, func(h *caller) {
		fill(h)
		mustUnmarshal(t, string(h.call("GET /search/things?option=size(1)", "").body), &page)
	})
	next := "GET /search/things?option=cursor(" + *page.Cursor + ")"
	run(dir, func(h *caller) {
		if got := h.call(next, "").brief(t); got != "[t01] cursor" {
			t.Error(got)
		}
	})
	run(t.TempDir(), func(h *caller) {
		fill(h)
		h.call(next, "").is(t, "400 thing-search:search.option.invalid")
	})
}

// TestHTTPSearchInNamespaces searches under rules that close namespaces. A cursor is one of what was asked, and goes on in what
// may be addressed then.
func TestHTTPSearchInNamespaces(t *testing.T) {
	g := start(t, trusting, inNamespaces)
	h := callerOf(t, g, "")
	owner, guest := "x-ditto-pre-authenticated: pre:owner", "x-ditto-pre-authenticated: "+narrow
	rights := fmt.Sprintf(`{"entries":{"o":{"subjects":{"pre:owner":{"type":"t"}},"resources":{"policy:/":{"grant":["READ","WRITE"],"revoke":[]},"thing:/":{"grant":["READ","WRITE"],"revoke":[]}}},
		"g":{"subjects":{%q:{"type":"t"}},"resources":{"thing:/":{"grant":["READ"],"revoke":[]}}}}}`, narrow)
	h.call("PUT /policies/p:p", rights, owner).created(t)
	for _, id := range []string{"a:1", "a:2", "b:1", "c-d:1", "c-d.e:1"} {
		h.call("PUT /things/"+id, `{"policyId":"p:p"}`, owner).created(t)
	}
	for _, tc := range []struct{ who, query, want string }{
		{owner, "", "[a:1 a:2 b:1 c-d.e:1 c-d:1]"},
		{guest, "", "[a:1 a:2 c-d:1]"},
		{guest, q("namespaces=b,c-d,c-d.e"), "[c-d:1]"},
		{guest, q("namespaces=a,b", "option=size(1)"), "[a:1] cursor"},
		{guest, q("option=limit(1,1)"), "[a:2] 2"},
	} {
		if got := h.call("GET /search/things"+tc.query, "", tc.who).brief(t); got != tc.want {
			t.Errorf("%s: %s, want %s", tc.query, got, tc.want)
		}
	}
	var page searchPage
	mustUnmarshal(t, string(h.call("GET /search/things"+q("namespaces=a,b", "option=size(1)"), "", guest).body), &page)
	next := "option=cursor(" + *page.Cursor + "),size(5)"
	for who, want := range map[string]string{guest: "[a:2]", owner: "[a:2 b:1]"} {
		for _, query := range []string{q(next), q(next, "namespaces=b,a")} {
			if got := h.call("GET /search/things"+query, "", who).brief(t); got != want {
				t.Errorf("%s: %s, want %s", who, got, want)
			}
		}
	}
	const closed = "403 gateway:namespace.notaccessible"
	h.call("GET /search/things?namespaces=b,c-d.e", "", guest).is(t, closed)
	h.call("GET /search/things/count?namespaces=b", "", guest).is(t, closed)
	h.call("GET /things?namespaces=b", "", guest).is(t, closed)
	h.call("GET /search/things/count", "", guest).is(t, "200 application/json 3")
	h.call("GET /search/things/count?namespaces=a,b", "", guest).is(t, "200 application/json 2")
	h.call("GET /search/things", "").is(t, "401 gateway:authentication.failed")
}
