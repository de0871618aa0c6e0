package auth

import (
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// claimPrefix is the prefix of placeholders for claims.
const claimPrefix = "jwt"

// claims are what a verified token says. They are the source of placeholders with the prefix "jwt".
type claims struct {
	registered jwt.Claims
	doc        []byte // canonical JSON of all claims
}

// take reads all claims from the payload of a token.
func (c *claims) take(payload []byte) (err error) {
	c.doc, err = document.Canonical(payload)
	return err
}

// Lookup implements [placeholder.Source]. The name is that of a claim, or a path of names with slashes between them.
//
// Protocol rule: arrays on the way are traversed, and one at the end gives each of its elements.
func (c *claims) Lookup(prefix, name string) ([]string, bool) {
	if prefix != claimPrefix {
		return nil, false
	}
	// Names of claims that are URLs have slashes too, and even empty parts, which no path has.
	if value, ok := document.Get(c.doc, document.Pointer{name}); ok {
		return placeholder.Texts(value), true
	}
	path, err := document.ParsePointer(name)
	if err != nil {
		return nil, true
	}
	return follow(nil, c.doc, path), true
}

// follow appends the values at the end of the path.
func follow(texts []string, value []byte, path document.Pointer) []string {
	if len(path) == 0 {
		return append(texts, placeholder.Texts(value)...)
	}
	if document.KindOf(value) == document.Array {
		for element := range document.Elements(value) {
			texts = follow(texts, element, path)
		}
		return texts
	}
	member, ok := document.Get(value, path[:1])
	if !ok {
		return texts
	}
	return follow(texts, member, path[1:])
}
