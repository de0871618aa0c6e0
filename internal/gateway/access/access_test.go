package access_test

import (
	"net/http"
	"testing"

	"github.com/twinway/twinway/internal/gateway/access"
	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// claims stand for those of a token.
type claims map[string][]string

func (c claims) Lookup(prefix, name string) ([]string, bool) { return c[name], prefix == "jwt" }

func TestRules(t *testing.T) {
	tests := []struct {
		name      string
		rules     access.Rules
		claims    placeholder.Source
		group     protocol.Group
		namespace string
		want      bool
	}{
		{"without rules everything is open", nil, nil, protocol.Things, "org.acme", true},
		{"what no rule opens is closed", access.Rules{{Allowed: patterns("org.other")}}, nil, protocol.Things, "org.acme", false},
		{"a rule opens by pattern", access.Rules{{Allowed: patterns("org.ac?e")}}, nil, protocol.Things, "org.acme", true},
		{"any of its patterns suffices", access.Rules{{Allowed: patterns("a", "org.*")}}, nil, protocol.Things, "org.acme", true},
		{"blocked wins within a rule", access.Rules{{Allowed: patterns("org.*"), Blocked: patterns("*.acme")}},
			nil, protocol.Things, "org.acme", false},
		{"but not over another rule", access.Rules{{Allowed: patterns("org.*"), Blocked: patterns("*.acme")}, {Allowed: patterns("*")}},
			nil, protocol.Things, "org.acme", true},
		{"a rule for the other group does not count", access.Rules{{Groups: []protocol.Group{protocol.Policies}, Allowed: patterns("*")}},
			nil, protocol.Things, "org.acme", false},
		{"a rule for the group does", access.Rules{{Groups: []protocol.Group{protocol.Policies}, Allowed: patterns("*")}},
			nil, protocol.Policies, "org.acme", true},
		{"a condition on a claim is met", access.Rules{{Conditions: conditions(t, "{{ jwt:tenant | fn:filter('eq','acme') }}"), Allowed: patterns("*")}},
			claims{"tenant": {"acme"}}, protocol.Things, "org.acme", true},
		{"or not", access.Rules{{Conditions: conditions(t, "{{ jwt:tenant | fn:filter('eq','acme') }}"), Allowed: patterns("*")}},
			claims{"tenant": {"other"}}, protocol.Things, "org.acme", false},
		{"without a token it is not", access.Rules{{Conditions: conditions(t, "{{ jwt:tenant }}"), Allowed: patterns("*")}},
			nil, protocol.Things, "org.acme", false},
		{"an empty value is none", access.Rules{{Conditions: conditions(t, "{{ jwt:tenant }}"), Allowed: patterns("*")}},
			claims{"tenant": {""}}, protocol.Things, "org.acme", false},
		{"all conditions must be met", access.Rules{{Conditions: conditions(t, "{{ jwt:tenant }}", "{{ header:x-zone }}"), Allowed: patterns("*")}},
			claims{"tenant": {"acme"}}, protocol.Things, "org.acme", true},
		{"all of them", access.Rules{{Conditions: conditions(t, "{{ jwt:tenant }}", "{{ header:x-none }}"), Allowed: patterns("*")}},
			claims{"tenant": {"acme"}}, protocol.Things, "org.acme", false},
		{"the first subject", access.Rules{{Conditions: conditions(t, "{{ request:subjectId | fn:filter('like','a:*') }}"), Allowed: patterns("*")}},
			nil, protocol.Things, "org.acme", true},
		{"not the others", access.Rules{{Conditions: conditions(t, "{{ request:subjectId | fn:filter('like','b:*') }}"), Allowed: patterns("*")}},
			nil, protocol.Things, "org.acme", false},
		{"an unknown placeholder closes", access.Rules{{Conditions: conditions(t, "{{ thing:id }}"), Allowed: patterns("*")}},
			nil, protocol.Things, "org.acme", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &http.Request{Header: http.Header{"X-Zone": {"north"}}}
			id := auth.Identity{Subjects: auth.Subjects{"a:1", "b:2"}, Claims: tt.claims}
			if got := tt.rules.For(id, r).MayAccess(tt.group, tt.namespace); got != tt.want {
				t.Errorf("may access: %t, want %t", got, tt.want)
			}
		})
	}
}

func patterns(texts ...document.Wildcard) []document.Wildcard { return texts }

func conditions(t *testing.T, texts ...string) (parsed []*placeholder.Template) {
	t.Helper()
	for _, text := range texts {
		template, err := placeholder.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, template)
	}
	return parsed
}
