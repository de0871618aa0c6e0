package thing

import "github.com/twinway/twinway/internal/gateway/policy/enforcer"

// VisibleParts returns what may be read of parts of a thing, or of its metadata, in an object that is rooted at the thing; nil
// if that is nothing.
func VisibleParts(parts []byte, rights *enforcer.Rights) []byte {
	view, ok := rights.View(enforcer.Thing, nil, parts, alwaysVisible...)
	if !ok {
		return nil
	}
	return view
}

// AppendField appends the value of _namespace, _revision, _created or _modified as JSON, and reports false for any other name.
func (s *State) AppendField(dst []byte, name string) ([]byte, bool) {
	return facts{s}.AppendField(dst, name)
}
