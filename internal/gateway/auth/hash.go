package auth

import (
	"errors"
	"strings"
)

// passwordHash is a stored hash, parsed.
type passwordHash interface {
	// matches hashes password, which takes tens of milliseconds by design, and compares in constant time.
	matches(password string) bool
}

var errUnknownHash = errors.New("hash is neither bcrypt ($2a$, $2b$, $2y$) nor argon2id")

// parseHash reads a stored hash. Its errors do not contain the hash.
func parseHash(stored string) (passwordHash, error) {
	switch {
	case strings.HasPrefix(stored, "$2"):
		return parseBcrypt(stored)
	case strings.HasPrefix(stored, argon2idPrefix):
		return parseArgon2id(stored)
	default:
		return nil, errUnknownHash
	}
}
