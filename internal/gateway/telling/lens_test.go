package telling

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// TestFieldsAreThoseOfWhatMayBeRead: to select first and then leave out what may not be read, which is cheaper, comes to the
// same as to select from what a retrieve would show. Under two policies it is what both show.
func TestFieldsAreThoseOfWhatMayBeRead(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	selectors := []string{
		"attributes", "attributes/a", "attributes(a/b,c)", "attributes/b/a,attributes/c/a", "features", "features/*/properties/a", "features/a/properties",
		"features/*/properties(a,b/c),attributes/*", "thingId,attributes/a/b,features/b", "attributes,features/*/properties/b",
	}
	told := 0
	for range 5000 {
		doc := fmt.Sprintf(`{"thingId":"ns:t","attributes":%s,"features":{"a":{"properties":%s},"b":{"properties":%s}}}`, value(r, 3), value(r, 2), value(r, 2))
		state := &thing.State{Revision: 1, Created: time.Unix(0, 0), Modified: time.Unix(0, 0), Doc: []byte(doc), Meta: []byte(`{"attributes":` + value(r, 3) + `}`)}
		first, second := rights(r), rights(r)
		if !first.Partial(enforcer.Thing, nil, enforcer.Read) || !second.Partial(enforcer.Thing, nil, enforcer.Read) {
			continue
		}
		text := selectors[r.IntN(len(selectors))]
		selector, err := document.ParseSelector(text)
		if err != nil {
			t.Fatal(err)
		}
		fields, invalid := enrich.Parse(text + ",_metadata" + selector.Pointers()[0].String())
		if invalid != nil {
			t.Fatal(invalid)
		}
		l := lens{first: first, second: second}
		if readsAll(first) && readsAll(second) {
			l = lens{}
		}
		got, err := fields.Select(seen{State: state, lens: l}, &enrich.Signal{})
		if err != nil {
			t.Fatal(err)
		}
		shown := *state
		shown.Doc, shown.Meta = visible(state.Doc, first, second), visible(state.Meta, first, second)
		want, err := fields.Select(seen{State: &shown}, &enrich.Signal{})
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Fatalf("%s of %s with %s\nis   %s\nwant %s", text, doc, state.Meta, got, want)
		}
		if got != nil {
			told++
		}
	}
	if told < 1000 {
		t.Errorf("only %d selections came to anything", told)
	}
}

func visible(doc []byte, first, second *enforcer.Rights) []byte {
	if doc = thing.VisibleParts(doc, first); doc == nil {
		return []byte(`{}`)
	}
	if doc = thing.VisibleParts(doc, second); doc == nil {
		return []byte(`{}`)
	}
	return doc
}

// value returns random JSON, an object at the top.
func value(r *rand.Rand, depth int) string {
	var members []string
	for _, name := range []string{"a", "b", "c"} {
		switch n := r.IntN(5); {
		case n == 0 && depth > 0, n == 1 && depth > 0:
			members = append(members, fmt.Sprintf("%q:%s", name, value(r, depth-1)))
		case n == 2 && depth > 0:
			members = append(members, fmt.Sprintf("%q:[%s,1]", name, value(r, depth-1)))
		case n < 4:
			members = append(members, fmt.Sprintf("%q:%d", name, r.IntN(9)))
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// rights returns those of a random policy, mostly of somebody who may read something.
func rights(r *rand.Rand) *enforcer.Rights {
	var resources []enforcer.Resource
	for range 1 + r.IntN(4) {
		path := document.Pointer{"attributes", "a", "b", "c"}[:r.IntN(4)]
		if r.IntN(2) == 0 {
			path = document.Pointer{"features", []string{"a", "b"}[r.IntN(2)], "properties", []string{"a", "b"}[r.IntN(2)]}[:r.IntN(5)]
		}
		resource := enforcer.Resource{Key: "thing:" + path.String(), Grant: enforcer.Read}
		if r.IntN(3) == 0 {
			resource.Grant, resource.Revoke = 0, enforcer.Read
		}
		resources = append(resources, resource)
	}
	return enforcer.Compile([]enforcer.Entry{{Subjects: []string{"s"}, Resources: resources}}).Everywhere([]string{"s"})
}
