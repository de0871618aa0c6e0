package snapshot

import "fmt"

const redacted = "[redacted]"

// PasswordHash is the hash of a password: bcrypt, or argon2id in PHC form.
// It formats as a placeholder; convert it to string to check a password.
type PasswordHash string

// String returns a placeholder.
func (PasswordHash) String() string { return redacted }

// GoString returns a placeholder.
func (PasswordHash) GoString() string { return redacted }

// String returns which gateway the snapshot is of and its shortened hash.
func (s Snapshot) String() string {
	return fmt.Sprintf("snapshot %.12s of Gateway %s", s.Hash(), s.Gateway)
}

// MarshalText returns what String returns, so that loggers and encoders which
// meet a Snapshot do not write it out. Use Encode for all of it.
func (s Snapshot) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
