package compile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// provider returns the shortest provider that there can be.
func provider(name string, issuers ...v1alpha1.IssuerURL) v1alpha1.OIDCProvider {
	return v1alpha1.OIDCProvider{Name: name, Issuers: issuers}
}

// lines returns findings as they are printed.
func lines(findings snapshot.Findings) []string {
	var all []string
	for _, f := range findings {
		all = append(all, f.String())
	}
	return all
}

// repeated returns a list of equal values.
func repeated[T any](value T, n int) []T { return slices.Repeat([]T{value}, n) }

// Each of the methods is enough, and none of them is not.
func TestOneMethodOfAuthenticationIsRequired(t *testing.T) {
	oidc := []v1alpha1.OIDCProvider{provider("keycloak", "https://login.example.com")}
	pre := &v1alpha1.PreAuthentication{Source: v1alpha1.PreAuthenticationHeader}
	for name, tt := range map[string]struct {
		methods v1alpha1.Authentication
		want    []string
	}{
		"basic":            {methods: gateway().Spec.Authentication},
		"oidc":             {methods: v1alpha1.Authentication{OIDC: oidc}},
		"preAuthenticated": {methods: v1alpha1.Authentication{PreAuthenticated: pre}},
		"none":             {want: []string{"spec.authentication: at least one authentication method is required: basic, oidc or preAuthenticated"}},
		"no provider": {
			methods: v1alpha1.Authentication{OIDC: []v1alpha1.OIDCProvider{}},
			want:    []string{"spec.authentication.oidc: must have 1 to 16 entries, got 0"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := gateway()
			g.Spec.Authentication = tt.methods
			expectSpec(t, g, tt.want...)
		})
	}
}

// expectSpec checks what is found in the spec of a Gateway, each finding as
// "path: message". Without any the Gateway must compile.
func expectSpec(t *testing.T, g *v1alpha1.Gateway, want ...string) {
	t.Helper()
	snap, findings := compileAll(g, users(), settings())
	var got []string
	for _, f := range findings {
		got = append(got, f.FieldPath+": "+f.Message)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if (snap == nil) != findings.HasErrors() {
		t.Errorf("snapshot %v with findings %v", snap, findings)
	}
}

func TestProvidersAreSortedByName(t *testing.T) {
	g := gateway()
	g.Spec.Authentication.OIDC = []v1alpha1.OIDCProvider{provider("b", "https://b"), provider("a", "https://a")}
	snap, findings := compileOne(g, users())
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	want := []snapshot.OIDCProvider{
		{Name: "a", Issuers: []string{"https://a"}, Subjects: []string{"{{ jwt:sub }}"}, Algorithms: allAlgorithms()},
		{Name: "b", Issuers: []string{"https://b"}, Subjects: []string{"{{ jwt:sub }}"}, Algorithms: allAlgorithms()},
	}
	if diff := cmp.Diff(want, snap.Authentication.OIDC); diff != "" {
		t.Errorf("providers (-want +got):\n%s", diff)
	}
}

func allAlgorithms() []string {
	return []string{"ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"}
}

func TestProviders(t *testing.T) {
	const at = "spec.authentication.oidc"
	const issuer = "must be a URL such as https://login.example.com/realms/plant, without user, query and fragment, got "
	issuers := func(urls ...v1alpha1.IssuerURL) func(*v1alpha1.OIDCProvider) {
		return func(p *v1alpha1.OIDCProvider) { p.Issuers = urls }
	}
	subjects := func(templates ...v1alpha1.SubjectTemplate) func(*v1alpha1.OIDCProvider) {
		return func(p *v1alpha1.OIDCProvider) { p.Subjects = templates }
	}
	prerequisites := func(conditions ...v1alpha1.Condition) func(*v1alpha1.OIDCProvider) {
		return func(p *v1alpha1.OIDCProvider) { p.Prerequisites = conditions }
	}
	for name, tt := range map[string]struct {
		change func(*v1alpha1.OIDCProvider)
		want   string
	}{
		"name":          {change: func(p *v1alpha1.OIDCProvider) { p.Name = "key_cloak-2" }},
		"name, longest": {change: func(p *v1alpha1.OIDCProvider) { p.Name = strings.Repeat("a", 64) }},
		"name too long": {change: func(p *v1alpha1.OIDCProvider) { p.Name = strings.Repeat("a", 65) }, want: at + "[0].name: must have at most 64 characters, got 65"},
		"no name":       {change: func(p *v1alpha1.OIDCProvider) { p.Name = "" }, want: at + `[0].name: must be letters, digits, hyphens and underscores, got ""`},
		"name, colon":   {change: func(p *v1alpha1.OIDCProvider) { p.Name = "a:b" }, want: at + `[0].name: must be letters, digits, hyphens and underscores, got "a:b"`},
		"name of basic": {change: func(p *v1alpha1.OIDCProvider) { p.Name = "nginx" }, want: at + "[0].name: is the subjectPrefix of basic: a token and a user of the same name are the same subject"},

		"issuer with path":         {change: issuers("https://login.example.com:8443/realms/plant-1/")},
		"issuer by http":           {change: issuers("http://keycloak.plant.svc")},
		"issuer by address":        {change: issuers("http://[fd00::1]:8080/realms/a")},
		"issuer without host":      {change: issuers("https:///realms"), want: at + "[0].issuers[0]: " + issuer + `"https:///realms"`},
		"issuer without scheme":    {change: issuers("login.example.com"), want: at + "[0].issuers[0]: " + issuer + `"login.example.com"`},
		"issuer of other scheme":   {change: issuers("ldap://login.example.com"), want: at + "[0].issuers[0]: " + issuer + `"ldap://login.example.com"`},
		"issuer with query":        {change: issuers("https://a/?b=c"), want: at + "[0].issuers[0]: " + issuer + `"https://a/?b=c"`},
		"issuer with fragment":     {change: issuers("https://a/#b"), want: at + "[0].issuers[0]: " + issuer + `"https://a/#b"`},
		"issuer with user":         {change: issuers("https://user:password@a/"), want: at + "[0].issuers[0]: " + issuer + `"https://user:password@a/"`},
		"issuer with space":        {change: issuers("https://a/b c"), want: at + "[0].issuers[0]: " + issuer + `"https://a/b c"`},
		"issuer with bad port":     {change: issuers("https://a:b"), want: at + "[0].issuers[0]: " + issuer + `"https://a:b"`},
		"issuer with port alone":   {change: issuers("https://:443"), want: at + "[0].issuers[0]: " + issuer + `"https://:443"`},
		"issuer with bad escape":   {change: issuers("https://a/%zz"), want: at + "[0].issuers[0]: " + issuer + `"https://a/%zz"`},
		"issuer as long as it can": {change: issuers(v1alpha1.IssuerURL("https://a/" + strings.Repeat("a", 502)))},
		"issuer too long":          {change: issuers(v1alpha1.IssuerURL("https://a/" + strings.Repeat("a", 503))), want: at + "[0].issuers[0]: must have at most 512 characters, got 513"},
		"no issuer":                {change: issuers(), want: at + "[0].issuers: must have 1 to 8 entries, got 0"},
		"eight issuers":            {change: issuers("https://1", "https://2", "https://3", "https://4", "https://5", "https://6", "https://7", "https://8")},
		"issuer of another":        {change: issuers("http://other.example.com//"), want: at + "[1].issuers[0]: is there already, in " + at + "[0].issuers[0], if scheme and slashes at the end do not count"},
		"issuer twice":             {change: issuers("http://a", "https://a/"), want: at + "[0].issuers[1]: is there already, in " + at + "[0].issuers[0], if scheme and slashes at the end do not count"},

		"audiences":           {change: func(p *v1alpha1.OIDCProvider) { p.Audiences = []v1alpha1.Audience{"b", "https://a/?b c"} }},
		"audience empty":      {change: func(p *v1alpha1.OIDCProvider) { p.Audiences = []v1alpha1.Audience{""} }, want: at + `[0].audiences[0]: must be text without control characters, got ""`},
		"audience with a tab": {change: func(p *v1alpha1.OIDCProvider) { p.Audiences = []v1alpha1.Audience{"a\tb"} }, want: at + `[0].audiences[0]: must be text without control characters, got "a\tb"`},
		"audience as long as it can": {change: func(p *v1alpha1.OIDCProvider) {
			p.Audiences = []v1alpha1.Audience{v1alpha1.Audience(strings.Repeat("ü", 256))}
		}},
		"audience too long": {change: func(p *v1alpha1.OIDCProvider) {
			p.Audiences = []v1alpha1.Audience{v1alpha1.Audience(strings.Repeat("ü", 257))}
		}, want: at + "[0].audiences[0]: must have at most 256 characters, got 257"},
		"audience twice":        {change: func(p *v1alpha1.OIDCProvider) { p.Audiences = []v1alpha1.Audience{"a", "b", "a"} }, want: at + "[0].audiences[2]: is there already, in " + at + "[0].audiences[0]"},
		"audiences, empty list": {change: func(p *v1alpha1.OIDCProvider) { p.Audiences = []v1alpha1.Audience{} }, want: at + "[0].audiences: must have 1 to 16 entries, got 0"},
		"too many audiences":    {change: func(p *v1alpha1.OIDCProvider) { p.Audiences = repeated(v1alpha1.Audience("a"), 17) }, want: at + "[0].audiences: must have 1 to 16 entries, got 17"},

		"subject of several":      {change: subjects("{{ jwt:sub }}/{{ jwt:scp | fn:split(' ') }}@{{ jwt:client_id }}", "{{ jwt:roles/support }}")},
		"subject for everybody":   {change: subjects("users")},
		"subject twice":           {change: subjects("{{ jwt:sub }}", "{{ jwt:sub }}")},
		"subject empty":           {change: subjects(""), want: at + "[0].subjects[0]: is required"},
		"subject unbalanced":      {change: subjects("{{ jwt:sub }"), want: at + "[0].subjects[0]: must have as many {{ as }}"},
		"subject of a header":     {change: subjects("{{ jwt:sub }}", "{{ header:x-user }}"), want: at + "[0].subjects[1]: must not use header:x-user: the prefix must be jwt"},
		"header as parameter":     {change: subjects("{{ jwt:sub | fn:default(header:x-user) }}"), want: at + "[0].subjects[0]: must not use header:x-user: the prefix must be jwt"},
		"unknown function":        {change: subjects("{{ jwt:sub | fn:upcase() }}"), want: at + `[0].subjects[0]: has a function that does not exist, at "upcase"`},
		"wrong parameters":        {change: subjects("{{ jwt:sub | fn:lower('a') }}"), want: at + `[0].subjects[0]: has a function with the wrong parameters, at "lower"`},
		"no expression in braces": {change: subjects("{{ sub }}"), want: at + `[0].subjects[0]: must be a template such as {{ jwt:sub }}, at "sub }}"`},
		"too many functions":      {change: subjects(v1alpha1.SubjectTemplate("{{ jwt:sub " + strings.Repeat("| fn:lower() ", 11) + "}}")), want: at + `[0].subjects[0]: has too many expressions or functions`},
		"subject, longest":        {change: subjects(v1alpha1.SubjectTemplate("{{ jwt:sub }}" + strings.Repeat("ü", 499)))},
		"subject too long":        {change: subjects(v1alpha1.SubjectTemplate("{{ jwt:sub }}" + strings.Repeat("ü", 500))), want: at + "[0].subjects[0]: must have at most 512 characters, got 513"},
		"subjects, empty list":    {change: subjects([]v1alpha1.SubjectTemplate{}...), want: at + "[0].subjects: must have 1 to 16 entries, got 0"},
		"too many subjects":       {change: subjects(repeated(v1alpha1.SubjectTemplate("a"), 17)...), want: at + "[0].subjects: must have 1 to 16 entries, got 17"},

		"prerequisite":              {change: prerequisites("{{ jwt:aud | fn:filter('eq','ditto') }}", "{{ jwt:a }}")},
		"prerequisite, only text":   {change: prerequisites("jwt:aud"), want: at + "[0].prerequisites[0]: must hold an expression, and have as many {{ as }}"},
		"prerequisite unbalanced":   {change: prerequisites("{{ jwt:aud"), want: at + "[0].prerequisites[0]: must hold an expression, and have as many {{ as }}"},
		"prerequisite empty":        {change: prerequisites(""), want: at + "[0].prerequisites[0]: must hold an expression, and have as many {{ as }}"},
		"prerequisite always met":   {change: prerequisites("{{ fn:default('ditto') }}"), want: at + "[0].prerequisites[0]: must hold a placeholder: it would always hold, or never"},
		"prerequisite of a header":  {change: prerequisites("{{ header:a }}"), want: at + "[0].prerequisites[0]: must not use header:a: the prefix must be jwt"},
		"prerequisite too long":     {change: prerequisites(v1alpha1.Condition("{{ jwt:sub }}" + strings.Repeat("a", 500))), want: at + "[0].prerequisites[0]: must have at most 512 characters, got 513"},
		"prerequisites, empty list": {change: prerequisites([]v1alpha1.Condition{}...), want: at + "[0].prerequisites: must have 1 to 16 entries, got 0"},
		"too many prerequisites":    {change: prerequisites(repeated(v1alpha1.Condition("{{ jwt:a }}"), 17)...), want: at + "[0].prerequisites: must have 1 to 16 entries, got 17"},

		"algorithms":          {change: func(p *v1alpha1.OIDCProvider) { p.Algorithms = []v1alpha1.SigningAlgorithm{"RS256", "ES512"} }},
		"algorithm none":      {change: func(p *v1alpha1.OIDCProvider) { p.Algorithms = []v1alpha1.SigningAlgorithm{"none"} }, want: at + `[0].algorithms[0]: must be RS256 or RS384 or RS512 or PS256 or PS384 or PS512 or ES256 or ES384 or ES512, got "none"`},
		"algorithm symmetric": {change: func(p *v1alpha1.OIDCProvider) { p.Algorithms = []v1alpha1.SigningAlgorithm{"HS256"} }, want: at + `[0].algorithms[0]: must be RS256 or RS384 or RS512 or PS256 or PS384 or PS512 or ES256 or ES384 or ES512, got "HS256"`},
		"algorithm twice":     {change: func(p *v1alpha1.OIDCProvider) { p.Algorithms = []v1alpha1.SigningAlgorithm{"RS256", "RS256"} }, want: at + "[0].algorithms[1]: is there already, in " + at + "[0].algorithms[0]"},
		"no algorithm":        {change: func(p *v1alpha1.OIDCProvider) { p.Algorithms = []v1alpha1.SigningAlgorithm{} }, want: at + "[0].algorithms: must have 1 to 9 entries, got 0"},
	} {
		t.Run(name, func(t *testing.T) {
			g := gateway()
			g.Spec.Authentication.OIDC = []v1alpha1.OIDCProvider{
				provider("keycloak", "https://login.example.com"), provider("other", "https://other.example.com"),
			}
			tt.change(&g.Spec.Authentication.OIDC[0])
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			expectSpec(t, g, want...)
		})
	}
}

// That users and tokens may be the same subject can be what is wanted.
func TestASharedPrefixIsAWarning(t *testing.T) {
	g := gateway()
	g.Spec.Authentication.OIDC = []v1alpha1.OIDCProvider{provider("nginx", "https://login.example.com")}
	snap, findings := compileOne(g, users())
	if snap == nil || len(findings) != 1 || findings[0].Severity != snapshot.Warning {
		t.Errorf("snapshot %v, findings %v", snap, findings)
	}
}

func TestProvidersAsAList(t *testing.T) {
	g := gateway()
	for i := range 17 {
		g.Spec.Authentication.OIDC = append(g.Spec.Authentication.OIDC,
			provider(string(rune('a'+i)), v1alpha1.IssuerURL("https://"+string(rune('a'+i)))))
	}
	expectSpec(t, g, "spec.authentication.oidc: must have 1 to 16 entries, got 17")
	g.Spec.Authentication.OIDC = g.Spec.Authentication.OIDC[:16]
	expectSpec(t, g)
	g.Spec.Authentication.OIDC[15].Name = "a"
	expectSpec(t, g, "spec.authentication.oidc[15]: is there already, in spec.authentication.oidc[0]")
}

func TestTokenIntegrationSubject(t *testing.T) {
	for value, want := range map[string]string{
		"": "",
		"integration:{{ policy-entry:label }}:{{ jwt:aud }}": "",
		"integration:{{ jwt:sub }}":                          "integration:{{ jwt:sub }}",
		"a:{{ policy-entry:label | fn:lower() }}":            "a:{{ policy-entry:label | fn:lower() }}",
	} {
		g := gateway()
		if value != "" {
			g.Spec.Authentication.TokenIntegrationSubject = new(v1alpha1.SubjectTemplate(value))
		}
		snap, findings := compileOne(g, users())
		if snap == nil || len(findings) > 0 || snap.Authentication.TokenIntegrationSubject != want {
			t.Errorf("%q: snapshot %v, findings %v", value, snap, findings)
		}
	}
	for value, want := range map[string]string{
		"":                            "is required",
		"a:{{ request:subjectId }}":   "must not use request:subjectId: the prefix must be jwt or policy-entry",
		"a:{{ policy-entry:id }}":     "must not use policy-entry:id: the name must be label",
		"a:{{ jwt:aud":                "must have as many {{ as }}",
		"a:{{ jwt:aud | fn:none() }}": `has a function that does not exist, at "none"`,
		strings.Repeat("a", 513):      "must have at most 512 characters, got 513",
	} {
		g := gateway()
		g.Spec.Authentication.TokenIntegrationSubject = new(v1alpha1.SubjectTemplate(value))
		expectSpec(t, g, "spec.authentication.tokenIntegrationSubject: "+want)
	}
}

func TestPreAuthentication(t *testing.T) {
	g := gateway()
	g.Spec.Authentication.PreAuthenticated = &v1alpha1.PreAuthentication{Source: "Query"}
	g.Spec.Authentication.ClockSkew = new(v1alpha1.Duration("301s"))
	expectSpec(t, g,
		`spec.authentication.preAuthenticated.source: must be Header or HeaderOrQuery, got "Query"`,
		"spec.authentication.clockSkew: must be between 0s and 5m, got 301s")
	g.Spec.Authentication.PreAuthenticated.Source = v1alpha1.PreAuthenticationHeaderOrQuery
	g.Spec.Authentication.ClockSkew = new(v1alpha1.Duration("5m"))
	expectSpec(t, g)
}
