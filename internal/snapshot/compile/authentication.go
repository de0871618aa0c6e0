package compile

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// maxUsers bounds the users of one Secret; an API server bounds its size.
const maxUsers = 10_000

var subjectPrefixSyntax = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

func (c *check) authentication(a v1alpha1.Authentication, ix *index) snapshot.Authentication {
	const path = "spec.authentication"
	if a.Basic == nil && a.OIDC == nil && a.PreAuthenticated == nil {
		c.errorf(path, snapshot.RuleRequired, "at least one authentication method is required: basic, oidc or preAuthenticated")
	}
	return snapshot.Authentication{
		Basic:            c.basic(path+".basic", a.Basic, ix),
		OIDC:             c.oidc(path+".oidc", a.OIDC, a.Basic, ix),
		PreAuthenticated: c.preAuthenticated(path+".preAuthenticated", a.PreAuthenticated),
		ClockSkew:        c.duration(path+".clockSkew", *a.ClockSkew, 0, 5*time.Minute),

		TokenIntegrationSubject: c.integrationSubject(path+".tokenIntegrationSubject", *a.TokenIntegrationSubject),
	}
}

// integrationSubject returns what token integration makes subjects of. The usual
// template is left out, so that a Gateway without the field has the snapshot that it
// had before there was one.
func (c *check) integrationSubject(path string, value v1alpha1.SubjectTemplate) string {
	text := c.subjectTemplate(path, value, ofBearer)
	if text == snapshot.DefaultTokenIntegrationSubject {
		return ""
	}
	return text
}

func (c *check) basic(path string, basic *v1alpha1.BasicAuthentication, ix *index) *snapshot.BasicAuthentication {
	if basic == nil {
		return nil
	}
	return &snapshot.BasicAuthentication{
		SubjectPrefix: c.text(path+".subjectPrefix", *basic.SubjectPrefix, subjectPrefixSyntax, 64,
			"letters, digits, dots, hyphens and underscores"),
		Users: c.users(path+".usersSecretRef.name", basic.UsersSecretRef.Name, ix),
	}
}

func (c *check) preAuthenticated(path string, pre *v1alpha1.PreAuthentication) *snapshot.PreAuthentication {
	if pre == nil {
		return nil
	}
	return &snapshot.PreAuthentication{
		Source: snapshot.PreAuthenticationSource(choice(c, path+".source", pre.Source,
			v1alpha1.PreAuthenticationHeader, v1alpha1.PreAuthenticationHeaderOrQuery)),
	}
}

// users returns the users of the Secret that a field of the Gateway names.
func (c *check) users(path, name string, ix *index) map[string]snapshot.PasswordHash {
	if !c.objectName(path, name) {
		return nil
	}
	s, ok := c.secret(path, name, ix)
	if !ok {
		return nil
	}
	return c.report.about(secretKind, s.Namespace, s.Name, s.Origin).userHashes(s.Data)
}

// userHashes checks the content of a Secret with users. White space around a
// hash, such as the newline at the end of a file, does not count.
func (c *check) userHashes(data map[string][]byte) map[string]snapshot.PasswordHash {
	switch {
	case len(data) == 0:
		c.errorf("data", snapshot.RuleRequired, "must have at least one user: the name as key, the hash of the password as value")
	case len(data) > maxUsers:
		c.errorf("data", snapshot.RuleBounded, "must have at most %d users, got %d", maxUsers, len(data))
		return nil
	}
	users := make(map[string]snapshot.PasswordHash, len(data))
	for _, name := range slices.Sorted(maps.Keys(data)) {
		path := "data[" + name + "]"
		// What a Secret can have as a key excludes colons and control
		// characters, which no user name of Basic authentication may have.
		if len(validation.IsConfigMapKey(name)) > 0 {
			c.errorf(path, snapshot.RuleSyntax, "a user name must be letters, digits, dots, hyphens and underscores, at most 253 of them")
		}
		hash := strings.TrimSpace(string(data[name]))
		if problem := passwordHashProblem(hash); problem != "" {
			c.errorf(path, snapshot.RulePasswordHash, "%s", problem)
		}
		users[name] = snapshot.PasswordHash(hash)
	}
	return users
}
