package document

// Overlay returns what is below together with what is above, which is what counts where both have something. Only objects are
// joined, at any depth; other than in a patch, null is a value. What is only above comes last.
func Overlay(below, above []byte) []byte {
	return appendOverlay(make([]byte, 0, len(below)+len(above)), below, above)
}

func appendOverlay(dst, below, above []byte) []byte {
	if KindOf(below) != Object || KindOf(above) != Object {
		return append(dst, above...)
	}
	var buf [smallObject]indexed
	upper := newIndex(above, buf[:])
	dst = append(dst, '{')
	for m := range members(below) {
		dst = appendComma(dst)
		over := upper.find(below[m.name:m.nameEnd])
		if over == nil {
			dst = append(dst, below[m.name:m.end]...)
			continue
		}
		dst = append(dst, below[m.name:m.value]...)
		dst = appendOverlay(dst, below[m.value:m.end], upper.valueOf(over.member))
	}
	for _, m := range upper.members {
		if !m.found {
			dst = append(appendComma(dst), above[m.name:m.end]...)
		}
	}
	return append(dst, '}')
}
