package auth

import (
	"errors"
	"fmt"
	"regexp"

	"golang.org/x/crypto/bcrypt"
)

// maxBcryptCost bounds what one verification costs: some seconds of a core.
const maxBcryptCost = 16

var (
	bcryptFormat     = regexp.MustCompile(`^\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}$`)
	errBcryptFormat  = errors.New("malformed bcrypt hash")
	errBcryptTooHard = fmt.Errorf("bcrypt cost is above %d", maxBcryptCost)
)

// bcryptHash is a stored hash in the modular crypt format. The algorithm reads no more than 72 bytes of a password.
type bcryptHash []byte

func parseBcrypt(stored string) (passwordHash, error) {
	if !bcryptFormat.MatchString(stored) {
		return nil, errBcryptFormat
	}
	cost, err := bcrypt.Cost([]byte(stored))
	if err != nil {
		return nil, errBcryptFormat
	}
	if cost > maxBcryptCost {
		return nil, errBcryptTooHard
	}
	return bcryptHash(stored), nil
}

func (h bcryptHash) matches(password string) bool {
	return bcrypt.CompareHashAndPassword(h, []byte(password)) == nil
}
