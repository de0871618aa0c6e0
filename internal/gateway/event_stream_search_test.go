package gateway_test

import (
	"fmt"
	"testing"
)

// What is found is told once, in order, as far as it may be read, each thing under its id; and then the stream ends.
func TestEventStreamsOfSearches(t *testing.T) {
	w := newGallery(t)
	const things = 450 // more than two pages
	for i := range things {
		w.create(fmt.Sprintf("test:%03d", i), fmt.Sprintf(`"attributes":{"n":%d,"mod":%d,"secret":%d}`, i, i%7, i))
	}
	w.must("DELETE /things/test:lamp", "", 204)
	all := w.owner.stream("/search/things?fields=attributes/n")
	for i := range things {
		all.expect(fmt.Sprintf(`data:{"attributes":{"n":%d}}|id:test:%03d`, i, i))
	}
	all.mustEnd()
	some := w.guest.stream("/search/things?filter=eq(attributes/mod,3)&option=sort(-attributes/n)&namespaces=test")
	for i := things - 1; i >= 0; i-- {
		if i%7 == 3 {
			some.expect(fmt.Sprintf(`data:{"thingId":"test:%03d","attributes":{"n":%d,"mod":3}}|id:test:%03d`, i, i, i))
		}
	}
	some.mustEnd()
	for path, want := range map[string][]string{
		"?filter=eq(attributes/n,5)&fields=thingId":  {`data:{"thingId":"test:005"}|id:test:005`},
		"?filter=eq(attributes/n,5)&fields=policyId": {`data:{"policyId":"test:005"}|id:test:005`},
		"?filter=eq(attributes/n,5)&fields=features": nil, // nothing is selected
		"?filter=eq(attributes/n,-1)":                nil,
		"?namespaces=other":                          nil,
	} {
		of := w.owner.stream("/search/things" + path)
		of.expect(want...)
		of.mustEnd()
	}
}

// Who comes back is told what comes behind the last that it was told, whether or not that is still there.
func TestEventStreamsOfSearchesGoOn(t *testing.T) {
	w := newGallery(t)
	for i, n := range []int{5, 3, 4, 1, 2} {
		w.create(fmt.Sprintf("test:%d", i), fmt.Sprintf(`"attributes":{"n":%d}`, n))
	}
	told := func(ids ...string) (events []string) {
		for _, id := range ids {
			events = append(events, fmt.Sprintf(`data:{"thingId":"test:%s"}|id:test:%s`, id, id))
		}
		return events
	}
	for _, tc := range []struct {
		option, last string
		want         []string
	}{
		{"", "", told("0", "1", "2", "3", "4", "lamp")},
		{"", "test:2", told("3", "4", "lamp")},
		{"", "test:lamp", nil},
		{"", "test:1a", told("2", "3", "4", "lamp")},
		{"", "aaaa:0", told("0", "1", "2", "3", "4", "lamp")},
		{"&option=sort(-thingId)", "test:2", told("1", "0")},
		{"&option=sort(-thingId)", "test:1a", told("1", "0")},
		{"&option=sort(%2Battributes/n)", "test:4", told("1", "2", "0")},
		{"&option=sort(%2Battributes/n)", "test:lamp", told("3", "4", "1", "2", "0")}, // what lacks it comes first
		{"&option=sort(-attributes/n)", "test:1", told("4", "3", "lamp")},
		{"&option=sort(-attributes/n)", "test:gone", told("0", "2", "1", "4", "3", "lamp")}, // nobody knows where it was
	} {
		of := w.owner.stream("/search/things?fields=thingId"+tc.option, "Last-Event-ID: "+tc.last)
		of.t = t
		of.expect(tc.want...)
		of.mustEnd()
	}
}

// What is wrong with a search is told before a stream begins.
func TestEventStreamsOfSearchesThatCannotBegin(t *testing.T) {
	w := newGallery(t, withAccess(opening("test")))
	for query, want := range map[string]string{
		"?filter=foo":         "400 rql.expression.invalid",
		"?fields=a(":          "400 json.fieldselector.invalid",
		"?option=foo":         "400 thing-search:search.option.invalid",
		"?option=size(10)":    "400 thing-search:search.option.invalid",
		"?option=limit(0,10)": "400 thing-search:search.option.invalid",
		"?option=cursor(x)":   "400 thing-search:search.option.invalid",
		"?namespaces=a..b":    "400 thing-search:search.namespaces.invalid",
		"?namespaces=foreign": "403 gateway:namespace.notaccessible",
	} {
		w.owner.call("GET /search/things"+query, "", "Accept: text/event-stream").is(t, want)
	}
	w.owner.call("GET /search/things", "", "Accept: text/event-stream", "Last-Event-ID: x").is(t, "400 things:id.invalid")
	w.owner.call("GET /search/things", "", "Accept: text/event-stream", "Last-Event-ID: foreign:x").is(t, "403 gateway:namespace.notaccessible")
}
