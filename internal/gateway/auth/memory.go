package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"hash"
	"sync"
	"sync/atomic"
	"time"
)

// rememberFor is how long a verified password is let in without being hashed again.
const rememberFor = time.Hour

// fingerprint stands for a user, a password and the stored hash that it is held against.
type fingerprint [sha256.Size]byte

// fingerprinter makes fingerprints with a key that never leaves the process: a fingerprint found in a memory dump without
// the key helps no one to guess the password.
type fingerprinter struct {
	digests sync.Pool // of *digest; a keyed one is costlier to make than to reset
}

type digest struct {
	mac hash.Hash
	buf []byte // what is digested, kept for its capacity only
}

func newFingerprinter() *fingerprinter {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // never fails
	return &fingerprinter{digests: sync.Pool{New: func() any {
		return &digest{mac: hmac.New(sha256.New, key)}
	}}}
}

func (f *fingerprinter) fingerprint(user, password, stored string) (p fingerprint) {
	d := f.digests.Get().(*digest)
	defer f.digests.Put(d)

	// The lengths keep ("ab", "c") and ("a", "bc") apart.
	for _, part := range [...]string{user, password, stored} {
		d.buf = binary.BigEndian.AppendUint32(d.buf, uint32(len(part)))
		d.buf = append(d.buf, part...)
	}
	d.mac.Reset()
	d.mac.Write(d.buf)
	d.buf = d.mac.Sum(d.buf[:0])
	copy(p[:], d.buf)
	clear(d.buf[:cap(d.buf)]) // the buffer outlives the login, the password should not
	d.buf = d.buf[:0]
	return p
}

// memory holds the fingerprint that was verified last for one user, for a limited time.
type memory struct {
	verified atomic.Pointer[verified]
}

type verified struct {
	print fingerprint
	at    time.Time
}

func (m *memory) remember(p fingerprint, now time.Time) {
	m.verified.Store(&verified{print: p, at: now})
}

// recalls tells whether p was verified lately.
func (m *memory) recalls(p fingerprint, now time.Time) bool {
	v := m.verified.Load()
	return v != nil && subtle.ConstantTimeCompare(v.print[:], p[:]) == 1 && now.Sub(v.at) < rememberFor
}
