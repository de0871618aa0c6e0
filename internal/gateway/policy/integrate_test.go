package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// claimed are claims of a token by their names.
type claimed map[string][]string

// Lookup implements placeholder.Source.
func (c claimed) Lookup(prefix, name string) ([]string, bool) { return c[name], prefix == "jwt" }

const (
	may    = `"policy:/entries":{"grant":["EXECUTE"],"revoke":[]}`
	admins = `"admins":{"subjects":{"nginx:root":{"type":"t"}},"resources":{"policy:/":` + readWrite + `},"importable":"never"}`
)

// entry returns an entry with resources, of which nginx:me is a subject, and perhaps others.
func entry(label, resources string, others ...string) string {
	subjects := `"nginx:me":{"type":"t"}`
	for _, other := range others {
		subjects += `,"` + other + `":{"type":"o"}`
	}
	return fmt.Sprintf(`%q:{"subjects":{%s},"resources":{%s},"importable":"implicit"}`, label, subjects, resources)
}

const reads = `"thing:/attributes":` + read

// integrations are policies that actions are about.
var integrations = map[string]string{
	"one":          admins + `,` + entry("user", reads+`,`+may),
	"two":          admins + `,` + entry("user", reads+`,`+may) + `,` + entry("more", reads) + `,` + entry("writes", `"thing:/":{"grant":["WRITE"],"revoke":["READ"]}`),
	"active":       admins + `,` + entry("user", reads+`,`+may, "integration:user:ditto", "integration:user:other") + `,` + entry("more", reads, "integration:more:ditto"),
	"announced":    admins + `,` + `"user":{"subjects":{"nginx:me":{"type":"t"},"integration:user:ditto":{"type":"t","announcement":{"whenDeleted":true}}},"resources":{` + may + `},"importable":"implicit"}`,
	"not in it":    admins + `,` + entry("user", may) + `,"reader":{"subjects":{"nginx:you":{"type":"t"}},"resources":{` + reads + `},"importable":"implicit"}`,
	"message only": admins + `,` + entry("user", `"message:/":`+read+`,`+may),
	"not may":      admins + `,` + entry("user", reads),
	"some may":     admins + `,` + entry("user", reads+`,"policy:/entries/user/actions/activateTokenIntegration":{"grant":["EXECUTE"],"revoke":[]}`) + `,` + entry("more", reads),
	"revoked":      admins + `,` + entry("user", reads+`,`+may+`,"policy:/entries/user/actions":{"grant":[],"revoke":["EXECUTE"]}`) + `,` + entry("more", reads),
	"self": `"user":{"subjects":{"nginx:me":{"type":"t","expiry":"2026-03-01T00:00:00Z"},"integration:user:ditto":{"type":"t"}},"resources":{"policy:/":` +
		`{"grant":["READ","WRITE","EXECUTE"],"revoke":[]},` + reads + `},"importable":"implicit"}`,
}

// added is a subject that is added until the full hour after the token expires.
func added(id, rest string) string {
	return fmt.Sprintf(`%q:{"type":"added via action <activateTokenIntegration> at <2026-02-03T04:05:06.789Z>","expiry":"2026-02-03T06:00:00Z"%s}`, id, rest)
}

// integrationCase is an action and what comes of it: an error, or an event and what is at places of the policy.
type integrationCase struct {
	name, policy, path, body string
	deactivate               bool
	subjects, template       string
	claims                   claimed
	expires                  time.Time
	header                   string
	settings                 func(*Settings)
	want                     string
	now                      map[string]string
	removed                  string
}

func TestIntegrate(t *testing.T) {
	user, more := added("integration:user:ditto", ""), added("integration:more:ditto", "")
	_, one, _ := strings.Cut(user, ":{")
	for _, c := range []integrationCase{
		{name: "adds a subject to an entry", policy: "one", path: "/entries/user",
			want: `created /entries/user/subjects/integration:user:ditto {` + one,
			now:  map[string]string{"/entries/user/subjects": `{"nginx:me":{"type":"t"},` + user + `}`}},
		{name: "replaces a subject", policy: "active", path: "/entries/user",
			want: `modified /entries/user/subjects/integration:user:ditto {` + one,
			now: map[string]string{
				"/entries/user/subjects":                        `{"nginx:me":{"type":"t"},` + user + `,"integration:user:other":{"type":"o"}}`,
				"/entries/more/subjects/integration:more:ditto": `{"type":"o"}`,
			}},
		{name: "of the whole policy: one entry is one subject", policy: "one", path: "/", want: `created /entries/user/subjects/integration:user:ditto {` + one},
		{name: "of the whole policy: all entries in which the bearer is and may read things", policy: "two", path: "/",
			want: `modified / {"user":{` + user + `},"more":{` + more + `}}`,
			now: map[string]string{
				"/entries/more/subjects":   `{"nginx:me":{"type":"t"},` + more + `}`,
				"/entries/writes/subjects": `{"nginx:me":{"type":"t"}}`,
				"/entries/admins/subjects": `{"nginx:root":{"type":"t"}}`,
			}},
		{name: "a list gives several subjects, each once", policy: "one", path: "/entries/user", claims: claimed{"aud": {"a", "b", "a"}},
			want: `modified / {"user":{` + added("integration:user:a", "") + `,` + added("integration:user:b", "") + `}}`},
		{name: "another template", policy: "one", path: "/", template: "x:{{ jwt:sub }}", claims: claimed{"sub": {"me/too"}},
			want: `created /entries/user/subjects/x:me/too {` + one},
		{name: "with an announcement", policy: "one", path: "/entries/user", body: `{"announcement":{"beforeExpiry":"90s","whenDeleted":true},"x":1}`,
			want: `created /entries/user/subjects/integration:user:ditto {` + strings.TrimSuffix(one, "}") + `,"announcement":{"beforeExpiry":"120s","whenDeleted":true}}`},
		{name: "without an announcement", policy: "one", path: "/entries/user", body: `{"announcement":null}`, want: `created /entries/user/subjects/integration:user:ditto {` + one},
		{name: "an announcement that is none", policy: "one", path: "/entries/user", body: `{"announcement":{"beforeExpiry":"5ms"}}`, want: "400 policies:subjectannouncement.invalid"},
		{name: "a body that is none", policy: "one", path: "/entries/user", body: `[]`, want: "400 json.format.invalid"},

		{name: "removes a subject", policy: "active", path: "/entries/user", deactivate: true,
			want: `deleted /entries/user/subjects/integration:user:ditto`,
			now: map[string]string{
				"/entries/user/subjects":                        `{"nginx:me":{"type":"t"},"integration:user:other":{"type":"o"}}`,
				"/entries/more/subjects/integration:more:ditto": `{"type":"o"}`,
			}},
		{name: "removes those that there are", policy: "active", path: "/", deactivate: true, claims: claimed{"aud": {"none", "ditto", "other"}},
			want: `deleted / {"user":["integration:user:ditto","integration:user:other"],"more":["integration:more:ditto"]}`,
			now:  map[string]string{"/entries/user/subjects": `{"nginx:me":{"type":"t"}}`, "/entries/more/subjects": `{"nginx:me":{"type":"t"}}`}},
		{name: "removes nothing", policy: "two", path: "/", deactivate: true, want: "nothing"},
		{name: "removes without anything to read", policy: "announced", path: "/entries/user", deactivate: true,
			want: `deleted /entries/user/subjects/integration:user:ditto`, removed: "user integration:user:ditto"},
		{name: "ignores the body when it removes", policy: "two", path: "/", deactivate: true, body: `[]`, want: "nothing"},

		{name: "without permission", policy: "not may", path: "/entries/user", want: "403 policies:action.failed"},
		{name: "without any permission", policy: "not may", path: "/", want: "403 policies:action.failed"},
		{name: "permission comes before existence", policy: "not may", path: "/entries/none", want: "403 policies:action.failed"},
		{name: "permission for one entry", policy: "some may", path: "/", want: `created /entries/user/subjects/integration:user:ditto {` + one},
		{name: "permission for one action", policy: "some may", path: "/entries/user", deactivate: true, want: "403 policies:action.failed"},
		{name: "permission that is revoked for an entry", policy: "revoked", path: "/",
			want: `created /entries/more/subjects/integration:more:ditto {` + one},
		{name: "somebody else", policy: "one", path: "/", subjects: "nginx:you", want: "403 policies:action.failed"},
		{name: "an entry that there is not", policy: "one", path: "/entries/none", want: "404 policies:action.failed"},
		{name: "an entry in which the bearer is not", policy: "not in it", path: "/entries/reader", want: "404 policies:action.failed"},
		{name: "an entry in which the bearer may read nothing of things", policy: "message only", path: "/entries/user", want: "404 policies:action.failed"},
		{name: "no entry in which the bearer is and may read", policy: "not in it", path: "/", want: "404 policies:action.failed"},
		{name: "a policy that there is not", policy: "", path: "/", want: "404 policies:policy.notfound"},

		{name: "a claim that the token does not have", policy: "one", path: "/", claims: claimed{}, want: "400 policies:action.failed"},
		{name: "a subject that is none", policy: "one", path: "/", template: "{{ jwt:aud }}", want: "400 policies:subjectid.invalid"},
		{name: "claims are no templates", policy: "one", path: "/", claims: claimed{"aud": {"{{ request:subjectId }}"}}, want: "400 policies:subjectid.invalid"},
		{name: "claims are no old templates", policy: "one", path: "/", claims: claimed{"aud": {"${request.subjectId}"}}, want: "400 policies:subjectid.invalid"},
		{name: "a template that deletes", policy: "one", path: "/", template: "a:{{ fn:delete() }}", want: "400 policies:action.failed"},
		{name: "too many subjects", policy: "one", path: "/", template: "a:{{ jwt:aud }}{{ jwt:aud }}", claims: claimed{"aud": many(11)}, want: "400 policies:action.failed"},
		{name: "a policy that becomes too large", policy: "one", path: "/", settings: func(s *Settings) { s.MaxSize = 450 }, want: "413 policies:policy.toolarge"},
		{name: "subjects that are too large alone", policy: "one", path: "/", settings: func(s *Settings) { s.MaxSize = 1000 }, claims: claimed{"aud": many(100)}, want: "413 policies:policy.toolarge"},
		{name: "a token that has expired", policy: "one", path: "/", expires: now.Add(-2 * time.Hour), want: "400 policies:subjectexpiry.invalid"},
		{name: "a token that has expired, within the hour", policy: "one", path: "/", expires: now.Add(-time.Second),
			want: strings.ReplaceAll(`created /entries/user/subjects/integration:user:ditto {`+one, "T06:00", "T05:00")},
		{name: "nobody is left who does not expire", policy: "self", path: "/entries/user", want: "403 policies:entry.modificationinvalid"},
		{name: "nobody is left, of the whole policy", policy: "self", path: "/", want: "403 policies:policy.modificationinvalid"},
		{name: "nobody is left after a removal", policy: "self", path: "/entries/user", deactivate: true, want: "403 policies:entry.modificationinvalid"},
		{name: "nobody needs to be left", policy: "self", path: "/entries/user", deactivate: true, settings: func(s *Settings) { s.LockoutPrevention = false },
			want: "deleted /entries/user/subjects/integration:user:ditto"},
		{name: "it has no entity tag", policy: "one", path: "/", header: `"if-match":"*"`, want: "412 policies:precondition.failed"},
		{name: "it is no header for it", policy: "one", path: "/", header: `"condition":"exists(attributes)"`, want: "400 header.notsupported"},
		{name: "no entry", policy: "one", path: "/entries", want: "400 protocoladapter:unknown.path"},
		{name: "something in an entry", policy: "one", path: "/entries/user/subjects", want: "400 protocoladapter:unknown.path"},
	} {
		t.Run(c.name, c.run)
	}
}

func many(n int) (values []string) {
	for i := range n {
		values = append(values, fmt.Sprint("audience-", i))
	}
	return values
}

// run performs the action of a case.
func (c *integrationCase) run(t *testing.T) {
	var st *State
	if c.policy != "" {
		st = state(policyOf(`"entries":{` + integrations[c.policy] + `}`))
	}
	outcome, err := c.integrate(t, st)
	if got := describeIntegration(outcome, err); got != c.want {
		t.Errorf("\n got %s\nwant %s", got, c.want)
	}
	if err != nil || outcome.State == nil {
		if diff := cmp.Diff(Outcome{Response: outcome.Response}, outcome); diff != "" {
			t.Errorf("it changes something (-want +got):\n%s", diff)
		}
		return
	}
	checkDocument(t, outcome.State)
	if outcome.State.Revision != 8 || !outcome.State.Modified.Equal(now) || !outcome.State.Created.Equal(created) {
		t.Errorf("the state is %+v", outcome.State)
	}
	for place, want := range c.now {
		p := path(t, place)
		if got, _ := document.Get(outcome.State.Doc, p.Pointer); string(got) != want {
			t.Errorf("at %s there is %s\nwant %s", place, got, want)
		}
	}
	var removed []string
	for _, r := range outcome.Removed {
		removed = append(removed, r.Label+" "+r.Subject.ID)
	}
	if got := strings.Join(removed, ","); got != c.removed {
		t.Errorf("removed %q, want %q", got, c.removed)
	}
}

func (c *integrationCase) integrate(t *testing.T, st *State) (Outcome, *protocol.Error) {
	t.Helper()
	env := &protocol.Envelope{}
	frame := fmt.Sprintf(`{"topic":"ns/p/policies/commands/modify","path":%q,"headers":{%s}`, c.path, c.header)
	if c.body != "" {
		frame += `,"value":` + c.body
	}
	if err := protocol.Decode([]byte(frame+"}"), env); err != nil {
		t.Fatal(err)
	}
	bearer := Bearer{Claims: claimed{"aud": {"ditto"}}, Expires: now.Add(time.Hour)}
	if c.claims != nil {
		bearer.Claims = c.claims
	}
	if !c.expires.IsZero() {
		bearer.Expires = c.expires
	}
	i, err := NewIntegration(env, !c.deactivate, bearer)
	if err != nil {
		return Outcome{}, err
	}
	subjects := []string{"nginx:else", "nginx:me"}
	if c.subjects != "" {
		subjects = []string{c.subjects}
	}
	settings := defaultSettings()
	if c.settings != nil {
		c.settings(&settings)
	}
	return Integrate(st, i, template(t, c.template), requester(t, st, subjects, nil), now, settings)
}

func template(t *testing.T, text string) *placeholder.Template {
	t.Helper()
	if text == "" {
		text = "integration:{{ policy-entry:label }}:{{ jwt:aud }}"
	}
	parsed, err := placeholder.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func describeIntegration(o Outcome, err *protocol.Error) string {
	switch {
	case err != nil:
		return fmt.Sprint(err.Status, " ", err.Code)
	case o.Response.Status != 204 || o.Response.Value != nil || o.Response.ETag != "":
		return fmt.Sprintf("%+v", o.Response)
	case o.Event == nil && o.Response.Revision == 7:
		return "nothing"
	case o.Event == nil || o.Response.Revision != 8:
		return fmt.Sprintf("event %+v and revision %d", o.Event, o.Response.Revision)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s", o.Event.Action, o.Event.Path, o.Event.Value))
}

// TestIntegrationIsForBearers refuses those who have no token, also one that is not complete.
func TestIntegrationIsForBearers(t *testing.T) {
	env := &protocol.Envelope{Path: "/", Topic: protocol.Topic{Namespace: "ns", Name: "p", Group: protocol.Policies}}
	for name, bearer := range map[string]Bearer{
		"nobody": {}, "without expiry": {Claims: claimed{}}, "without claims": {Expires: now},
	} {
		if _, err := NewIntegration(env, true, bearer); err == nil || err.Status != 400 || err.Code != "policies:action.failed" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestIntegrationWithABadAnnouncement is refused before anybody looks at a policy.
func TestIntegrationWithABadAnnouncement(t *testing.T) {
	env := &protocol.Envelope{
		Path: "/", Topic: protocol.Topic{Namespace: "ns", Name: "p", Group: protocol.Policies},
		Value: []byte(`{"announcement":{"beforeExpiry":"1x"}}`),
	}
	_, err := NewIntegration(env, true, Bearer{Claims: claimed{}, Expires: now.Add(-time.Hour)})
	if err == nil || err.Code != "policies:subjectannouncement.invalid" {
		t.Errorf("%v", err)
	}
}

// TestIntegrateStopsWhenItIsTooMuch makes no more subjects than there is room for.
func TestIntegrateStopsWhenItIsTooMuch(t *testing.T) {
	st := state(policyOf(`"entries":{` + integrations["one"] + `}`))
	c := integrationCase{path: "/", claims: claimed{"aud": many(100)}, settings: func(s *Settings) { s.MaxSize = 1000 }}
	_, err := c.integrate(t, st)
	var size int
	if _, failed := fmt.Sscanf(err.Message, "The policy would have a size of %d", &size); failed != nil || size < 1000 || size > 1300 {
		t.Errorf("%s", err.Message)
	}
}

// TestIntegrationLeavesTheStateBefore checks that what was there is not modified.
func TestIntegrationLeavesTheStateBefore(t *testing.T) {
	for _, deactivate := range []bool{false, true} {
		st := state(policyOf(`"entries":{` + integrations["active"] + `}`))
		c := integrationCase{path: "/", deactivate: deactivate}
		before := string(st.Doc)
		if outcome, err := c.integrate(t, st); err != nil || outcome.State == nil {
			t.Fatalf("%v", err)
		}
		if string(st.Doc) != before || st.Revision != 7 {
			t.Errorf("it is now %+v", st)
		}
	}
}
