package snapshot

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// content is a Snapshot without the methods that redact it.
type content Snapshot

// Encode returns the canonical JSON of the snapshot, password hashes included:
// members in the order of the fields, maps sorted by key, no white space.
func (s Snapshot) Encode() []byte {
	// Marshalling fails on functions, channels, cycles and non-finite numbers
	// only, and a Snapshot can hold none of them.
	data, _ := json.Marshal(content(s))
	return data
}

// Hash returns the identity of the snapshot: the SHA-256 of its encoding, in
// lower-case hexadecimal.
func (s Snapshot) Hash() string {
	sum := sha256.Sum256(s.Encode())
	return hex.EncodeToString(sum[:])
}
