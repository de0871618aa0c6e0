package compile

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	maxProviders     = 16
	maxIssuers       = 8
	maxAudiences     = 16
	maxSubjects      = 16
	maxPrerequisites = 16
)

// signingAlgorithms are all that there are.
var signingAlgorithms = []v1alpha1.SigningAlgorithm{
	"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
}

// oidc checks the providers, sorted by name.
func (c *check) oidc(
	path string, providers []v1alpha1.OIDCProvider, basic *v1alpha1.BasicAuthentication, ix *index,
) []snapshot.OIDCProvider {
	issuers := map[string]string{}
	checked := optional(c, path, providers, maxProviders, func(path string, p v1alpha1.OIDCProvider) snapshot.OIDCProvider {
		if basic != nil && p.Name == *basic.SubjectPrefix {
			c.warnf(path+".name", snapshot.RuleUnique,
				"is the subjectPrefix of basic: a token and a user of the same name are the same subject")
		}
		c.ownIssuers(path+".issuers", p.Issuers, issuers)
		return c.provider(path, p, ix)
	})
	unique(c, path, checked, func(p snapshot.OIDCProvider) string { return p.Name })
	slices.SortStableFunc(checked, func(a, b snapshot.OIDCProvider) int { return cmp.Compare(a.Name, b.Name) })
	return checked
}

var providerNameSyntax = regexp.MustCompile(`^[a-zA-Z0-9_-]+$`)

func (c *check) provider(path string, p v1alpha1.OIDCProvider, ix *index) snapshot.OIDCProvider {
	jwks, ca := c.keys(path+".keys", p.Keys, ix)
	return snapshot.OIDCProvider{
		Name:      c.text(path+".name", p.Name, providerNameSyntax, 64, "letters, digits, hyphens and underscores"),
		Issuers:   set(c, path+".issuers", list(c, path+".issuers", p.Issuers, 1, maxIssuers, c.issuer)),
		JWKS:      jwks,
		CA:        ca,
		Audiences: set(c, path+".audiences", optional(c, path+".audiences", p.Audiences, maxAudiences, c.audience)),
		Subjects: list(c, path+".subjects", p.Subjects, 1, maxSubjects, func(path string, value v1alpha1.SubjectTemplate) string {
			return c.subjectTemplate(path, value, ofToken)
		}),
		Prerequisites: optional(c, path+".prerequisites", p.Prerequisites, maxPrerequisites, func(path string, value v1alpha1.Condition) string {
			return c.condition(path, value, ofToken)
		}),
		Algorithms: set(c, path+".algorithms", list(c, path+".algorithms", p.Algorithms, 1, len(signingAlgorithms), c.algorithm)),
	}
}

var issuerSyntax = regexp.MustCompile(`^https?://[][a-zA-Z0-9.:_-]+(/[^?#[:space:][:cntrl:]]*)?$`)

func (c *check) issuer(path string, value v1alpha1.IssuerURL) string {
	const description = "a URL such as https://login.example.com/realms/plant, without user, query and fragment"
	issuer := c.text(path, string(value), issuerSyntax, 512, description)
	if !issuerSyntax.MatchString(issuer) {
		return issuer
	}
	if u, err := url.ParseRequestURI(issuer); err != nil || u.Hostname() == "" {
		c.errorf(path, snapshot.RuleSyntax, "must be %s, got %q", description, issuer)
	}
	return issuer
}

// ownIssuers checks that no other provider has one of the issuers, nor this one
// twice. It adds them to those seen, each with its path.
func (c *check) ownIssuers(path string, issuers []v1alpha1.IssuerURL, seen map[string]string) {
	for i, issuer := range issuers[:min(len(issuers), maxIssuers)] {
		_, compared, _ := strings.Cut(string(issuer), "://")
		compared = strings.TrimRight(compared, "/")
		if first, twice := seen[compared]; twice {
			c.errorf(entry(path, i), snapshot.RuleUnique, "is there already, in %s, if scheme and slashes at the end do not count", first)
			continue
		}
		seen[compared] = entry(path, i)
	}
}

func (c *check) audience(path string, value v1alpha1.Audience) string {
	return c.text(path, string(value), noControls, 256, noControlsDescription)
}

func (c *check) algorithm(path string, value v1alpha1.SigningAlgorithm) string {
	return string(choice(c, path, value, signingAlgorithms...))
}

// keys returns what the keys and the certificates of a provider refer to.
func (c *check) keys(path string, keys *v1alpha1.OIDCKeys, ix *index) (jwks, ca snapshot.Content) {
	if keys == nil {
		return "", ""
	}
	if keys.JWKS != nil && keys.CA != nil {
		c.errorf(path, snapshot.RuleUnique, "must not have both jwks and ca, which is for fetching keys")
	}
	jwks = c.content(path+".jwks", keys.JWKS, maxKeySet, ix, (*check).keySet)
	ca = c.content(path+".ca", keys.CA, maxCertificates, ix, (*check).certificates)
	return jwks, ca
}
