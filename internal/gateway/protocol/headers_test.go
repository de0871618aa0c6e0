package protocol

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// headers reads headers from JSON.
func headers(t testing.TB, text string) Headers {
	t.Helper()
	var h Headers
	if err := h.decode([]byte(text)); err != nil {
		t.Fatalf("%s: %v: %s", text, err, err.Description)
	}
	return h
}

// shown returns all headers as JSON, as far as they may be shown.
func shown(h Headers) string { return string(h.AppendOut(nil)) }

func TestHeadersOut(t *testing.T) {
	for in, want := range map[string]string{
		`{}`:                                          same,
		`{"correlation-id":"c"}`:                      same,
		`{"b":"1","a":"2"}`:                           same,
		`{"b":"1","correlation-id":"c","a":"2"}`:      `{"correlation-id":"c","b":"1","a":"2"}`,
		`{ "a" : 1 , "B\u0063" : true }`:              `{"a":"1","Bc":"true"}`,
		`{"Correlation-ID":"c","X-Y":"z"}`:            same,                // names stay as they were written
		`{"a":"1","A":"2"}`:                           `{"A":"2"}`,         // the last counts
		`{"a":"1","\u0061":"2"}`:                      `{"a":"2"}`,         // also when it is spelled differently
		`{"If-Match":"*","if-match":"\"x\"","a":"1"}`: `{"a":"1"}`,         // not shown
		`{"ditto-sudo":"1","ditto-foo":"2"}`:          `{"ditto-foo":"2"}`, // internal, and custom
		`{"etag":"\"x\"","entity-revision":"5"}`:      `{"etag":"\"x\"","entity-revision":5}`,
		`{"a":"1","A":null}`:                          `{}`,
		`{"a":null,"A":"1"}`:                          `{"A":"1"}`,
		`{"ä":"1","Ä":"2"}`:                           `{"Ä":"2"}`,
	} {
		if want == same {
			want = in
		}
		if got := shown(headers(t, in)); got != want {
			t.Errorf("%s is shown as %s, want %s", in, got, want)
		}
	}
}

func TestHeadersFilterIn(t *testing.T) {
	const in = `{"Etag":"x","a":"1","ditto-originator":"me","if-match":"*","DITTO-WEAK-ACK":true,"ditto-sudo":"true","ditto-foo":"2"}`
	h := headers(t, in)
	h.FilterIn()
	if diff := cmp.Diff([]string{"a", "if-match", "ditto-foo"}, names(h)); diff != "" {
		t.Errorf("left for clients (-want +got):\n%s", diff)
	}
	h = headers(t, in)
	h.filterIn(true)
	if diff := cmp.Diff([]string{"a", "if-match", "DITTO-WEAK-ACK", "ditto-foo"}, names(h)); diff != "" {
		t.Errorf("left for acknowledgements (-want +got):\n%s", diff)
	}
}

func TestHeadersFilterThrough(t *testing.T) {
	const in = `{"Etag":"x","a":"1","ditto-originator":"me","If-Match":"*","timeout":"5s","DITTO-WEAK-ACK":true,"ditto-sudo":"true","ditto-foo":"2"}`
	for ack, want := range map[bool][]string{
		false: {"a", "timeout", "ditto-foo"},
		true:  {"a", "timeout", "DITTO-WEAK-ACK", "ditto-foo"},
	} {
		h := headers(t, in)
		h.FilterThrough(ack)
		if diff := cmp.Diff(want, names(h)); diff != "" {
			t.Errorf("acknowledgement %t (-want +got):\n%s", ack, diff)
		}
	}
}

func names(h Headers) (all []string) {
	for name := range h.All() {
		all = append(all, name)
	}
	return all
}

func TestHeadersGet(t *testing.T) {
	h := headers(t, `{"Timeout":"1\u0073","response-required":"false","at-historical-revision":"7","requested-acks":["a-c","b\u002dc"],
		"If-Match":"\"x\"","My\"App":"ü\n","put-metadata":[]}`)
	if got, ok := h.String(HeaderTimeout); got != "1s" || !ok {
		t.Errorf("timeout is %q, %t", got, ok)
	}
	if got, ok := h.String(HeaderPutMetadata); got != "[]" || !ok {
		t.Errorf("put-metadata is %q, %t", got, ok)
	}
	if got, ok := h.Bool(HeaderResponseRequired); got || !ok {
		t.Errorf("response-required is %t, %t", got, ok)
	}
	if got, ok := h.Int(HeaderAtHistoricalRevision); got != 7 || !ok {
		t.Errorf("at-historical-revision is %d, %t", got, ok)
	}
	got, ok := h.Strings(HeaderRequestedAcks)
	if diff := cmp.Diff([]string{"a-c", "b-c"}, got); diff != "" || !ok {
		t.Errorf("requested-acks, %t (-want +got):\n%s", ok, diff)
	}
	first := headers(t, `{"custom":"1"}`)
	if raw, ok := first.Custom("Custom"); string(raw) != `"1"` || !ok {
		t.Errorf("custom header is %s, %t", raw, ok)
	}
	if raw, ok := h.Custom(`mY"aPP`); string(raw) != `"ü\n"` || !ok {
		t.Errorf("custom header is %s, %t", raw, ok)
	}
	if !h.Has(HeaderIfMatch) || h.Has(HeaderIfNoneMatch) {
		t.Error("has not what it has")
	}
	for name := range h.All() {
		if name != "Timeout" {
			t.Errorf("the first header is %s", name)
		}
		break
	}
	all := maps.Collect(h.All())
	if len(all) != 7 || string(all[`My"App`]) != `"ü\n"` || string(all["Timeout"]) != `"1\u0073"` {
		t.Errorf("all headers are %q", all)
	}
}

func TestHeadersGetNothing(t *testing.T) {
	h := headers(t, `{"correlation-id":"c","custom":"c"}`)
	if got, ok := h.String(HeaderTimeout); got != "" || ok {
		t.Errorf("String: %q, %t", got, ok)
	}
	if got, ok := h.Bool(HeaderDryRun); got || ok {
		t.Errorf("Bool: %t, %t", got, ok)
	}
	if got, ok := h.Int(HeaderEntityRevision); got != 0 || ok {
		t.Errorf("Int: %d, %t", got, ok)
	}
	if got, ok := h.Strings(HeaderRequestedAcks); got != nil || ok {
		t.Errorf("Strings: %q, %t", got, ok)
	}
	if raw, ok := h.Custom("correlation-id"); ok { // not custom
		t.Errorf("Custom: %s", raw)
	}
}

func TestHeadersSet(t *testing.T) {
	var h Headers
	h.SetString(HeaderCorrelationID, `a"b`)
	h.Set(HeaderEntityRevision, []byte("5"))
	h.SetString(HeaderETag, "x")
	h.SetString(HeaderETag, "y")
	h.Delete(HeaderTimeout)
	if got, want := shown(h), `{"correlation-id":"a\"b","entity-revision":5,"etag":"y"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	h.Delete(HeaderEntityRevision)
	if got, want := shown(h), `{"correlation-id":"a\"b","etag":"y"}`; got != want {
		t.Errorf("without revision got %s, want %s", got, want)
	}
}

func TestHeadersDefault(t *testing.T) {
	defaults := headers(t, `{"timeout":"5s","response-required":false,"Custom":"default","location":"x"}`)
	h := headers(t, `{"TIMEOUT":"1s","custom":"own"}`)
	h.Default(defaults)
	if got, want := shown(h), `{"TIMEOUT":"1s","custom":"own","response-required":false,"location":"x"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := shown(defaults), `{"timeout":"5s","response-required":false,"Custom":"default","location":"x"}`; got != want {
		t.Errorf("the defaults became %s", got)
	}
	var none Headers
	none.Default(defaults)
	none.SetString(HeaderLocation, "y")
	if got := shown(defaults); !strings.Contains(got, `"location":"x"`) {
		t.Errorf("the defaults became %s", got)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		b.WriteString(`{"correlation-id":"c"`)
		for i := range n - 1 {
			fmt.Fprintf(&b, `,"h%d":null`, i)
		}
		return b.String() + "}"
	}
	large := func(size int) string {
		const begin, end = `{"correlation-id":"c","x":"`, `"}`
		return begin + strings.Repeat("x", size-len(begin)-len(end)) + end
	}
	for name, c := range map[string]struct{ good, bad string }{
		"number": {many(100), many(101)},
		"size":   {large(64 << 10), large(64<<10 + 1)},
	} {
		headers(t, c.good)
		var h Headers
		err := h.decode([]byte(c.bad))
		if err == nil || err.Code != "header.invalid" || !err.Unaddressed {
			t.Errorf("%s: refused with %v", name, err)
		}
		if got := shown(h); got != `{"correlation-id":"c"}` {
			t.Errorf("%s: left is %s", name, got)
		}
	}
}
