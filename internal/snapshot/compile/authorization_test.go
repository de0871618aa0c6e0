package compile_test

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/api/v1alpha1"
)

func TestEntityCreation(t *testing.T) {
	const grant = "spec.entityCreation.grant"
	type rule = v1alpha1.CreationRule
	for name, tt := range map[string]struct {
		creation v1alpha1.EntityCreation
		want     string
	}{
		"nothing":           {creation: v1alpha1.EntityCreation{}},
		"revoke alone":      {creation: v1alpha1.EntityCreation{Revoke: []rule{{}}}},
		"a rule of all":     {creation: v1alpha1.EntityCreation{Grant: []rule{{}}}},
		"no grant":          {creation: v1alpha1.EntityCreation{Grant: []rule{}}, want: grant + ": must have 1 to 32 entries, got 0"},
		"as many as can be": {creation: v1alpha1.EntityCreation{Grant: repeated(rule{}, 32)}},
		"too many":          {creation: v1alpha1.EntityCreation{Grant: repeated(rule{}, 33)}, want: grant + ": must have 1 to 32 entries, got 33"},
		"too many revoked":  {creation: v1alpha1.EntityCreation{Revoke: repeated(rule{}, 33)}, want: "spec.entityCreation.revoke: must have 1 to 32 entries, got 33"},
		"revoked, no types": {
			creation: v1alpha1.EntityCreation{Revoke: []rule{{}, {ResourceTypes: []v1alpha1.ResourceType{}}}},
			want:     "spec.entityCreation.revoke[1].resourceTypes: must have 1 to 2 entries, got 0",
		},
		"type": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{ResourceTypes: []v1alpha1.ResourceType{"thing"}}}},
			want:     grant + `[0].resourceTypes[0]: must be Thing or Policy, got "thing"`,
		},
		"type twice": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{ResourceTypes: []v1alpha1.ResourceType{"Thing", "Thing"}}}},
			want:     grant + "[0].resourceTypes[1]: is there already, in " + grant + "[0].resourceTypes[0]",
		},
		"namespaces": {creation: v1alpha1.EntityCreation{Grant: []rule{{Namespaces: []v1alpha1.NamespacePattern{"*", "com.example-1.a_b", "?x*"}}}}},
		"namespace empty": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{Namespaces: []v1alpha1.NamespacePattern{""}}}},
			want:     grant + `[0].namespaces[0]: must be letters, digits, dots, hyphens, underscores and the wildcards * and ?, got ""`,
		},
		"namespace with a colon": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{Namespaces: []v1alpha1.NamespacePattern{"a:b"}}}},
			want:     grant + `[0].namespaces[0]: must be letters, digits, dots, hyphens, underscores and the wildcards * and ?, got "a:b"`,
		},
		"namespace too long": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{Namespaces: []v1alpha1.NamespacePattern{v1alpha1.NamespacePattern(strings.Repeat("a", 257))}}}},
			want:     grant + "[0].namespaces[0]: must have at most 256 characters, got 257",
		},
		"too many namespaces": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{Namespaces: repeated(v1alpha1.NamespacePattern("a"), 33)}}},
			want:     grant + "[0].namespaces: must have 1 to 32 entries, got 33",
		},
		"subjects": {creation: v1alpha1.EntityCreation{Grant: []rule{{AuthSubjects: []v1alpha1.SubjectPattern{"nginx:*", "keycloak:ünï cödé"}}}}},
		"subject empty": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{AuthSubjects: []v1alpha1.SubjectPattern{""}}}},
			want:     grant + `[0].authSubjects[0]: must be text without control characters, got ""`,
		},
		"subject too long": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{AuthSubjects: []v1alpha1.SubjectPattern{v1alpha1.SubjectPattern(strings.Repeat("a", 257))}}}},
			want:     grant + "[0].authSubjects[0]: must have at most 256 characters, got 257",
		},
		"no subjects": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{AuthSubjects: []v1alpha1.SubjectPattern{}}}},
			want:     grant + "[0].authSubjects: must have 1 to 32 entries, got 0",
		},
		"definitions": {creation: v1alpha1.EntityCreation{Grant: []rule{{ThingDefinitions: []v1alpha1.DefinitionPattern{"", "a:b:1.?"}}}}},
		"definition with a newline": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{ThingDefinitions: []v1alpha1.DefinitionPattern{"a\nb"}}}},
			want:     grant + `[0].thingDefinitions[0]: must be text without control characters, got "a\nb"`,
		},
		"definition too long": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{ThingDefinitions: []v1alpha1.DefinitionPattern{v1alpha1.DefinitionPattern(strings.Repeat("a", 513))}}}},
			want:     grant + "[0].thingDefinitions[0]: must have at most 512 characters, got 513",
		},
		"definition twice": {
			creation: v1alpha1.EntityCreation{Grant: []rule{{ThingDefinitions: []v1alpha1.DefinitionPattern{"", ""}}}},
			want:     grant + "[0].thingDefinitions[1]: is there already, in " + grant + "[0].thingDefinitions[0]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := gateway()
			g.Spec.EntityCreation = &tt.creation
			expectSpec(t, g, given(tt.want)...)
		})
	}
}

// given returns what there is of one expectation.
func given(want string) []string {
	if want == "" {
		return nil
	}
	return []string{want}
}

func TestNamespaceAccess(t *testing.T) {
	const at = "spec.namespaceAccess"
	type rule = v1alpha1.NamespaceRule
	conditions := func(conditions ...v1alpha1.Condition) []rule { return []rule{{Conditions: conditions}} }
	for name, tt := range map[string]struct {
		rules []rule
		want  string
	}{
		"a rule of all":         {rules: []rule{{}}},
		"none":                  {rules: []rule{}, want: at + ": must have 1 to 32 entries, got 0"},
		"too many":              {rules: repeated(rule{}, 33), want: at + ": must have 1 to 32 entries, got 33"},
		"conditions":            {rules: conditions("{{ jwt:iss | fn:filter('like','https://a*') }}", "{{ header:a | fn:default('x') | fn:filter('ne','y') }}", "{{ request:subjectId }}")},
		"no conditions":         {rules: conditions([]v1alpha1.Condition{}...), want: at + "[0].conditions: must have 1 to 8 entries, got 0"},
		"too many conditions":   {rules: conditions(repeated(v1alpha1.Condition("{{ jwt:a }}"), 9)...), want: at + "[0].conditions: must have 1 to 8 entries, got 9"},
		"condition without one": {rules: conditions("true"), want: at + "[0].conditions[0]: must hold an expression, and have as many {{ as }}"},
		"unknown placeholder":   {rules: conditions("{{ thing:id }}"), want: at + "[0].conditions[0]: must not use thing:id: the prefix must be jwt or header or request"},
		"types":                 {rules: []rule{{}, {ResourceTypes: []v1alpha1.ResourceType{""}}}, want: at + `[1].resourceTypes[0]: must be Thing or Policy, got ""`},
		"allowed":               {rules: []rule{{AllowedNamespaces: []v1alpha1.NamespacePattern{"a b"}}}, want: at + `[0].allowedNamespaces[0]: must be letters, digits, dots, hyphens, underscores and the wildcards * and ?, got "a b"`},
		"allowed twice":         {rules: []rule{{AllowedNamespaces: []v1alpha1.NamespacePattern{"a", "a"}}}, want: at + "[0].allowedNamespaces[1]: is there already, in " + at + "[0].allowedNamespaces[0]"},
		"allowed, empty list":   {rules: []rule{{AllowedNamespaces: []v1alpha1.NamespacePattern{}}}, want: at + "[0].allowedNamespaces: must have 1 to 32 entries, got 0"},
		"blocked":               {rules: []rule{{BlockedNamespaces: []v1alpha1.NamespacePattern{"a", "/"}}}, want: at + `[0].blockedNamespaces[1]: must be letters, digits, dots, hyphens, underscores and the wildcards * and ?, got "/"`},
		"blocked twice":         {rules: []rule{{BlockedNamespaces: []v1alpha1.NamespacePattern{"a", "a"}}}, want: at + "[0].blockedNamespaces[1]: is there already, in " + at + "[0].blockedNamespaces[0]"},
		"too many blocked":      {rules: []rule{{BlockedNamespaces: repeated(v1alpha1.NamespacePattern("a"), 33)}}, want: at + "[0].blockedNamespaces: must have 1 to 32 entries, got 33"},
	} {
		t.Run(name, func(t *testing.T) {
			g := gateway()
			g.Spec.NamespaceAccess = tt.rules
			expectSpec(t, g, given(tt.want)...)
		})
	}
}
