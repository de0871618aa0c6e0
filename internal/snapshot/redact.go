package snapshot

import (
	"crypto/sha256"
	"fmt"
)

const redacted = "[redacted]"

// PasswordHash is the hash of a password: bcrypt, or argon2id in PHC form.
// It formats as a placeholder; convert it to string to check a password.
type PasswordHash string

// String returns a placeholder.
func (PasswordHash) String() string { return redacted }

// GoString returns a placeholder.
func (PasswordHash) GoString() string { return redacted }

// SecretContent is text of a Secret: passwords, tokens, private keys. It formats
// as a placeholder; convert it to string to use it.
type SecretContent string

// String returns a placeholder.
func (SecretContent) String() string { return redacted }

// GoString returns a placeholder.
func (SecretContent) GoString() string { return redacted }

// Content is text that was referred to: keys and certificates. It is public, but
// long, so it formats as its size and the beginning of its SHA-256; convert it
// to string to read it.
type Content string

// String returns the size and the beginning of the SHA-256.
func (c Content) String() string {
	return fmt.Sprintf("[%d bytes, sha256 %.6x]", len(c), sha256.Sum256([]byte(c)))
}

// GoString returns what String returns.
func (c Content) GoString() string { return c.String() }

// String returns which gateway the snapshot is of and its shortened hash.
func (s Snapshot) String() string {
	return fmt.Sprintf("snapshot %.12s of Gateway %s", s.Hash(), s.Gateway)
}

// MarshalText returns what String returns, so that loggers and encoders which
// meet a Snapshot do not write it out. Use Encode for all of it.
func (s Snapshot) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
