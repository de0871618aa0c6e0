package compile

import (
	"regexp"
	"slices"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

func (c *check) http(http *v1alpha1.HTTP) snapshot.HTTP {
	if http.CORS == nil {
		return snapshot.HTTP{}
	}
	return snapshot.HTTP{CORS: c.cors("spec.http.cors", http.CORS)}
}

var originSyntax = regexp.MustCompile(`^([*]|[a-z][a-z0-9+.-]*://([a-z0-9]([-a-z0-9.]*[a-z0-9])?|[[][0-9a-f:.]+[]])(:[0-9]{1,5})?)$`)

func (c *check) cors(path string, cors *v1alpha1.CORS) *snapshot.CORS {
	origins := list(c, path+".allowedOrigins", cors.AllowedOrigins, 1, snapshot.MaxOrigins, func(path string, value v1alpha1.Origin) string {
		return c.text(path, string(value), originSyntax, 256, "an origin in lower case without a path, such as https://example.com, or *")
	})
	checked := &snapshot.CORS{
		AllowedOrigins: set(c, path+".allowedOrigins", origins),
		Credentials:    snapshot.Toggle(choice(c, path+".credentials", *cors.Credentials, v1alpha1.Enabled, v1alpha1.Disabled)),
		MaxAge:         c.duration(path+".maxAge", *cors.MaxAge, 0, 24*time.Hour),
	}
	if checked.Credentials == snapshot.Enabled && slices.Contains(checked.AllowedOrigins, snapshot.AnyOrigin) {
		c.errorf(path+".credentials", snapshot.RuleBounded, "must be Disabled for all origins; name the origins that may send credentials")
	}
	return checked
}
