package document

import "bytes"

// StripNulls returns value without the object members that are null, at any depth but not inside arrays. It returns value
// itself if there are none.
func StripNulls(value []byte) []byte {
	if !bytes.Contains(value, []byte(":null")) {
		return value
	}
	return appendWithoutNulls(make([]byte, 0, len(value)), value)
}

func appendWithoutNulls(dst, value []byte) []byte {
	if KindOf(value) != Object {
		return append(dst, value...)
	}
	dst = append(dst, '{')
	for m := range members(value) {
		if KindOf(value[m.value:m.end]) == Null {
			continue
		}
		dst = append(appendComma(dst), value[m.name:m.value]...)
		dst = appendWithoutNulls(dst, value[m.value:m.end])
	}
	return append(dst, '}')
}

// StripEmpty is [StripNulls], but leaves out objects, too, of which nothing is left, or which were empty. Of the value itself at
// least an empty object is left.
func StripEmpty(value []byte) []byte {
	if !bytes.Contains(value, []byte(":null")) && !bytes.Contains(value, []byte(":{}")) {
		return value
	}
	return appendWithoutEmpty(make([]byte, 0, len(value)), value)
}

func appendWithoutEmpty(dst, value []byte) []byte {
	if KindOf(value) != Object {
		return append(dst, value...)
	}
	dst = append(dst, '{')
	for m := range members(value) {
		if KindOf(value[m.value:m.end]) == Null {
			continue
		}
		without := len(dst)
		dst = append(appendComma(dst), value[m.name:m.value]...)
		start := len(dst)
		if dst = appendWithoutEmpty(dst, value[m.value:m.end]); string(dst[start:]) == "{}" {
			dst = dst[:without]
		}
	}
	return append(dst, '}')
}
