package pebble_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/twinway/twinway/internal/gateway/store/pebble"
)

// TestSecret opens a store again and again: the secret stays the same, as long as its file is as it was, and no two directories
// have the same.
func TestSecret(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "TWINWAY-SECRET")
	first := secretOf(t, dir)
	if len(first) < 16 {
		t.Fatalf("%d bytes", len(first))
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the file has the mode %v", mode)
	}
	if again := secretOf(t, dir); !bytes.Equal(again, first) {
		t.Error("it is another one after a restart")
	}
	if elsewhere := secretOf(t, t.TempDir()); bytes.Equal(elsewhere, first) {
		t.Error("another store has the same")
	}
	for what, damage := range map[string]func() error{
		"cut off": func() error { return os.Truncate(file, 5) }, "longer": func() error { return os.Truncate(file, 100) },
		"removed": func() error { return os.Remove(file) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		made := secretOf(t, dir)
		if len(made) != len(first) || bytes.Equal(made, first) || bytes.Count(made, []byte{0}) > len(made)/2 {
			t.Errorf("%s: it is %x", what, made)
		}
		if again := secretOf(t, dir); !bytes.Equal(again, made) {
			t.Errorf("%s: it is made anew twice", what)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(file, 0o700); err != nil {
		t.Fatal(err)
	}
	s := openIn(t, dir)
	if _, err := s.Secret(); err == nil {
		t.Error("a file that cannot be read is no error")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func openIn(t *testing.T, dir string) *pebble.Store {
	t.Helper()
	s, err := pebble.Open(pebble.Options{Dir: dir, CacheSize: 8 << 20, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// secretOf opens the store of a directory for a moment.
func secretOf(t *testing.T, dir string) []byte {
	t.Helper()
	s := openIn(t, dir)
	secret, err := s.Secret()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return secret
}
