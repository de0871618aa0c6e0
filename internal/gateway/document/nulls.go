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
