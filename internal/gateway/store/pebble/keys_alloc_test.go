//go:build !race

package pebble

import (
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/twinway/twinway/internal/gateway/store"
)

// Steps allocate nothing, but with the race detector, where Pebble checks
// itself.
func TestKeysAllocations(t *testing.T) {
	o := Options{Dir: "/d", FS: vfs.NewMem()}
	s := mustOpen(t, o)
	for i := 0; i < 2000; i += 100 {
		var batch []store.Append
		for j := i; j < i+100; j++ {
			batch = append(batch, found(thingKey(j), 1, "", "x y z"))
		}
		applyAll(t, s, batch...)
	}
	if err := s.Close(); err != nil { // into tables
		t.Fatal(err)
	}
	s = mustOpen(t, o)
	defer s.Close()
	v, err := s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	k, err := v.Keys([]byte("x"), []byte("z"))
	if err != nil {
		t.Fatal(err)
	}
	to := []byte("y=a")
	if !k.SeekLT(to) || !k.SeekGE(to) { // makes room
		t.Fatal(k.Error())
	}
	for name, step := range map[string]func() bool{
		"Next": k.Next, "Prev": k.Prev,
		"SeekGE": func() bool { return k.SeekGE(to) }, "SeekLT": func() bool { return k.SeekLT(to) },
	} {
		k.SeekGE(to)
		if n := testing.AllocsPerRun(500, func() {
			if !step() || len(k.Key()) == 0 {
				t.Error(name, k.Error())
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
