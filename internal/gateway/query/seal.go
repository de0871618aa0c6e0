package query

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// minSecret is how long the secret of a seal must be, in bytes.
const minSecret = 16

// ErrSecret says that the secret of a seal is too short.
var ErrSecret = errors.New("the secret for cursors has less than 16 bytes")

// Seal closes cursors, and opens those that were closed with the same secret. It does not change and may be shared.
//
// The tag of a text is also where its encryption begins, so that equal texts have equal cursors, and others share nothing: there
// is no random number that could be used twice.
type Seal struct {
	block cipher.Block
	key   []byte // of tags
}

// NewSeal returns a seal. The error is [ErrSecret].
func NewSeal(secret []byte) (*Seal, error) {
	if len(secret) < minSecret {
		return nil, ErrSecret
	}
	block, err := aes.NewCipher(authenticate(secret, []byte("search cursor: text")))
	if err != nil {
		return nil, err
	}
	return &Seal{block: block, key: authenticate(secret, []byte("search cursor: tag"))}, nil
}

// close returns a text that only open can read. It overwrites plain.
func (s *Seal) close(plain []byte) string {
	tag := authenticate(s.key, plain)[:aes.BlockSize]
	cipher.NewCTR(s.block, tag).XORKeyStream(plain, plain)
	return base64.RawURLEncoding.EncodeToString(append(tag, plain...))
}

// open returns what was closed, and reports whether it was.
func (s *Seal) open(text string) (plain []byte, ok bool) {
	// Texts that differ in bits that mean nothing are not the same cursor.
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(sealed) < aes.BlockSize {
		return nil, false
	}
	tag, plain := sealed[:aes.BlockSize], sealed[aes.BlockSize:]
	cipher.NewCTR(s.block, tag).XORKeyStream(plain, plain)
	return plain, hmac.Equal(tag, authenticate(s.key, plain)[:aes.BlockSize])
}

func authenticate(key, text []byte) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	return mac.Sum(nil)
}
