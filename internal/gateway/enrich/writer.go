package enrich

import "github.com/twinway/twinway/internal/gateway/document"

// writer writes an object.
type writer struct{ out []byte }

// members appends the members of another object, which may be nil.
func (w *writer) members(object []byte) {
	if len(object) > len(`{}`) {
		w.comma()
		w.out = append(w.out, object[1:len(object)-1]...)
	}
}

// member appends a member, unless it would be nothing or an empty object.
func (w *writer) member(name string, value []byte) {
	if len(value) <= len(`{}`) {
		return
	}
	w.name(name)
	w.out = append(w.out, value...)
}

// field appends a special field of a thing, if it has it.
func (w *writer) field(t Thing, name string) {
	before := len(w.out)
	w.name(name)
	out, ok := t.AppendField(w.out, name)
	if w.out = out; !ok {
		w.out = w.out[:before]
	}
}

func (w *writer) name(name string) {
	w.comma()
	w.out = append(document.AppendString(w.out, name), ':')
}

func (w *writer) comma() {
	if len(w.out) > 1 {
		w.out = append(w.out, ',')
	}
}

// object returns the object, nil if it is empty.
func (w *writer) object() []byte {
	if len(w.out) == 1 {
		return nil
	}
	return append(w.out, '}')
}
