package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

const notAccessible = "gateway:namespace.notaccessible"

// opening is a rule that opens the namespaces, for both types of entities.
func opening(namespaces ...string) snapshot.NamespaceRule {
	return snapshot.NamespaceRule{
		ResourceTypes:     []snapshot.ResourceType{snapshot.ResourcePolicy, snapshot.ResourceThing},
		AllowedNamespaces: namespaces,
	}
}

// onlyFor opens namespaces to the sessions that meet the conditions.
func onlyFor(r snapshot.NamespaceRule, conditions ...string) snapshot.NamespaceRule {
	r.Conditions = conditions
	return r
}

func withAccess(rules ...snapshot.NamespaceRule) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { s.NamespaceAccess = rules }
}

// ofTenant opens a session that says which tenant it is of.
func ofTenant(t *testing.T, g *gateway.Gateway, tenant string) *client {
	t.Helper()
	header := authorization(gatewaytest.User, gatewaytest.Password)
	header.Set("X-Tenant", tenant)
	return dialWith(t, g, "/ws/2", header)
}

func retrieve(namespace string) string {
	return message(namespace+"/t/things/twin/commands/retrieve", "/", "")
}

// Whatever policies say, a session does not get beyond its namespaces.
func TestNamespaceAccess(t *testing.T) {
	g := start(t)
	before := dial(t, g, gatewaytest.User)
	namespaces := []string{"acme", "acme.plant", "acme.secret", "test"}
	for _, namespace := range namespaces {
		before.mustDo(message(namespace+"/t/things/twin/commands/create", "/", "{}"), 201, "")
	}
	acme := onlyFor(opening("acme", "acme.*"), "{{ header:x-tenant | fn:filter('eq','acme') }}")
	acme.BlockedNamespaces = []string{"*.secret"}
	mustApply(t, g, configuration(t, withAccess(opening("test"), acme)), "namespaceAccess")

	outside, inside := ofTenant(t, g, "other"), ofTenant(t, g, "acme")
	for _, namespace := range namespaces {
		before.mustDo(retrieve(namespace), 200, "")
	}
	for _, text := range []string{
		retrieve("acme"),
		message("acme/t/things/twin/commands/modify", "/attributes/a", "1"),
		mergeable(message("acme/t/things/twin/commands/merge", "/attributes/a", "1")),
		message("acme/n/things/twin/commands/create", "/", "{}"),
		message("acme/t/policies/commands/retrieve", "/", ""),
		message("acme/t/policies/commands/modify", "/entries/DEFAULT/subjects/nginx:anna", `{"type":"guest"}`),
		message("acme/p/policies/commands/create", "/", policyOf("{}")),
	} {
		outside.mustDo(text, 403, notAccessible)
		inside.mustDo(strings.Replace(text, `"acme/`, `"acme.secret/`, 1), 403, notAccessible)
		if status, code := inside.do(text); status >= 300 {
			t.Errorf("%s is answered %d %s to who has access", text, status, code)
		}
	}
	outside.mustDo(retrieve("test"), 200, "")
	outside.mustDo(message("acme/t/things/twin/commands/delete", "/", ""), 403, notAccessible)
	outside.mustDo(message("acme/t/policies/commands/delete", "/", ""), 403, notAccessible)

	const several = `{"thingIds":["acme:t","acme.plant:t","acme.secret:t","test:t"]}`
	for c, want := range map[*client]string{
		before:  "[acme:t acme.plant:t acme.secret:t test:t]",
		inside:  "[acme:t acme.plant:t test:t]",
		outside: "[test:t]",
	} {
		var found struct{ Value []struct{ ThingID string } }
		mustUnmarshal(t, c.ask(message("_/_/things/twin/commands/retrieve", "/", several)), &found)
		var ids []string
		for _, thing := range found.Value {
			ids = append(ids, thing.ThingID)
		}
		if got := fmt.Sprint(ids); got != want {
			t.Errorf("of several things %s are there, want %s", got, want)
		}
	}

	const checks = `{"thing":{"resource":"thing:/","entityId":"acme:t","hasPermissions":["READ"]},` +
		`"policy":{"resource":"policy:/","entityId":"acme:t","hasPermissions":["READ"]},` +
		`"secret":{"resource":"thing:/","entityId":"acme.secret:t","hasPermissions":["READ"]},` +
		`"test":{"resource":"thing:/","entityId":"test:t","hasPermissions":["READ"]}}`
	for c, want := range map[*client]string{
		before:  "map[policy:true secret:true test:true thing:true]",
		inside:  "map[policy:true secret:false test:true thing:true]",
		outside: "map[policy:false secret:false test:true thing:false]",
	} {
		var found struct{ Value map[string]bool }
		mustUnmarshal(t, c.ask(message("_/_/policies/commands/checkPermissions", "/", checks)), &found)
		if got := fmt.Sprint(found.Value); got != want {
			t.Errorf("the permissions are %s, want %s", got, want)
		}
	}
}

// What may be addressed is settled when a session opens.
func TestApplyChangesNamespaceAccess(t *testing.T) {
	i := newIssuer(t)
	g := start(t, withProviders(i.provider("oidc")), withAccess(opening("one")))
	before := dial(t, g, gatewaytest.User)
	mustApply(t, g, configuration(t, withProviders(i.provider("oidc")), withAccess(opening("two"))), "namespaceAccess")
	after := dial(t, g, gatewaytest.User)
	before.mustDo(retrieve("one"), 404, "things:thing.notfound")
	before.mustDo(retrieve("two"), 403, notAccessible)
	after.mustDo(retrieve("one"), 403, notAccessible)
	after.mustDo(retrieve("two"), 404, "things:thing.notfound")

	// A token that lets a session live longer changes nothing.
	token := i.token(t)
	renewed := dialWith(t, g, "/ws/2", bearer(token))
	mustApply(t, g, configuration(t, withProviders(i.provider("oidc"))), "namespaceAccess")
	renewed.send("JWT-TOKEN?jwtToken=" + token)
	renewed.mustDo(retrieve("one"), 403, notAccessible)
	renewed.mustDo(retrieve("two"), 404, "things:thing.notfound")
	dialWith(t, g, "/ws/2", bearer(token)).mustDo(retrieve("one"), 404, "things:thing.notfound")
}

// Conditions are about the token, the headers of the handshake and the
// subject.
func TestConditionsOfNamespaceAccess(t *testing.T) {
	i := newIssuer(t)
	policies := onlyFor(opening("policies"))
	policies.ResourceTypes = []snapshot.ResourceType{snapshot.ResourcePolicy}
	g := start(t, withUser("anna"), withProviders(i.provider("oidc")), withAccess(
		onlyFor(opening("header"), "{{ header:x-tenant }}"),
		onlyFor(opening("claim"), "{{ jwt:realm/tenants | fn:filter('eq','claim') }}"),
		onlyFor(opening("subject"), "{{ request:subjectId | fn:filter('like','nginx:a*') }}"),
		onlyFor(opening("all"), "{{ header:x-tenant }}", "{{ jwt:sub }}"),
		policies,
	))
	token := i.token(t, with("realm", map[string]any{"tenants": []string{"other", "claim"}}))
	tenant := func(header http.Header) http.Header {
		header.Set("X-Tenant", "any")
		return header
	}
	for name, test := range map[string]struct {
		header http.Header
		open   string // namespaces, sorted
	}{
		"nothing":           {authorization(gatewaytest.User, gatewaytest.Password), "[]"},
		"header":            {tenant(authorization(gatewaytest.User, gatewaytest.Password)), "[header]"},
		"empty header":      {http.Header{"Authorization": {basicCredentials()}, "X-Tenant": {""}}, "[]"},
		"subject":           {authorization("anna", gatewaytest.Password), "[subject]"},
		"claim":             {bearer(token), "[claim]"},
		"another token":     {bearer(i.token(t)), "[]"},
		"claim and header":  {tenant(bearer(token)), "[all claim header]"},
		"header, no claims": {tenant(authorization("anna", gatewaytest.Password)), "[header subject]"},
	} {
		t.Run(name, func(t *testing.T) {
			c := dialWith(t, g, "/ws/2", test.header)
			var open []string
			for _, namespace := range []string{"all", "claim", "header", "policies", "subject", "test"} {
				status, code := c.do(retrieve(namespace))
				switch {
				case status == 404:
					open = append(open, namespace)
				case status != 403 || code != notAccessible:
					t.Errorf("%s: %d %s", namespace, status, code)
				}
			}
			if got := fmt.Sprint(open); got != test.open {
				t.Errorf("the session may address %s, want %s", got, test.open)
			}
			c.mustDo(message("policies/p/policies/commands/retrieve", "/", ""), 404, "policies:policy.notfound")
		})
	}
}

// Policies of the operator hold for all policies of their namespaces, as long
// as the operator says so.
func TestApplyNamespaceRoots(t *testing.T) {
	roots := func(pattern string) func(*snapshot.Snapshot) {
		return func(s *snapshot.Snapshot) {
			withUser("anna")(s)
			if pattern != "" {
				s.Policies.NamespaceRoots = []snapshot.NamespaceRoot{{Pattern: pattern, Policies: []string{"root:r"}}}
			}
		}
	}
	g := start(t, roots("test.sub"))
	owner, anna := dial(t, g, gatewaytest.User), dial(t, g, "anna")
	for _, namespace := range []string{"test", "test.sub"} {
		owner.mustDo(message(namespace+"/t/things/twin/commands/create", "/", `{"attributes":{"a":1}}`), 201, "")
	}
	mayRead := func(test, sub bool) {
		t.Helper()
		for namespace, may := range map[string]bool{"test": test, "test.sub": sub} {
			if may {
				anna.mustDo(retrieve(namespace), 200, "")
			} else {
				anna.mustDo(retrieve(namespace), 404, "things:thing.notfound")
			}
		}
	}
	mayRead(false, false) // there is no such policy yet
	owner.mustDo(message("root/r/policies/commands/create", "/", policyOf(`{"nginx:anna":{"type":"guest"}}`)), 201, "")
	mayRead(false, true)
	for _, step := range []struct {
		pattern   string
		test, sub bool
	}{
		{"test", true, false}, {"test.*", false, true}, {"*", true, true}, {"", false, false}, {"*", true, true},
	} {
		mustApply(t, g, configuration(t, roots(step.pattern)), "policies.namespaceRoots")
		mayRead(step.test, step.sub)
	}
	owner.mustDo(message("root/r/policies/commands/delete", "/entries/guests/subjects/nginx:anna", ""), 204, "")
	mayRead(false, false)
}
