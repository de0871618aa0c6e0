package document

import "bytes"

// Minimize reduces patch to what really changes target, which is nil where there is nothing yet, and reports whether
// anything does. The minimal patch has the same effect on target as patch. Members that patch deletes by regular expression
// are named one by one in it. A patch that [MergePatch] refuses is returned as it is.
func Minimize(target, patch []byte) (minimal []byte, changed bool) {
	result, err := MergePatch(target, patch)
	if err != nil {
		return patch, true
	}
	return Diff(target, result)
}

// Diff returns the smallest patch that makes [MergePatch] turn target into result, and reports whether they differ. If
// they do not, the patch is an empty object. There is such a patch for every result of MergePatch.
func Diff(target, result []byte) (patch []byte, changed bool) {
	if KindOf(target) != Object || KindOf(result) != Object {
		if Equal(target, result) {
			return []byte("{}"), false
		}
		return result, true
	}
	patch = appendDiff(make([]byte, 0, 128), target, result)
	return patch, len(patch) > len("{}")
}

// appendDiff appends the patch that turns one object into another.
func appendDiff(dst, target, result []byte) []byte {
	dst = append(dst, '{')
	if bytes.Equal(target, result) {
		return append(dst, '}')
	}
	var buf [smallObject]indexed
	old := newIndex(target, buf[:])
	for m := range members(result) {
		name, value := result[m.name:m.nameEnd], result[m.value:m.end]
		before := old.find(name)
		if before == nil {
			dst = append(appendComma(dst), result[m.name:m.end]...)
			continue
		}
		dst = appendChange(dst, name, old.valueOf(before.member), value)
	}
	for _, m := range old.members {
		if !m.found {
			dst = append(append(appendComma(dst), old.nameOf(m.member)...), ":null"...)
		}
	}
	return append(dst, '}')
}

// appendChange appends the member of a patch that turns one value into another, if they differ.
func appendChange(dst, name, before, after []byte) []byte {
	if KindOf(before) != Object || KindOf(after) != Object {
		if Equal(before, after) {
			return dst
		}
		return append(append(append(appendComma(dst), name...), ':'), after...)
	}
	unchanged := len(dst)
	dst = append(append(appendComma(dst), name...), ':')
	start := len(dst)
	dst = appendDiff(dst, before, after)
	if len(dst) == start+len("{}") {
		return dst[:unchanged]
	}
	return dst
}
