package gateway_test

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

const notCreatable = "entity.notcreatable"

// anything is the rule that matches every creation.
func anything(changes ...func(*snapshot.CreationRule)) snapshot.CreationRule {
	r := snapshot.CreationRule{
		ResourceTypes: []snapshot.ResourceType{snapshot.ResourcePolicy, snapshot.ResourceThing},
		Namespaces:    []string{"*"}, AuthSubjects: []string{"*"}, ThingDefinitions: []string{"", "*"},
	}
	for _, change := range changes {
		change(&r)
	}
	return r
}

func only(types ...snapshot.ResourceType) func(*snapshot.CreationRule) {
	return func(r *snapshot.CreationRule) { r.ResourceTypes = types }
}

func in(namespaces ...string) func(*snapshot.CreationRule) {
	return func(r *snapshot.CreationRule) { r.Namespaces = namespaces }
}

func by(subjects ...string) func(*snapshot.CreationRule) {
	return func(r *snapshot.CreationRule) { r.AuthSubjects = subjects }
}

func of(definitions ...string) func(*snapshot.CreationRule) {
	return func(r *snapshot.CreationRule) { r.ThingDefinitions = definitions }
}

func granting(rules ...snapshot.CreationRule) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { s.EntityCreation.Grant = rules }
}

func revoking(rules ...snapshot.CreationRule) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { s.EntityCreation.Revoke = rules }
}

// Whoever may not create something is refused, and whoever may is not.
func TestCreationRules(t *testing.T) {
	thing := func(namespace, value string) string {
		return message(namespace+"/t/things/twin/commands/create", "/", value)
	}
	policy := func(namespace string) string {
		return message(namespace+"/p/policies/commands/create", "/", policyOf("{}"))
	}
	const plain, defined = "{}", `{"definition":"com.acme:lamp:1.0.0"}`
	// A thing makes its policy, which is refused in its name.
	const notForPolicy = "things:thing.notcreatable"
	for name, test := range map[string]struct {
		rules    []func(*snapshot.Snapshot)
		user     string
		allowed  []string
		refused  []string
		asPolicy bool // the things are refused because of their policies
	}{
		"by default anybody": {allowed: []string{thing("test", plain), policy("test")}},
		"in a namespace": {
			rules:   []func(*snapshot.Snapshot){granting(anything(in("test.*", "acme")))},
			allowed: []string{thing("test.sub", plain), thing("acme", plain), policy("acme")},
			refused: []string{thing("test", plain), thing("acme.sub", plain), policy("test"), policy("acme.sub")},
		},
		"by a subject": {
			rules:   []func(*snapshot.Snapshot){granting(anything(by("nginx:d?tto")))},
			allowed: []string{thing("test", plain), policy("test")},
		},
		"by another subject": {
			rules:   []func(*snapshot.Snapshot){granting(anything(by("nginx:d?tto")))},
			user:    "anna",
			refused: []string{thing("test", plain), policy("test")},
		},
		"of a definition": {
			rules:   []func(*snapshot.Snapshot){granting(anything(of("com.acme:*")))},
			allowed: []string{thing("test", defined), policy("test")},
			refused: []string{thing("test", plain), thing("test", `{"definition":"org.acme:lamp:1.0.0"}`)},
		},
		"without definition": {
			rules:   []func(*snapshot.Snapshot){granting(anything(of("")))},
			allowed: []string{thing("test", plain)},
			refused: []string{thing("test", defined)},
		},
		"only policies": {
			rules:   []func(*snapshot.Snapshot){granting(anything(only(snapshot.ResourcePolicy)))},
			allowed: []string{policy("test")},
			refused: []string{thing("test", plain)},
		},
		"only things": {
			rules:   []func(*snapshot.Snapshot){granting(anything(only(snapshot.ResourceThing)))},
			refused: []string{policy("test")},
		},
		"only things, and those need policies": {
			rules:    []func(*snapshot.Snapshot){granting(anything(only(snapshot.ResourceThing)))},
			refused:  []string{thing("test", plain)},
			asPolicy: true,
		},
		"revoked wins": {
			rules:   []func(*snapshot.Snapshot){granting(anything(), anything(in("acme"))), revoking(anything(in("acme")))},
			allowed: []string{thing("test", plain), policy("test")},
			refused: []string{thing("acme", plain), policy("acme")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := start(t, append(test.rules, withUser("anna"))...)
			user, code := gatewaytest.User, notCreatable
			if test.user != "" {
				user = test.user
			}
			if test.asPolicy {
				code = notForPolicy
			}
			// With the header it is of no account that the policy is not the user's.
			c := dialWith(t, g, "/ws/2?allow-policy-lockout=true", authorization(user, gatewaytest.Password))
			for _, text := range test.refused {
				c.mustDo(text, 403, code)
			}
			for _, text := range test.allowed {
				c.mustDo(text, 201, "")
			}
		})
	}
}

// Commands that would create are refused, however they are called, and leave
// nothing behind. Those that change what is there are not.
func TestRefusedCreationLeavesNothing(t *testing.T) {
	g := start(t)
	c := dial(t, g, gatewaytest.User)
	c.mustDo(command("old", "create", "/", "{}"), 201, "")
	noThings := revoking(anything(only(snapshot.ResourceThing)))
	mustApply(t, g, configuration(t, noThings), "entityCreation.revoke") // at once, for open sessions

	inline := policyOf("{}")
	for _, action := range []string{"create", "modify", "merge"} {
		for _, value := range []string{
			`{"attributes":{}}`, `{"_policy":` + inline + `}`, `{"policyId":"test:elsewhere","_policy":` + inline + `}`,
			`{"policyId":"test:elsewhere","_copyPolicyFrom":"test:old"}`,
		} {
			c.mustDo(mergeable(command("t", action, "/", value)), 403, notCreatable)
		}
	}
	c.mustDo(command("t", "retrieve", "/", ""), 404, "things:thing.notfound")
	for _, policy := range []string{"t", "elsewhere"} {
		c.mustDo(policyCommand(policy, "retrieve", "/", ""), 404, "policies:policy.notfound")
	}
	c.mustDo(command("old", "modify", "/", `{"attributes":{}}`), 204, "")
	c.mustDo(mergeable(command("old", "merge", "/", `{"attributes":{"a":1}}`)), 204, "")

	noPolicies := revoking(anything(only(snapshot.ResourcePolicy)))
	mustApply(t, g, configuration(t, noPolicies), "entityCreation.revoke")
	for _, action := range []string{"create", "modify"} {
		c.mustDo(policyCommand("p", action, "/", inline), 403, notCreatable)
		c.mustDo(command("t", action, "/", "{}"), 403, "things:thing.notcreatable")
		c.mustDo(command("t", action, "/", `{"policyId":"test:elsewhere","_policy":`+inline+`}`), 403, "things:thing.notcreatable")
	}
	for _, policy := range []string{"p", "t", "elsewhere"} {
		c.mustDo(policyCommand(policy, "retrieve", "/", ""), 404, "policies:policy.notfound")
	}
	c.mustDo(command("t", "retrieve", "/", ""), 404, "things:thing.notfound")
	c.mustDo(policyCommand("old", "modify", "/", inline), 204, "")
	c.mustDo(command("t", "create", "/", `{"policyId":"test:old"}`), 201, "") // it needs none of its own

	mustApply(t, g, configuration(t), "entityCreation.revoke")
	c.mustDo(command("u", "create", "/", `{"policyId":"test:elsewhere","_policy":`+inline+`}`), 201, "")
	c.mustDo(policyCommand("p", "create", "/", inline), 201, "")
}

// mergeable returns the message with the header that a merge must have.
func mergeable(text string) string {
	if !strings.Contains(text, "/commands/merge") {
		return text
	}
	return strings.Replace(text, `"headers":{`, `"headers":{"content-type":"application/merge-patch+json",`, 1)
}
