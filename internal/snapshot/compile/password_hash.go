package compile

import (
	"encoding/base64"
	"regexp"
	"strconv"
)

// Bounds on the hashes that a gateway accepts. They bound the work that one
// attempt to authenticate costs it.
const (
	maxArgon2Memory = 256 * 1024 // KiB
	maxArgon2Passes = 16
	maxArgon2Lanes  = 16
)

var (
	bcryptSyntax = regexp.MustCompile(`^\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}$`)
	argon2Syntax = regexp.MustCompile(`^\$argon2id\$v=19\$m=([0-9]{1,9}),t=([0-9]{1,9}),p=([0-9]{1,9})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$`)
)

// passwordHashProblem says what is wrong with the hash of a password, without
// showing any of it, or returns the empty string.
func passwordHashProblem(hash string) string {
	if m := bcryptSyntax.FindStringSubmatch(hash); m != nil {
		if !within(m[1], 4, 14) {
			return "the cost of a bcrypt hash must be between 4 and 14"
		}
		return ""
	}
	m := argon2Syntax.FindStringSubmatch(hash)
	if m == nil {
		return "must be a password hash: bcrypt ($2a$, $2b$ or $2y$) or argon2id ($argon2id$v=19$m=…,t=…,p=…$salt$hash)"
	}
	switch {
	case !within(m[3], 1, maxArgon2Lanes):
		return "the lanes (p) of an argon2id hash must be between 1 and 16"
	case !within(m[2], 1, maxArgon2Passes):
		return "the passes (t) of an argon2id hash must be between 1 and 16"
	case !within(m[1], 8, maxArgon2Memory):
		return "the memory (m) of an argon2id hash must be between 8 and 262144 KiB"
	case !isBase64(m[4]) || !isBase64(m[5]):
		return "the salt and the hash of an argon2id hash must be base64 without padding"
	}
	return ""
}

// within says whether a number of at most nine digits is within bounds.
func within(digits string, low, high int) bool {
	n, err := strconv.Atoi(digits)
	return err == nil && n >= low && n <= high
}

func isBase64(s string) bool {
	_, err := base64.RawStdEncoding.DecodeString(s)
	return err == nil
}
