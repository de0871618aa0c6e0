package document

import "bytes"

// MergePatch applies a JSON merge patch (RFC 7396) to target, which is nil where there is nothing yet. A patch that is no
// object is the result itself, even if it is null. The protocol deviates from the RFC:
//   - An object that becomes a new member, or takes the place of something else than an object, loses the nulls of its own
//     level only. Nulls further down stay as values.
//   - A member named {{ ~regex~ }} or {{ /regex/ }}, which must be null, removes all members of the same object whose whole
//     name the regular expression matches, except those that the patch names. It is never stored.
//
// Since what counts as new depends on where the patch begins, a patch for a part of a document is applied to the whole:
// MergePatch(doc, Set(nil, path, patch)).
//
// Errors are of type [*PatchError].
func MergePatch(target, patch []byte) ([]byte, error) {
	if KindOf(patch) != Object {
		return patch, nil
	}
	m := merger{
		out:       make([]byte, 0, len(target)+len(patch)),
		templates: bytes.Contains(patch, []byte(`"{{`)),
		size:      maxPatternSize,
		work:      maxPatternWork,
	}
	if err := m.merge(target, patch); err != nil {
		return nil, err
	}
	return m.out, nil
}

// merger appends the result of a merge patch to out.
type merger struct {
	out       []byte
	templates bool // whether the patch has names that may be patterns
	size      int  // instructions that further patterns may have
	work      int  // what matching patterns may still cost
}

// merge appends what target becomes by an object as patch.
func (m *merger) merge(target, patch []byte) error {
	if KindOf(target) != Object {
		return m.add(patch)
	}
	var buf [smallObject]indexed
	changes := newIndex(patch, buf[:])
	patterns, err := m.compile(&changes)
	if err != nil {
		return err
	}
	m.out = append(m.out, '{')
	for old := range members(target) {
		name := target[old.name:old.nameEnd]
		change := changes.find(name)
		if change != nil {
			if err := m.change(name, target[old.value:old.end], changes.valueOf(change.member)); err != nil {
				return err
			}
			continue
		}
		deleted, err := m.matches(patterns, name)
		if err != nil {
			return err
		}
		if !deleted {
			m.out = append(appendComma(m.out), target[old.name:old.end]...)
		}
	}
	for _, change := range changes.members {
		if change.found {
			continue
		}
		if err := m.change(changes.nameOf(change.member), nil, changes.valueOf(change.member)); err != nil {
			return err
		}
	}
	m.out = append(m.out, '}')
	return nil
}

// change appends the member that old becomes by patch, or nothing if it is deleted.
func (m *merger) change(name, old, patch []byte) error {
	switch KindOf(patch) {
	case Null:
		return nil
	case Object:
		m.name(name)
		return m.merge(old, patch)
	default:
		m.name(name)
		m.out = append(m.out, patch...)
		return nil
	}
}

// add appends patch, an object, as it becomes where there was none.
func (m *merger) add(patch []byte) error {
	m.out = append(m.out, '{')
	for part := range members(patch) {
		name, value := patch[part.name:part.nameEnd], patch[part.value:part.end]
		if _, err := m.pattern(name, value); err != nil {
			return err
		}
		if KindOf(value) == Null {
			continue
		}
		m.name(name)
		if err := m.store(value); err != nil {
			return err
		}
	}
	m.out = append(m.out, '}')
	return nil
}

// store appends value as it is, but for patterns, which are nothing to be stored.
func (m *merger) store(value []byte) error {
	if !m.templates || KindOf(value) != Object {
		m.out = append(m.out, value...)
		return nil
	}
	m.out = append(m.out, '{')
	for part := range members(value) {
		name, value := value[part.name:part.nameEnd], value[part.value:part.end]
		re, err := m.pattern(name, value)
		if err != nil {
			return err
		}
		if re != nil {
			continue
		}
		m.name(name)
		if err := m.store(value); err != nil {
			return err
		}
	}
	m.out = append(m.out, '}')
	return nil
}

// name appends a member's name with what goes before and after it.
func (m *merger) name(name []byte) {
	m.out = append(append(appendComma(m.out), name...), ':')
}
