package compile_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

func withCORS(cors *v1alpha1.CORS) *v1alpha1.Gateway {
	g := gateway()
	g.Spec.HTTP = &v1alpha1.HTTP{CORS: cors}
	return g
}

// Pages of other origins may do nothing unless they are named, and then not with credentials that the browser keeps.
func TestOrigins(t *testing.T) {
	for name, tt := range map[string]struct {
		cors *v1alpha1.CORS
		want *snapshot.CORS
	}{
		"left out": {nil, nil},
		"all": {
			&v1alpha1.CORS{AllowedOrigins: []v1alpha1.Origin{"*"}},
			&snapshot.CORS{AllowedOrigins: []string{"*"}, Credentials: snapshot.Disabled, MaxAge: 10 * time.Minute},
		},
		"some": {
			&v1alpha1.CORS{AllowedOrigins: []v1alpha1.Origin{"https://b.example.com:8443", "http://[::1]:3000", "capacitor://localhost"}},
			&snapshot.CORS{
				AllowedOrigins: []string{"capacitor://localhost", "http://[::1]:3000", "https://b.example.com:8443"},
				Credentials:    snapshot.Disabled, MaxAge: 10 * time.Minute,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			snap, findings := compile.Compile(objects([]*v1alpha1.Gateway{withCORS(tt.cors)}, users()))
			if len(findings) > 0 {
				t.Fatal(findings)
			}
			if diff := cmp.Diff(tt.want, snap.HTTP.CORS); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOriginsAreChecked(t *testing.T) {
	const (
		at     = "spec.http.cors.allowedOrigins"
		syntax = "must be an origin in lower case without a path, such as https://example.com, or *"
	)
	many := make([]v1alpha1.Origin, snapshot.MaxOrigins+1)
	for i := range many {
		many[i] = v1alpha1.Origin(fmt.Sprintf("http://localhost:%d", i))
	}
	origins := func(list ...v1alpha1.Origin) *v1alpha1.CORS { return &v1alpha1.CORS{AllowedOrigins: list} }
	long := v1alpha1.Origin("https://" + strings.Repeat("a", 250))
	all := origins("https://example.com", "*")
	all.Credentials = new(v1alpha1.Enabled)
	for name, tt := range map[string]struct {
		cors       *v1alpha1.CORS
		path, want string
	}{
		"none":                {origins(), at, "must have 1 to 64 entries, got 0"},
		"too many":            {origins(many...), at, "must have 1 to 64 entries, got 65"},
		"twice":               {origins("https://a", "https://a"), at + "[1]", "is there already"},
		"too long":            {origins(long), at + "[0]", "must have at most 256 characters, got 258"},
		"no scheme":           {origins("example.com"), at + "[0]", syntax},
		"a path":              {origins("https://example.com/"), at + "[0]", syntax},
		"upper case":          {origins("https://Example.com"), at + "[0]", syntax},
		"a wildcard in it":    {origins("https://*.example.com"), at + "[0]", syntax},
		"of nothing":          {origins("null"), at + "[0]", syntax},
		"a line break":        {origins("https://example.com\n"), at + "[0]", syntax},
		"credentials for all": {all, "spec.http.cors.credentials", "must be Disabled for all origins"},
		"long memory": {
			&v1alpha1.CORS{AllowedOrigins: []v1alpha1.Origin{"*"}, MaxAge: new(v1alpha1.Duration("25h"))},
			"spec.http.cors.maxAge", "must be between 0s and 24h, got 25h",
		},
	} {
		t.Run(name, func(t *testing.T) {
			snap, findings := compile.Compile(objects([]*v1alpha1.Gateway{withCORS(tt.cors)}, users()))
			if snap != nil || len(findings) != 1 || findings[0].FieldPath != tt.path || !strings.Contains(findings[0].Message, tt.want) {
				t.Errorf("got %v, want one finding at %s: %s", findings, tt.path, tt.want)
			}
		})
	}
}
