package broker

// book is what is known by a text. Its zero value is empty.
type book[V comparable] struct {
	entries map[string]V
	peak    int // how many there were, since it was empty last
}

// roomy is how many entries a book may have room for while it is empty.
const roomy = 64

func (b *book[V]) len() int { return len(b.entries) }

// get returns the entry under a text, and the zero value if there is none.
func (b *book[V]) get(key string) V { return b.entries[key] }

// enter puts an entry under a text, and reports whether there was none.
func (b *book[V]) enter(key string, v V) bool {
	if _, taken := b.entries[key]; taken {
		return false
	}
	if b.entries == nil {
		b.entries = map[string]V{}
	}
	b.entries[key] = v
	b.peak = max(b.peak, len(b.entries))
	return true
}

// strike takes out the entry under a text if it is v, and reports whether it was. A map that was large does not become
// small: it is given away when it is empty.
func (b *book[V]) strike(key string, v V) bool {
	if entry, found := b.entries[key]; !found || entry != v {
		return false
	}
	delete(b.entries, key)
	if len(b.entries) == 0 {
		if b.peak > roomy {
			b.entries = nil
		}
		b.peak = 0
	}
	return true
}
