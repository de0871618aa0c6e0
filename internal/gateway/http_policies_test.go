package gateway_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

// bearing is a caller who authenticates by a token, or by what a proxy says.
type bearing struct {
	*caller
	header http.Header
}

func (b bearing) call(what, body string, headers ...string) answer {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), time.Minute) // a guard against hanging
	defer cancel()
	r := b.request(ctx, what, body, headers...)
	r.Header.Del("Authorization")
	maps.Copy(r.Header, b.header)
	a, err := b.try(r)
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
	return a
}

// tokenStage is a gateway with an issuer, and a policy with a thing:
//
//	owner  ditto, who may do everything
//	user   alice, who may read the thing and act on the policy
//	more   alice, who may read the attributes
//	none   alice, who may read nothing of things
type tokenStage struct {
	*gateway.Gateway
	t      *testing.T
	issuer *issuer
	owner  *caller
}

func newTokenStage(t *testing.T, changes ...func(*snapshot.Snapshot)) *tokenStage {
	t.Helper()
	s := &tokenStage{t: t, issuer: newIssuer(t)}
	s.Gateway = start(t, append(s.changes(), changes...)...)
	s.owner = callerOf(t, s.Gateway, gatewaytest.User)
	s.owner.call("PUT /policies/test:p", `{"entries":{
		"owner":{"subjects":{"nginx:ditto":{"type":"t"}},"resources":{"thing:/":{"grant":["READ","WRITE"],"revoke":[]},"policy:/":{"grant":["READ","WRITE"],"revoke":[]}}},
		"user":{"subjects":{"oidc:alice":{"type":"t"}},"resources":{"thing:/":{"grant":["READ"],"revoke":[]},"policy:/entries":{"grant":["EXECUTE"],"revoke":[]}}},
		"more":{"subjects":{"oidc:alice":{"type":"t"}},"resources":{"thing:/attributes":{"grant":["READ"],"revoke":[]}}},
		"none":{"subjects":{"oidc:alice":{"type":"t"}},"resources":{"thing:/features":{"grant":["WRITE"],"revoke":[]}}}}}`)
	s.owner.call("PUT /things/test:lamp", `{"policyId":"test:p","attributes":{"on":true}}`)
	return s
}

func (s *tokenStage) changes() []func(*snapshot.Snapshot) {
	return []func(*snapshot.Snapshot){withProviders(s.issuer.provider("oidc")), withPreAuthentication(snapshot.PreAuthenticationHeader)}
}

// alice calls with a token.
func (s *tokenStage) alice(changes ...func(*draft)) bearing {
	s.t.Helper()
	return bearing{s.owner, bearer(s.issuer.token(s.t, changes...))}
}

// on behalf of a subject somebody calls through a proxy.
func (s *tokenStage) integration(subject string) bearing { return bearing{s.owner, proxied(subject)} }

// subjects returns the ids in an entry, in their order.
func (s *tokenStage) subjects(label string) string {
	s.t.Helper()
	return strings.Join(keys(s.t, s.owner.call("GET /policies/test:p/entries/"+label+"/subjects", "").body), " ")
}

// keys returns the names of the members of an object, in their order.
func keys(t *testing.T, object []byte) (names []string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(object)))
	for depth := 0; ; {
		token, err := d.Token()
		if err != nil {
			return names
		}
		switch token := token.(type) {
		case json.Delim:
			if token == '{' || token == '[' {
				depth++
			} else {
				depth--
			}
		case string:
			if depth == 1 {
				names = append(names, token)
				var skipped json.RawMessage
				if err := d.Decode(&skipped); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// TestTokenIntegration lets a connection in for as long as a token lasts, and out again.
func TestTokenIntegration(t *testing.T) {
	s := newTokenStage(t)
	expires := time.Now().Add(30 * time.Minute).Truncate(time.Second)
	alice := s.alice(with("aud", "ditto"), with("exp", expires.Unix()))
	connection := s.integration("integration:user:ditto")
	connection.call("GET /things/test:lamp", "").is(t, "404 things:thing.notfound")

	a := alice.call("POST /policies/test:p/entries/user/actions/activateTokenIntegration", "", "correlation-id: c")
	a.is(t, "204")
	if a.header.Get("Correlation-Id") != "c" || a.header.Get("Etag") != "" || a.header.Get("Location") != "" {
		t.Errorf("answered with %v", a.header)
	}
	var subject struct {
		Type, Expiry string
	}
	mustUnmarshal(t, string(s.owner.call("GET /policies/test:p/entries/user/subjects/integration:user:ditto", "").body), &subject)
	if !strings.HasPrefix(subject.Type, "added via action <activateTokenIntegration> at <20") {
		t.Errorf("its type is %q", subject.Type)
	}
	rounded := expires.UTC().Truncate(time.Hour)
	if !rounded.Equal(expires) {
		rounded = rounded.Add(time.Hour)
	}
	if subject.Expiry != rounded.Format(time.RFC3339) {
		t.Errorf("it expires at %q, want %v", subject.Expiry, rounded)
	}
	if got := s.subjects("more"); got != "oidc:alice" {
		t.Errorf("another entry has %s", got)
	}
	connection.call("GET /things/test:lamp/attributes/on", "").is(t, "200 application/json true")

	alice.call("POST /policies/test:p/entries/user/actions/deactivateTokenIntegration", "").is(t, "204")
	connection.call("GET /things/test:lamp", "").is(t, "404 things:thing.notfound")
	if got := s.subjects("user"); got != "oidc:alice" {
		t.Errorf("the entry has %s", got)
	}
}

// TestTokenIntegrationEvents looks at what the history knows of actions, and rebuilds.
func TestTokenIntegrationEvents(t *testing.T) {
	s := newTokenStage(t)
	one, two := s.alice(with("aud", []string{"a"})), s.alice(with("aud", []string{"a", "b"}))
	for _, step := range []struct {
		who         bearing
		what        string
		user, more  string
		event, path string
	}{
		{one, "entries/user/actions/activateTokenIntegration", " integration:user:a", "", "created", "/entries/user/subjects/integration:user:a"},
		{one, "entries/user/actions/activateTokenIntegration", " integration:user:a", "", "modified", "/entries/user/subjects/integration:user:a"},
		{one, "actions/activateTokenIntegration", " integration:user:a", " integration:more:a", "modified", "/"},
		{two, "entries/user/actions/activateTokenIntegration", " integration:user:a integration:user:b", " integration:more:a", "modified", "/"},
		{one, "entries/more/actions/deactivateTokenIntegration", " integration:user:a integration:user:b", "", "deleted", "/entries/more/subjects/integration:more:a"},
		{two, "actions/deactivateTokenIntegration", "", "", "deleted", "/"},
		{two, "actions/deactivateTokenIntegration", "", "", "", ""}, // there is nothing left to be removed
	} {
		step.who.call("POST /policies/test:p/"+step.what, "").is(t, "204")
		if user, more := s.subjects("user"), s.subjects("more"); user != "oidc:alice"+step.user || more != "oidc:alice"+step.more {
			t.Fatalf("after %s: %s, %s", step.what, user, more)
		}
	}
	c := dial(t, s.Gateway, gatewaytest.User)
	c.send(message("test/p/policies/streaming/subscribeForPersistedEvents", "/", `{"fromHistoricalRevision":2}`))
	id := c.told().Value.ID
	c.send(message("test/p/policies/streaming/request", "/", fmt.Sprintf(`{"subscriptionId":%q,"demand":9}`, id)))
	for revision, want := range []string{
		2: "created /entries/user/subjects/integration:user:a type expiry",
		3: "modified /entries/user/subjects/integration:user:a type expiry",
		4: "modified / user more",
		5: "modified / user",
		6: "deleted /entries/more/subjects/integration:more:a",
		7: "deleted / user",
	} {
		if want == "" {
			continue
		}
		f := c.told()
		item := f.Value.Item
		got := strings.TrimSpace(item.Topic[strings.LastIndexByte(item.Topic, '/')+1:] + " " + item.Path + " " + strings.Join(keys(t, item.Value), " "))
		if f.action() != "next" || item.Revision != int64(revision) || got != want {
			t.Errorf("told %s of %s at %d, want %s", f.action(), got, item.Revision, want)
		}
		if revision == 7 && string(item.Value) != `{"user":["integration:user:a","integration:user:b"]}` {
			t.Errorf("removed %s", item.Value)
		}
	}
	c.mustBeTold("complete")
	for revision, want := range map[string]string{
		"1": "oidc:alice", "4": "oidc:alice integration:user:a", "6": "oidc:alice integration:user:a integration:user:b", "7": "oidc:alice",
	} {
		past := s.owner.call("GET /policies/test:p/entries/user/subjects?at-historical-revision="+revision, "")
		if got := strings.Join(keys(t, past.body), " "); got != want {
			t.Errorf("at %s: %s, want %s", revision, got, want)
		}
	}
}

// TestTokenIntegrationRefused goes through who may not, and what there is not.
func TestTokenIntegrationRefused(t *testing.T) {
	s := newTokenStage(t)
	alice := s.alice(with("aud", "ditto"))
	const user = "POST /policies/test:p/entries/user/actions/activateTokenIntegration"
	for name, a := range map[string]struct {
		got  answer
		want string
	}{
		"by password":            {s.owner.call(user, ""), "400 policies:action.failed"},
		"by what a proxy says":   {s.integration("oidc:alice").call(user, ""), "400 policies:action.failed"},
		"of somebody else":       {s.alice(with("sub", "bob"), with("aud", "ditto")).call(user, ""), "403 policies:action.failed"},
		"without the claim":      {s.alice().call(user, ""), "400 policies:action.failed"},
		"nobody may read there":  {alice.call("POST /policies/test:p/entries/none/actions/activateTokenIntegration", ""), "404 policies:action.failed"},
		"alice is not there":     {alice.call("POST /policies/test:p/entries/owner/actions/deactivateTokenIntegration", ""), "404 policies:action.failed"},
		"no such entry":          {alice.call("POST /policies/test:p/entries/missing/actions/activateTokenIntegration", ""), "404 policies:action.failed"},
		"no such policy":         {alice.call("POST /policies/test:missing/actions/activateTokenIntegration", ""), "404 policies:policy.notfound"},
		"no policy":              {alice.call("POST /policies/missing/actions/activateTokenIntegration", ""), "400 policies:id.invalid"},
		"an entry without label": {alice.call("POST /policies/test:p/entries//actions/activateTokenIntegration", ""), "400 protocoladapter:unknown.path"},
		"no such action":         {alice.call("POST /policies/test:p/actions/activate", ""), "404 gateway:route.notfound"},
		"a method for others":    {alice.call("PUT /policies/test:p/actions/activateTokenIntegration", "{}"), "405 gateway:method.notallowed"},
		"an announcement":        {alice.call(user, `{"announcement":{"beforeExpiry":"5ms"}}`), "400 policies:subjectannouncement.invalid"},
		"a body that is no JSON": {alice.call(user, `{`), "400 json.invalid"},
		"a body of another type": {alice.call(user, `{}`, "content-type: text/plain"), "415 mediatype.unsupported"},
		"a tag":                  {alice.call(user, ``, `if-match: "rev:1"`), "412 policies:precondition.failed"},
		"not even waited for":    {s.alice().call(user+"?timeout=0", ""), "400 policies:action.failed"},
	} {
		t.Run(name, func(t *testing.T) { a.got.is(t, a.want) })
	}
	if got := s.owner.call("GET /policies/test:p", "").header.Get("Etag"); got != `"rev:1"` {
		t.Errorf("the policy is at %s", got)
	}
}

// TestTokenIntegrationAccess keeps bearers out of namespaces that they may not address.
func TestTokenIntegrationAccess(t *testing.T) {
	s := newTokenStage(t)
	mustApply(t, s.Gateway, configuration(t, append(s.changes(), func(snap *snapshot.Snapshot) {
		snap.NamespaceAccess = []snapshot.NamespaceRule{{
			Conditions: []string{"{{ jwt:sub }}"}, ResourceTypes: []snapshot.ResourceType{snapshot.ResourcePolicy},
			AllowedNamespaces: []string{"*"}, BlockedNamespaces: []string{"test"},
		}}
	})...), "namespaceAccess")
	s.alice(with("aud", "ditto")).call("POST /policies/test:p/actions/activateTokenIntegration", "").is(t, "403 gateway:namespace.notaccessible")
}

// TestTokenIntegrationAnnounces tells a connection that it is let out.
func TestTokenIntegrationAnnounces(t *testing.T) {
	s := newTokenStage(t)
	alice := s.alice(with("aud", "ditto"))
	alice.call("POST /policies/test:p/entries/user/actions/activateTokenIntegration", `{"announcement":{"whenDeleted":true}}`).is(t, "204")
	c := dialWith(t, s.Gateway, "/ws/2", proxied("integration:user:ditto"))
	c.begin("SEND-POLICY-ANNOUNCEMENTS")
	alice.call("POST /policies/test:p/actions/deactivateTokenIntegration", "").is(t, "204")
	var f struct {
		Topic string
		Value struct {
			Subjects []string `json:"subjectIds"`
		}
	}
	mustUnmarshal(t, c.receive(), &f)
	if f.Topic != "test/p/policies/announcements/subjectDeletion" || strings.Join(f.Value.Subjects, " ") != "integration:user:ditto" {
		t.Errorf("told %+v", f)
	}
}

// TestTokenIntegrationSubjects makes subjects of something else, while the gateway runs.
func TestTokenIntegrationSubjects(t *testing.T) {
	s := newTokenStage(t)
	alice := s.alice(with("aud", "ditto"), with("roles", []string{"x", "y"}))
	mustApply(t, s.Gateway, configuration(t, append(s.changes(), func(snap *snapshot.Snapshot) {
		snap.Authentication.TokenIntegrationSubject = "connection:{{ jwt:roles | fn:upper() }}@{{ policy-entry:label }}"
	})...), "authentication.tokenIntegrationSubject")
	alice.call("POST /policies/test:p/entries/user/actions/activateTokenIntegration", "").is(t, "204")
	if got := s.subjects("user"); got != "oidc:alice connection:X@user connection:Y@user" {
		t.Errorf("the entry has %s", got)
	}
	unusable := configuration(t, append(s.changes(), func(snap *snapshot.Snapshot) {
		snap.Authentication.TokenIntegrationSubject = "{{ jwt:"
	})...)
	if _, err := s.Apply(unusable); err == nil {
		t.Error("a template that is none is applied")
	}
}

// TestTokenIntegrationIsDecidedOnWhatIsOnItsWay takes the permission from a change that is not on the disk yet, and is on the disk
// behind it.
func TestTokenIntegrationIsDecidedOnWhatIsOnItsWay(t *testing.T) {
	disk, i := slowdisk.New(), newIssuer(t)
	g := startOn(t, disk, withProviders(i.provider("oidc")))
	defer g.Close()
	owner := callerOf(t, g, gatewaytest.User)
	owner.call("PUT /policies/test:p", `{"entries":{
		"owner":{"subjects":{"nginx:ditto":{"type":"t"}},"resources":{"policy:/":{"grant":["READ","WRITE"],"revoke":[]}}},
		"user":{"subjects":{"oidc:alice":{"type":"t"}},"resources":{"thing:/":{"grant":["READ"],"revoke":[]}}}}}`)
	groups := metric(t, g, "engine_group_commands_count")
	release := disk.HoldSyncs()
	granted := owner.later("PUT /policies/test:p/entries/user/resources/policy:/entries", `{"grant":["EXECUTE"],"revoke":[]}`)
	until(t, "the permission is decided", func() bool { return metric(t, g, "engine_group_commands_count") > groups })
	alice := bearing{owner, bearer(i.token(t, with("aud", "ditto")))}
	acted := make(chan answer, 1)
	go func() {
		defer close(acted)
		acted <- alice.call("POST /policies/test:p/actions/activateTokenIntegration", "")
	}()
	until(t, "the action has come", func() bool { return metric(t, g, `messages_received_total{kind="command"}`) == 3 })
	release()
	for answers, want := range map[<-chan answer]int{granted: http.StatusCreated, acted: http.StatusNoContent} {
		if a := <-answers; a.status != want {
			t.Errorf("answered %s, want %d", a, want)
		}
	}
}

// TestTokenIntegrationLockout keeps somebody who may change the policy.
func TestTokenIntegrationLockout(t *testing.T) {
	s := newTokenStage(t)
	s.owner.call("PUT /policies/test:q?allow-policy-lockout=true", `{"entries":{"user":{
		"subjects":{"oidc:alice":{"type":"t","expiry":"2999-01-01T00:00:00Z"},"integration:user:ditto":{"type":"t"}},
		"resources":{"thing:/":{"grant":["READ"],"revoke":[]},"policy:/":{"grant":["READ","WRITE","EXECUTE"],"revoke":[]}}}}}`)
	alice := s.alice(with("aud", "ditto"))
	for what, want := range map[string]string{
		"actions/activateTokenIntegration":                "403 policies:policy.modificationinvalid",
		"entries/user/actions/activateTokenIntegration":   "403 policies:entry.modificationinvalid",
		"entries/user/actions/deactivateTokenIntegration": "403 policies:entry.modificationinvalid",
	} {
		alice.call("POST /policies/test:q/"+what, "").is(t, want)
	}
}

// TestWhoAmI tells everybody who they are.
func TestWhoAmI(t *testing.T) {
	s := newTokenStage(t)
	for who, want := range map[string]string{
		string(s.owner.call("GET /whoami", "").body):                                    `{"type":"basic","defaultSubject":"nginx:ditto","subjects":["nginx:ditto"]}`,
		string(s.alice().call("GET /whoami", "").body):                                  `{"type":"jwt","defaultSubject":"oidc:alice","subjects":["oidc:alice"]}`,
		string(s.integration("integration:a,pre:\"b").call("GET /whoami?a=b", "").body): `{"type":"pre-authenticated-http","defaultSubject":"integration:a","subjects":["integration:a","pre:\"b"]}`,
	} {
		if who != want {
			t.Errorf("answered %s, want %s", who, want)
		}
	}
}
