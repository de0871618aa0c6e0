package telling_test

import (
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/telling"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// rightsTo returns those of somebody who may read what is at the pointers, less what is at those with a minus.
func rightsTo(pointers ...string) *enforcer.Rights {
	var resources []enforcer.Resource
	for _, p := range pointers {
		r := enforcer.Resource{Key: "thing:" + p, Grant: enforcer.Read}
		if p[0] == '-' {
			r = enforcer.Resource{Key: "thing:" + p[1:], Revoke: enforcer.Read}
		}
		resources = append(resources, r)
	}
	return enforcer.Compile([]enforcer.Entry{{Subjects: []string{"s"}, Resources: resources}}).Everywhere([]string{"s"})
}

// What comes with another policy must be readable under both.
func TestLookAtAnEvent(t *testing.T) {
	all, some, a, none := rightsTo("/"), rightsTo("/", "-/attributes/c"), rightsTo("/attributes/a"), rightsTo()
	for _, tc := range []struct {
		name          string
		first, second *enforcer.Rights
		whole         bool
		want          string // "" for nothing
	}{
		{"all of it", all, all, true, `{"a":1,"b":2,"c":3}`},
		{"some of it", some, some, false, `{"a":1,"b":2}`},
		{"some of it before", some, all, false, `{"a":1,"b":2}`},
		{"some of it after", all, some, false, `{"a":1,"b":2}`},
		{"what both show", some, a, false, `{"a":1}`},
		{"nothing before", none, all, false, ""},
		{"nothing after", all, none, false, ""},
		{"no policy before", nil, all, false, ""},
		{"no policy after", all, nil, false, ""},
		{"what neither shows", rightsTo("/attributes/d"), all, false, ""},
	} {
		event := &thing.Event{Path: protocol.Path{Pointer: document.Pointer{"attributes"}}, Value: []byte(`{"a":1,"b":2,"c":3}`)}
		got := ""
		view := telling.Look(event.Path.Pointer, tc.first, tc.second)
		if view != nil {
			if value, told := telling.Value(event, view); told {
				got = string(value)
			}
		}
		if nobody := tc.want == "" && tc.name != "what neither shows"; (view == nil) != nobody {
			t.Errorf("%s: there is no view: %t, want %t", tc.name, !nobody, nobody)
		}
		if got != tc.want || (view == telling.Whole) != tc.whole {
			t.Errorf("%s: %s, as it is: %t; want %s", tc.name, got, view == telling.Whole, tc.want)
		}
	}
}
