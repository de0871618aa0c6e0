package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// A search that says nothing is one for everything.
func TestEverything(t *testing.T) {
	q, err := Stream(protocol.SearchParameters{})
	if err != nil {
		t.Fatal(err)
	}
	if q.Filter != nil || len(q.Namespaces) > 0 || q.HasFields || q.After != nil || q.Offset != 0 || describe(q) != "+thingId 25" {
		t.Errorf("got %+v", q)
	}
}

func TestFilterNamespacesFields(t *testing.T) {
	q, err := Stream(protocol.SearchParameters{
		Filter: "eq(features/*/properties/a,1)", HasFilter: true, Namespaces: []string{"b", "a.b-c", "", "b"},
		Fields: "thingId,attributes(a,b)", HasFields: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if q.Filter.String() != "eq(features/*/properties/a,1)" || !slices.Equal(q.Namespaces, []string{"", "a.b-c", "b"}) {
		t.Errorf("got %+v", q)
	}
	if got := fmt.Sprint(q.Fields.Pointers()); !q.HasFields || got != "[/thingId /attributes/a /attributes/b]" {
		t.Errorf("got fields %s", got)
	}
}

func TestParametersThatAreWrong(t *testing.T) {
	names := make([]string, 257)
	for i := range names {
		names[i] = fmt.Sprint("n", i)
	}
	filter := func(text string) protocol.SearchParameters {
		return protocol.SearchParameters{Filter: text, HasFilter: true}
	}
	namespaces := func(names ...string) protocol.SearchParameters {
		return protocol.SearchParameters{Namespaces: names}
	}
	for name, tc := range map[string]struct {
		parameters protocol.SearchParameters
		want       string
	}{
		"no filter":               {filter(""), "rql.expression.invalid"},
		"no RQL":                  {filter("foo"), "rql.expression.invalid"},
		"a blank":                 {filter("eq(attributes/a, 1)"), "rql.expression.invalid"},
		"of events":               {filter("eq(topic:action,'created')"), "rql.expression.invalid"},
		"spelled as in models":    {filter("eq(_namespace,'a')"), "rql.expression.invalid"},
		"fields":                  {protocol.SearchParameters{Fields: "a(", HasFields: true}, "json.fieldselector.invalid"},
		"options":                 {protocol.SearchParameters{Options: "size(0)"}, "thing-search:search.option.invalid"},
		"a wildcard":              {namespaces("org.*"), "thing-search:search.namespaces.invalid"},
		"a digit":                 {namespaces("a", "1a"), "thing-search:search.namespaces.invalid"},
		"a blank in a namespace":  {namespaces("a, b"), "thing-search:search.namespaces.invalid"},
		"a namespace that ends .": {namespaces("a."), "thing-search:search.namespaces.invalid"},
		"too long":                {namespaces(strings.Repeat("a", 257)), "thing-search:search.namespaces.invalid"},
		"too many":                {namespaces(names...), "thing-search:search.namespaces.invalid"},
	} {
		if _, err := Stream(tc.parameters); err == nil || err.Code != tc.want || err.Status != 400 {
			t.Errorf("%s: %v, want %s", name, err, tc.want)
		}
		if _, err := Page(tc.parameters, sealOf(t, 's')); err == nil || err.Code != tc.want {
			t.Errorf("%s: %v for a page, want %s", name, err, tc.want)
		}
	}
	if _, err := Stream(namespaces(names[:256]...)); err != nil {
		t.Errorf("256 namespaces: %v", err)
	}
}
