package document

import "bytes"

// A mirror is an object that says something of the parts of another document. What it says of a part lies where the part is in
// the document, in the same object as what it says of the part's own parts:
//
//	{"a":{"b":1}}          a document
//	{"a":{"unit":"m","b":{"unit":"s"}}}   a mirror that tells a unit of a, and one of a/b
//
// Names that are no members of the document are labels, like unit here.

// Prune returns a mirror of before as a mirror of after: without what it says of parts that are gone. Objects of which nothing
// is left go, too. Labels stay. The mirror itself is returned if it keeps everything.
func Prune(mirror, before, after []byte) []byte {
	if KindOf(mirror) != Object || bytes.Equal(before, after) {
		return mirror
	}
	out := appendPruned(make([]byte, 0, len(mirror)), mirror, before, after)
	if len(out) == len(mirror) {
		return mirror
	}
	return out
}

func appendPruned(dst, mirror, before, after []byte) []byte {
	var bufBefore, bufAfter [smallObject]indexed
	was, is := newIndex(before, bufBefore[:]), newIndex(after, bufAfter[:])
	dst = append(dst, '{')
	for m := range members(mirror) {
		name, value := mirror[m.name:m.nameEnd], mirror[m.value:m.end]
		old, wasThere := was.value(name)
		now, isThere := is.value(name)
		switch {
		case wasThere && !isThere:
		case !wasThere || len(value) <= len(`{}`) || KindOf(value) != Object:
			dst = append(appendComma(dst), mirror[m.name:m.end]...)
		default:
			without := len(dst)
			dst = append(append(appendComma(dst), name...), ':')
			start := len(dst)
			if dst = appendPruned(dst, value, old, now); len(dst) == start+len(`{}`) {
				dst = dst[:without]
			}
		}
	}
	return append(dst, '}')
}
