package compile

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const secretKind = "Secret"

// maxUsers bounds the users of one Secret; an API server bounds its size.
const maxUsers = 10_000

var subjectPrefixSyntax = regexp.MustCompile(`^[a-zA-Z0-9._-]+$`)

func (c *check) authentication(a v1alpha1.Authentication, objects Objects) snapshot.Authentication {
	if a.Basic == nil {
		c.errorf("spec.authentication", snapshot.RuleRequired, "at least one authentication method is required: basic")
		return snapshot.Authentication{}
	}
	const path = "spec.authentication.basic"
	return snapshot.Authentication{Basic: &snapshot.BasicAuthentication{
		SubjectPrefix: c.text(path+".subjectPrefix", *a.Basic.SubjectPrefix, subjectPrefixSyntax, 64,
			"letters, digits, dots, hyphens and underscores"),
		Users: c.users(path+".usersSecretRef.name", a.Basic.UsersSecretRef.Name, objects),
	}}
}

// users returns the users of the Secret that a field of the Gateway names.
func (c *check) users(path, name string, objects Objects) map[string]snapshot.PasswordHash {
	if !c.objectName(path, name) {
		return nil
	}
	i := slices.IndexFunc(objects.Secrets, func(s Secret) bool {
		return s.Name == name && namespaceOf(s.Namespace) == c.object.Namespace
	})
	if i < 0 {
		c.errorf(path, snapshot.RuleReference, "Secret %s/%s not found%s", c.object.Namespace, name, objects.caveat())
		return nil
	}
	s := objects.Secrets[i]
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
