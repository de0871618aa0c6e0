package auth

import (
	"testing"
	"time"
)

func TestFingerprintsDiffer(t *testing.T) {
	f := newFingerprinter()
	base := f.fingerprint("user", "password", "hash")
	if base != f.fingerprint("user", "password", "hash") {
		t.Error("the same input has two fingerprints")
	}
	for name, other := range map[string]fingerprint{
		"user":        f.fingerprint("User", "password", "hash"),
		"password":    f.fingerprint("user", "passwort", "hash"),
		"stored hash": f.fingerprint("user", "password", "cash"),
		"boundary":    f.fingerprint("userp", "assword", "hash"),
		"key":         newFingerprinter().fingerprint("user", "password", "hash"),
	} {
		if base == other {
			t.Errorf("another %s, the same fingerprint", name)
		}
	}
}

func TestMemoryForgets(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var m memory
	p := fingerprint{1}
	if m.recalls(fingerprint{}, now) {
		t.Error("an empty memory recalls")
	}
	m.remember(p, now)
	if !m.recalls(p, now.Add(rememberFor-1)) {
		t.Error("forgotten too early")
	}
	if m.recalls(p, now.Add(rememberFor)) {
		t.Error("not forgotten in time")
	}
	if m.recalls(fingerprint{2}, now) {
		t.Error("recalls another fingerprint")
	}
}
