package enforcer

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
)

// maxDepth is how many levels of a document are looked into. Stored ones are nested less deeply than that; what is below is
// left out.
const maxDepth = 3 * document.MaxDepth

// View returns what of doc, which is at the path, may be read. It reports false if nothing is left.
//
// A scalar, null or an empty object or array is kept if reading it is effective. Others are kept as far as something in them
// is. Elements of arrays have the path of their array. The members of a root called one of always are kept together with
// anything else, if reading anything below the root is permitted.
//
// The view is doc itself if all of it may be read, and never longer.
func (r *Rights) View(t ResourceType, path document.Pointer, doc []byte, always ...string) (view []byte, ok bool) {
	at := r.at(t, path)
	switch {
	case at.readable():
		return doc, true
	case at.hidden():
		return nil, false
	}
	if len(path) > 0 {
		always = nil
	}
	v := viewer{rights: r, out: make([]byte, 0, len(doc))}
	if !v.value(at, doc, always, maxDepth) {
		return nil, false
	}
	if len(v.out) == len(doc) {
		return doc, true
	}
	return v.out, true
}

// Event returns what of a change of a thing may be read: the value that was set or merged at the path, as View does. A change
// without a value, such as a deletion, is told to those who may effectively read the path. It reports false if the event is not
// to be delivered.
func (r *Rights) Event(path document.Pointer, value []byte, always ...string) (view []byte, ok bool) {
	if len(value) == 0 {
		return nil, r.Effective(Thing, path, Read)
	}
	return r.View(Thing, path, value, always...)
}

// readable reports whether all that is at the place and below may be read.
func (p place) readable() bool { return p.effective&^p.revokeBelow&Read != 0 }

// hidden reports whether nothing that is at the place and below may be read.
func (p place) hidden() bool { return (p.effective|p.grantBelow)&Read == 0 }

// viewer writes what may be read.
type viewer struct {
	rights *Rights
	out    []byte
}

// value appends what may be read of the value at a place, and reports whether that is anything.
func (v *viewer) value(at place, raw []byte, always []string, depth int) bool {
	switch {
	case at.readable():
		v.out = append(v.out, raw...)
		return true
	case at.hidden() || depth == 0:
		return false
	case len(raw) > len("{}") && raw[0] == '{':
		return v.object(at, raw, always, depth-1)
	case len(raw) > len("[]") && raw[0] == '[':
		return v.array(at, raw, depth-1)
	case at.effective&Read == 0:
		return false
	}
	v.out = append(v.out, raw...)
	return true
}

func (v *viewer) object(at place, raw []byte, always []string, depth int) bool {
	before := len(v.out)
	v.out = append(v.out, '{')
	for name, value := range document.Members(raw) {
		mark := len(v.out)
		if mark > before+1 {
			v.out = append(v.out, ',')
		}
		v.out = append(document.AppendString(v.out, name), ':')
		if slices.Contains(always, name) {
			v.out = append(v.out, value...)
		} else if !v.value(v.rights.enter(at, name), value, nil, depth) {
			v.out = v.out[:mark]
		}
	}
	return v.close(before, '}')
}

func (v *viewer) array(at place, raw []byte, depth int) bool {
	before := len(v.out)
	v.out = append(v.out, '[')
	for value := range document.Elements(raw) {
		mark := len(v.out)
		if mark > before+1 {
			v.out = append(v.out, ',')
		}
		if !v.value(at, value, nil, depth) {
			v.out = v.out[:mark]
		}
	}
	return v.close(before, ']')
}

// close ends what began at before, or takes it back if nothing is in it.
func (v *viewer) close(before int, end byte) bool {
	if len(v.out) == before+1 {
		v.out = v.out[:before]
		return false
	}
	v.out = append(v.out, end)
	return true
}
