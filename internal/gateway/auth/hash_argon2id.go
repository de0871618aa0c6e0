package auth

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"golang.org/x/crypto/argon2"
)

const argon2idPrefix = "$argon2id$"

// Bounds of what one verification costs and of what a hash may look like.
const (
	minArgonMemory  = 8 // KiB
	maxArgonMemory  = 256 << 10
	maxArgonPasses  = 16
	maxArgonThreads = 16
	minArgonSalt    = 8 // bytes, as RFC 9106 has it
	minArgonKey     = 16
	maxArgonBytes   = 64
)

var (
	// The one version of the algorithm in use is 1.3, written as 19.
	argonFormat = regexp.MustCompile(
		`^\$argon2id\$v=19\$m=([0-9]{1,9}),t=([0-9]{1,9}),p=([0-9]{1,9})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$`)
	errArgonFormat = errors.New("malformed argon2id hash")
	errArgonBounds = fmt.Errorf("argon2id parameters out of bounds: m %d to %d, t 1 to %d, p 1 to %d, "+
		"salt %d to %d bytes, hash %d to %d bytes", minArgonMemory, maxArgonMemory, maxArgonPasses, maxArgonThreads,
		minArgonSalt, maxArgonBytes, minArgonKey, maxArgonBytes)
)

// argon2idHash is a stored hash in the PHC string format.
type argon2idHash struct {
	memory, passes uint32
	threads        uint8
	salt, key      []byte
}

func parseArgon2id(stored string) (passwordHash, error) {
	m := argonFormat.FindStringSubmatch(stored)
	if m == nil {
		return nil, errArgonFormat
	}
	memory, _ := strconv.Atoi(m[1]) // the expression lets nothing but small numbers through
	passes, _ := strconv.Atoi(m[2])
	threads, _ := strconv.Atoi(m[3])
	salt, saltErr := base64.RawStdEncoding.DecodeString(m[4])
	key, keyErr := base64.RawStdEncoding.DecodeString(m[5])
	switch {
	case saltErr != nil || keyErr != nil:
		return nil, errArgonFormat
	case threads < 1 || threads > maxArgonThreads,
		passes < 1 || passes > maxArgonPasses,
		memory < minArgonMemory || memory > maxArgonMemory,
		len(salt) < minArgonSalt || len(salt) > maxArgonBytes,
		len(key) < minArgonKey || len(key) > maxArgonBytes:
		return nil, errArgonBounds
	}
	return &argon2idHash{
		memory: uint32(memory), passes: uint32(passes), threads: uint8(threads),
		salt: salt, key: key,
	}, nil
}

func (h *argon2idHash) matches(password string) bool {
	key := argon2.IDKey([]byte(password), h.salt, h.passes, h.memory, h.threads, uint32(len(h.key)))
	return subtle.ConstantTimeCompare(key, h.key) == 1
}
