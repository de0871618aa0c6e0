package compile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/twinway/twinway/api/v1alpha1"
)

func TestPolicies(t *testing.T) {
	const at = "spec.policies"
	announcements := func(a v1alpha1.Announcements) v1alpha1.Policies { return v1alpha1.Policies{Announcements: &a} }
	for name, tt := range map[string]struct {
		policies v1alpha1.Policies
		want     string
	}{
		"nothing":              {},
		"lockout":              {policies: v1alpha1.Policies{LockoutPrevention: new(v1alpha1.Disabled)}},
		"lockout, a boolean":   {policies: v1alpha1.Policies{LockoutPrevention: new(v1alpha1.Toggle("true"))}, want: at + `.lockoutPrevention: must be Enabled or Disabled, got "true"`},
		"expiry":               {policies: v1alpha1.Policies{SubjectExpiryGranularity: new(v1alpha1.Duration("24h"))}},
		"expiry too short":     {policies: v1alpha1.Policies{SubjectExpiryGranularity: new(v1alpha1.Duration("999ms"))}, want: at + ".subjectExpiryGranularity: must be between 1s and 24h, got 999ms"},
		"expiry too long":      {policies: v1alpha1.Policies{SubjectExpiryGranularity: new(v1alpha1.Duration("25h"))}, want: at + ".subjectExpiryGranularity: must be between 1s and 24h, got 25h"},
		"granularity":          {policies: announcements(v1alpha1.Announcements{Granularity: new(v1alpha1.Duration("1s"))})},
		"granularity too long": {policies: announcements(v1alpha1.Announcements{Granularity: new(v1alpha1.Duration("25h"))}), want: at + ".announcements.granularity: must be between 1s and 24h, got 25h"},
		"grace":                {policies: announcements(v1alpha1.Announcements{GracePeriod: new(v1alpha1.Duration("168h"))})},
		"grace too long":       {policies: announcements(v1alpha1.Announcements{GracePeriod: new(v1alpha1.Duration("169h"))}), want: at + ".announcements.gracePeriod: must be between 0s and 168h, got 169h"},
		"timeout":              {policies: announcements(v1alpha1.Announcements{Timeout: new(v1alpha1.Duration("1s"))})},
		"timeout too long":     {policies: announcements(v1alpha1.Announcements{Timeout: new(v1alpha1.Duration("61s"))}), want: at + ".announcements.timeout: must be between 1s and 1m, got 61s"},
	} {
		t.Run(name, func(t *testing.T) {
			g := gateway()
			g.Spec.Policies = &tt.policies
			expectSpec(t, g, given(tt.want)...)
		})
	}
}

func TestNamespaceRoots(t *testing.T) {
	const at = "spec.policies.namespaceRoots"
	const id = "must be the id of a policy, such as com.example:root, got "
	const pattern = "must be a namespace, a namespace and .*, or *, got "
	root := func(pattern string, policies ...v1alpha1.PolicyID) v1alpha1.NamespaceRoot {
		return v1alpha1.NamespaceRoot{Pattern: pattern, Policies: policies}
	}
	many := make([]v1alpha1.NamespaceRoot, 65)
	ids := make([]v1alpha1.PolicyID, 11)
	for i := range many {
		many[i] = root(fmt.Sprintf("a%d", i), "a:b")
	}
	for i := range ids {
		ids[i] = v1alpha1.PolicyID(fmt.Sprintf("a:%d", i))
	}
	for name, tt := range map[string]struct {
		roots []v1alpha1.NamespaceRoot
		want  string
	}{
		"each kind of pattern": {roots: []v1alpha1.NamespaceRoot{root("*", "a:b"), root("com.example-a", "a:b"), root("com.example.*", "a:b")}},
		"as many as can be":    {roots: many[:64]},
		"too many":             {roots: many, want: at + ": must have 1 to 64 entries, got 65"},
		"none":                 {roots: []v1alpha1.NamespaceRoot{}, want: at + ": must have 1 to 64 entries, got 0"},
		"a pattern twice":      {roots: []v1alpha1.NamespaceRoot{root("a", "a:b"), root("b", "a:b"), root("a", "a:c")}, want: at + "[2]: is there already, in " + at + "[0]"},
		"pattern empty":        {roots: []v1alpha1.NamespaceRoot{root("", "a:b")}, want: at + "[0].pattern: " + pattern + `""`},
		"wildcard within":      {roots: []v1alpha1.NamespaceRoot{root("com.*.a", "a:b")}, want: at + "[0].pattern: " + pattern + `"com.*.a"`},
		"wildcard in a name":   {roots: []v1alpha1.NamespaceRoot{root("com*", "a:b")}, want: at + "[0].pattern: " + pattern + `"com*"`},
		"wildcard after -":     {roots: []v1alpha1.NamespaceRoot{root("com-*", "a:b")}, want: at + "[0].pattern: " + pattern + `"com-*"`},
		"pattern too long":     {roots: []v1alpha1.NamespaceRoot{root(strings.Repeat("a", 257), "a:b")}, want: at + "[0].pattern: must have at most 256 characters, got 257"},
		"policies":             {roots: []v1alpha1.NamespaceRoot{root("a", ids[:10]...)}},
		"no policies":          {roots: []v1alpha1.NamespaceRoot{root("a")}, want: at + "[0].policies: must have 1 to 10 entries, got 0"},
		"too many policies":    {roots: []v1alpha1.NamespaceRoot{root("a", ids...)}, want: at + "[0].policies: must have 1 to 10 entries, got 11"},
		"a policy twice":       {roots: []v1alpha1.NamespaceRoot{root("a", "a:b", "a:b")}, want: at + "[0].policies[1]: is there already, in " + at + "[0].policies[0]"},
		"no namespace":         {roots: []v1alpha1.NamespaceRoot{root("a", ":b")}},
		"no colon":             {roots: []v1alpha1.NamespaceRoot{root("a", "b")}, want: at + "[0].policies[0]: " + id + `"b"`},
		"no name":              {roots: []v1alpha1.NamespaceRoot{root("a", "b:")}, want: at + "[0].policies[0]: " + id + `"b:"`},
		"slash":                {roots: []v1alpha1.NamespaceRoot{root("a", "b:c/d")}, want: at + "[0].policies[0]: " + id + `"b:c/d"`},
		"policy id too long":   {roots: []v1alpha1.NamespaceRoot{root("a", v1alpha1.PolicyID("a:"+strings.Repeat("b", 255)))}, want: at + "[0].policies[0]: must have at most 256 characters, got 257"},
	} {
		t.Run(name, func(t *testing.T) {
			g := gateway()
			g.Spec.Policies = &v1alpha1.Policies{NamespaceRoots: tt.roots}
			expectSpec(t, g, given(tt.want)...)
		})
	}
}

func TestLimitsOfPolicies(t *testing.T) {
	g := gateway()
	g.Spec.Limits = &v1alpha1.Limits{Policy: &v1alpha1.PolicyLimits{MaxSize: new(int32(1023)), MaxImports: new(int32(65))}}
	expectSpec(t, g,
		"spec.limits.policy.maxSize: must be between 1024 and 4194304, got 1023",
		"spec.limits.policy.maxImports: must be between 0 and 64, got 65")
	g.Spec.Limits.Policy = &v1alpha1.PolicyLimits{MaxSize: new(int32(4_194_304)), MaxImports: new(int32(64))}
	expectSpec(t, g)
}
