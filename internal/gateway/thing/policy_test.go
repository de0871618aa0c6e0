package thing

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/policy"
)

// mineWrites are members of a policy that lets nginx:me write the policy and the thing.
const mineWrites = `"entries":{"e":{"subjects":{"nginx:me":{"type":"x"}},"resources":{"thing:/":{"grant":["WRITE"],"revoke":[]},` +
	`"policy:/":{"grant":["WRITE"],"revoke":[]}},"importable":"implicit"}}`

// rootCommand returns a command on the whole thing ns:t.
func rootCommand(t *testing.T, action, value string) *Command {
	t.Helper()
	c, err := NewCommand(decode(t, fmt.Sprintf(
		`{"topic":"ns/t/things/twin/commands/%s","headers":{"content-type":"application/merge-patch+json"},"path":"/","value":%s}`, action, value)))
	if err != nil {
		t.Fatal(err)
	}
	c.Subject = me
	return c
}

// TestPolicyElsewhere checks which commands may make a policy that is not that of their thing, whatever becomes of them.
func TestPolicyElsewhere(t *testing.T) {
	for _, tc := range []struct{ value, want string }{
		{`{}`, ""},
		{`{"policyId":"ns:q"}`, ""},
		{`{"_policy":{` + mineWrites + `}}`, ""},
		{`{"policyId":"ns:t","_policy":{"policyId":"ns:q"}}`, ""},
		{`{"policyId":"ns:q","_policy":{}}`, "ns:q"},
		{`{"_policy":{"policyId":"ns:q"}}`, "ns:q"},
		{`{"policyId":"ns:r","_policy":{"policyId":"ns:q"}}`, "ns:r"},
		{`{"_policy":{"policyId":"ns:n{{ time:now_epoch_millis }}"}}`, fmt.Sprintf("ns:n%d", now.UnixMilli())},
		{`{"_policy":{"policyId":"ns"}}`, ""},
		{`{"_policy":5}`, ""},
		{`{"_copyPolicyFrom":"ns:q"}`, ""},
		{`{"policyId":"ns:q","_copyPolicyFrom":"ns:p"}`, "ns:q"},
		{`{"policyId":"ns:q","_copyPolicyFrom":"ns:p","_policy":{}}`, ""},
	} {
		for _, action := range []string{"create", "modify", "merge"} {
			if action == "merge" && strings.Contains(tc.value, "{{") || action == "merge" && tc.value == `{}` {
				continue
			}
			if got := rootCommand(t, action, tc.value).PolicyElsewhere(now); got != tc.want {
				t.Errorf("%s %s: %q, want %q", action, tc.value, got, tc.want)
			}
		}
	}
	for _, rest := range []string{`retrieve","path":"/"`, `delete","path":"/"`, `modify","path":"/policyId","value":"ns:q"`,
		`modify","path":"/attributes","value":{"_policy":{"policyId":"ns:q"}}`} {
		c, err := NewCommand(decode(t, `{"topic":"ns/t/things/twin/commands/`+rest+`}`))
		if err != nil {
			t.Fatal(err)
		}
		if got := c.PolicyElsewhere(now); got != "" {
			t.Errorf("%s: %q", rest, got)
		}
	}
}

// TestMakePolicy checks that what MakePolicy makes is what Decide would have made.
func TestMakePolicy(t *testing.T) {
	for _, value := range []string{
		`{"policyId":"ns:q","_policy":{` + mineWrites + `}}`,
		`{"_policy":{"policyId":"ns:gone",` + mineWrites + `}}`,
		`{"policyId":"ns:q","_copyPolicyFrom":"{{ ref:things/ns:mine/policyId }}"}`,
		`{"policyId":"ns:n{{ time:now_epoch_millis }}","_policy":{` + strings.ReplaceAll(mineWrites, me, "{{ request:subjectId }}") + `}}`,
	} {
		c, who := rootCommand(t, "create", value), newWorld(me)
		id := c.PolicyElsewhere(now)
		made, err := MakePolicy(c, who, now.Add(time.Second))
		if err != nil {
			t.Fatalf("%s: %v", value, err)
		}
		if made, _ := made.State.Policy(); made.ID != id {
			t.Errorf("%s: made %s, not %s", value, made.ID, id)
		}
		whole, err := Decide(nil, c, who, now.Add(time.Second), Limits{MaxSize: DefaultMaxSize})
		if err != nil {
			t.Fatalf("%s: %v", value, err)
		}
		if diff := cmp.Diff(whole.Policy, made); diff != "" {
			t.Errorf("%s (-decided +made):\n%s", value, diff)
		}
	}
}

// TestMakePolicyRefuses checks that what cannot be made is refused with the error that Decide would have given.
func TestMakePolicyRefuses(t *testing.T) {
	for value, want := range map[string]string{
		`{"policyId":"ns:open","_policy":{` + mineWrites + `}}`:                                     "400 things:thing.notcreatable",
		`{"policyId":"ns:q","_policy":{"entries":{}}}`:                                              "400 things:policy.invalid",
		`{"policyId":"ns:q","_copyPolicyFrom":"ns:closed"}`:                                         "404 policies:policy.notfound",
		`{"policyId":"ns:q","_copyPolicyFrom":"ns:open"}`:                                           "403 things:thing.notcreatable",
		`{"policyId":"ns:q","_policy":{` + strings.ReplaceAll(mineWrites, me, "nginx:other") + `}}`: "403 things:thing.notcreatable",
		`{"policyId":"ns:q","_policy":{"entries":{"` + strings.Repeat("x", 257) + `":{}}}}`:         "400 things:policy.invalid",
	} {
		c, who := rootCommand(t, "create", value), newWorld(me)
		made, err := MakePolicy(c, who, now)
		if codeOf(err) != want || made != nil {
			t.Errorf("%s: made %v, refused with %q, want %q", value, made, codeOf(err), want)
		}
		if _, err := Decide(nil, c, who, now, Limits{MaxSize: DefaultMaxSize}); codeOf(err) != want {
			t.Errorf("%s: Decide refused with %q, want %q", value, codeOf(err), want)
		}
	}
}

// TestPolicyMade checks that a command whose policy was made for it does not make another, and that the one that was made need
// not be readable, but must let the requester write the thing.
func TestPolicyMade(t *testing.T) {
	for _, tc := range []struct{ rights, want string }{
		{"+w /", ""},
		{everything, ""},
		{"+w / -w /attributes", "403 things:thing.notmodifiable"},
		{"+r / +rw policy:/", "403 things:thing.notmodifiable"},
	} {
		c, who := rootCommand(t, "create", `{"policyId":"ns:q","_policy":{`+mineWrites+`}}`), newWorld(me)
		c.PolicyMade = true
		who.permit("ns:q", tc.rights)
		outcome, err := Decide(nil, c, who, now, Limits{MaxSize: DefaultMaxSize})
		if codeOf(err) != tc.want {
			t.Errorf("%s: refused with %q, want %q", tc.rights, codeOf(err), tc.want)
		}
		if err == nil && (outcome.Policy != nil || outcome.PolicyID != "ns:q" || outcome.State.PolicyID() != "ns:q") {
			t.Errorf("%s: %+v", tc.rights, outcome)
		}
	}
}

// TestPoliciesAreBounded checks that a policy that comes with a thing has the limit of policies and not that of things.
func TestPoliciesAreBounded(t *testing.T) {
	for size, want := range map[int]string{policy.DefaultMaxSize / 2: "", policy.DefaultMaxSize: "413 things:thing.notcreatable"} {
		var more strings.Builder
		for i := 0; more.Len() < size; i++ {
			fmt.Fprintf(&more, `"%d":{"subjects":{},"resources":{},"importable":"implicit"},`, i)
		}
		c := rootCommand(t, "create", `{"_policy":{`+strings.Replace(mineWrites, `"entries":{`, `"entries":{`+more.String(), 1)+`}}`)
		if _, err := Decide(nil, c, newWorld(me), now, Limits{MaxSize: 200}); codeOf(err) != want {
			t.Errorf("%d bytes: refused with %q, want %q", size, codeOf(err), want)
		}
	}
}
