package thing

import (
	"fmt"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// former and current are two states of a thing, at revisions 2 and 5.
var (
	former  = &State{Revision: 2, Created: created, Modified: created, Doc: []byte(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":1,"b":1}}`)}
	current = &State{Revision: 5, Created: created, Modified: modified, Doc: []byte(`{"thingId":"ns:t","policyId":"ns:p","attributes":{"a":2}}`)}
)

// What a retrieve of the past shows, and when the past is asked at all: that takes a permission, and a moment that may be in it.
func TestDecidePast(t *testing.T) {
	for name, tc := range map[string]struct {
		rights, headers, path string
		st                    *State
		deleted               bool // then
		want                  string
		asked                 bool
	}{
		"a former revision":           {headers: `"at-historical-revision":2`, want: "1 2 historical", asked: true},
		"a former time":               {headers: `"at-historical-timestamp":"2026-01-02T12:00:00Z"`, want: "1 2 historical", asked: true},
		"the current revision":        {headers: `"at-historical-revision":5`, want: "2 5"},
		"the time of the last change": {headers: `"at-historical-timestamp":"2026-01-03T03:04:05.6Z"`, want: "2 5"},
		"now":                         {headers: `"at-historical-timestamp":"2026-02-03T04:05:06.789Z"`, want: "2 5"},
		"just before the last change": {headers: `"at-historical-timestamp":"2026-01-03T03:04:05.599999999Z"`, want: "1 2 historical", asked: true},
		"the future":                  {headers: `"at-historical-timestamp":"2026-02-03T04:05:06.79Z"`, want: "404 things:thing.history.notfound"},
		"a future revision":           {headers: `"at-historical-revision":6`, want: "404 things:thing.history.notfound", asked: true},
		"no moment at all":            {headers: `"x":"y"`, want: "2 5"},
		"when it did not exist":       {headers: `"at-historical-revision":2`, deleted: true, want: "404 things:thing.history.notfound", asked: true},
		"a part that was there":       {headers: `"at-historical-revision":2`, path: "/attributes/b", want: "1 2 historical", asked: true},
		"a part that is not there any more": {headers: `"at-historical-revision":5`, path: "/attributes/b",
			want: "404 things:attribute.notfound"},
		"without permission":            {rights: "+w /", headers: `"at-historical-revision":2`, want: "404 things:attribute.notfound"},
		"with permission for another":   {rights: "+r /attributes/b", headers: `"at-historical-revision":2`, want: "404 things:attribute.notfound"},
		"with permission for this part": {rights: "+r /attributes/a", headers: `"at-historical-revision":2`, want: "1 2 historical", asked: true},
		"of a deleted thing":            {headers: `"at-historical-revision":2`, st: &State{Revision: 6, Deleted: true}, want: "404 things:thing.notfound"},
		"a condition that held":         {headers: `"at-historical-revision":2,"condition":"eq(attributes/a,1)"`, want: "1 2 historical", asked: true},
		"a condition that holds":        {headers: `"at-historical-revision":2,"condition":"eq(attributes/a,2)"`, want: "412 things:condition.failed", asked: true},
		"a condition on what may not be read": {rights: "+r /attributes/a", headers: `"at-historical-revision":2,"condition":"exists(attributes/b)"`,
			want: "412 things:condition.failed"},
	} {
		t.Run(name, func(t *testing.T) {
			st := current
			if tc.st != nil {
				st = tc.st
			}
			who := newWorld(me)
			who.permit("ns:p", orElse(tc.rights, everything))
			c, err := NewCommand(decode(t, fmt.Sprintf(`{"topic":"ns/t/things/twin/commands/retrieve","headers":{%s},"path":%q}`,
				tc.headers, orElse(tc.path, "/attributes/a"))))
			if err != nil {
				t.Fatal(err)
			}
			asked := false
			past := func(m protocol.Moment) *State {
				asked = true
				if tc.deleted || m.Revision > 5 {
					return &State{Revision: 3, Deleted: true}
				}
				return former
			}
			outcome, err := DecidePast(st, c, who, now, Limits{MaxSize: DefaultMaxSize}, past)
			got := codeOf(err)
			if err == nil {
				got = fmt.Sprintf("%s %d", outcome.Response.Value, outcome.Response.Revision)
			}
			if outcome.Historical {
				got += " historical"
			}
			if got != tc.want || asked != tc.asked {
				t.Errorf("got %q, the past was asked: %v; want %q, %v", got, asked, tc.want, tc.asked)
			}
		})
	}
}

// Of several things what may be read now is shown as it was.
func TestRetrieveThingsOfThePast(t *testing.T) {
	for name, tc := range map[string]struct {
		rights, headers string
		want            string
		asked           bool
	}{
		"a former revision":      {headers: `"at-historical-revision":2`, want: string(former.Doc), asked: true},
		"the current one":        {headers: `"at-historical-revision":5`, want: string(current.Doc)},
		"the future":             {headers: `"at-historical-timestamp":"2120-01-01T00:00:00Z"`},
		"some of it":             {rights: "+r /attributes/b", headers: `"at-historical-revision":2`, want: `{"thingId":"ns:t","attributes":{"b":1}}`, asked: true},
		"nothing of it":          {rights: "+w /", headers: `"at-historical-revision":2`},
		"a condition that held":  {headers: `"at-historical-revision":2,"condition":"eq(attributes/a,1)"`, want: string(former.Doc), asked: true},
		"a condition that holds": {headers: `"at-historical-revision":2,"condition":"eq(attributes/a,2)"`, asked: true},
	} {
		t.Run(name, func(t *testing.T) {
			who := newWorld(me)
			who.permit("ns:p", orElse(tc.rights, everything))
			r, err := NewRetrieveThings(decode(t, fmt.Sprintf(
				`{"topic":"_/_/things/twin/commands/retrieve","headers":{%s},"path":"/","value":{"thingIds":["ns:t"]}}`, tc.headers)))
			if err != nil {
				t.Fatal(err)
			}
			asked := false
			part, err := r.Part(current, who, now, func(protocol.Moment) *State { asked = true; return former })
			if err != nil || string(part) != tc.want || asked != tc.asked {
				t.Errorf("got %s, %v, the past was asked: %v; want %s, %v", part, err, asked, tc.want, tc.asked)
			}
		})
	}
}
