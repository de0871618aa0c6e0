package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// Keys are compared as bytes, and walked in both directions. Bounds cut off
// what is outside, wherever one asks to go.
func testKeysAgainstModel(t *testing.T, opener Opener) {
	s := open(t, opener)
	rng := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // No secret depends on it.
	text := func() []byte {
		b := make([]byte, rng.IntN(4))
		for i := range b {
			b[i] = []byte{0, 1, 'a', 'b', 0xFF}[rng.IntN(5)]
		}
		return b
	}
	there := map[string]bool{}
	for i := range 60 {
		a := change(thing(fmt.Sprintf("%c:%d", "ab\xff"[i%3], i)), 1)
		for range rng.IntN(5) {
			entry := append(text(), '=')
			a.Index.Add = append(a.Index.Add, entry)
			there[string(entry)+a.Key.ID] = true
		}
		apply(t, s, a)
	}
	var all []string
	for key := range there {
		all = append(all, key)
	}
	slices.Sort(all)
	v := view(t, s)
	for range 200 {
		lower, upper := text(), text()
		if rng.IntN(4) == 0 {
			lower = nil
		}
		if rng.IntN(4) == 0 {
			upper = nil
		}
		model := &keysModel{at: -1}
		for _, key := range all {
			if key >= string(lower) && (upper == nil || key < string(upper)) {
				model.keys = append(model.keys, key)
			}
		}
		k, err := v.Keys(lower, upper)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			walked := walk(rng.IntN(6), append(text(), "=a"[:rng.IntN(3)]...), model.keys != nil && model.at >= 0 && model.at < len(model.keys))
			if want, got := walked(model), walked(k); want != got {
				t.Fatalf("between %q and %q: %s, want %s", lower, upper, got, want)
			}
		}
		if err := k.Error(); err != nil {
			t.Error(err)
		}
		closeIt(t, k)
	}
}

// walker is what Keys and the model of them have in common.
type walker interface {
	First() bool
	Last() bool
	SeekGE(key []byte) bool
	SeekLT(key []byte) bool
	Next() bool
	Prev() bool
	Key() []byte
}

// walk returns a step, which tells where it has gone to. Neighbours are only
// asked for if there is a key.
func walk(kind int, to []byte, onKey bool) func(walker) string {
	if kind >= 4 && !onKey {
		kind -= 4
	}
	return func(w walker) string {
		ok := false
		switch kind {
		case 0:
			ok = w.First()
		case 1:
			ok = w.Last()
		case 2:
			ok = w.SeekGE(to)
		case 3:
			ok = w.SeekLT(to)
		case 4:
			ok = w.Next()
		case 5:
			ok = w.Prev()
		}
		return fmt.Sprintf("%s %q: %v %q", []string{"First", "Last", "SeekGE", "SeekLT", "Next", "Prev"}[kind], to, ok, w.Key())
	}
}

// keysModel is what Keys are to do, with a list.
type keysModel struct {
	keys []string
	at   int
}

func (m *keysModel) to(i int) bool {
	m.at = i
	return i >= 0 && i < len(m.keys)
}

func (m *keysModel) First() bool { return m.to(0) }
func (m *keysModel) Last() bool  { return m.to(len(m.keys) - 1) }
func (m *keysModel) Next() bool  { return m.to(m.at + 1) }
func (m *keysModel) Prev() bool  { return m.to(m.at - 1) }

func (m *keysModel) SeekGE(key []byte) bool {
	i, _ := slices.BinarySearch(m.keys, string(key))
	return m.to(i)
}

func (m *keysModel) SeekLT(key []byte) bool {
	m.SeekGE(key)
	return m.to(m.at - 1)
}

func (m *keysModel) Key() []byte {
	if !m.to(m.at) {
		return nil
	}
	return []byte(m.keys[m.at])
}
