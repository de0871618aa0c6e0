package index

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// TestSplit takes keys of random things apart.
func TestSplit(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 3_000 {
		thing := thingOf(t, randomThing(random))
		for _, entry := range entriesOf(thing) {
			path, value, id := Split(append(bytes.Clone(entry), "org.acme:x"...))
			if string(id) != "org.acme:x" || !bytes.Equal(append(bytes.Clone(path), value...), entry) {
				t.Fatalf("%q: %q %q %q", entry, path, value, id)
			}
		}
	}
}

// FuzzSplit takes anything apart.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", "\x00id", "a\x00\x40\x03\x81", "a\x00\x50abc", "a\x00\x40\x01"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, key []byte) {
		path, value, id := Split(key)
		if all := append(append(bytes.Clone(path), value...), id...); path != nil && !bytes.Equal(all, key) {
			t.Errorf("%q", key)
		}
	})
}
