package document

import "slices"

// Delete returns a copy of doc without the value that p addresses. It returns doc itself and false if there is none, and
// nil if p addresses the whole document.
func Delete(doc []byte, p Pointer) ([]byte, bool) {
	at, rest := find(doc, p)
	if len(rest) > 0 || len(doc) == 0 {
		return doc, false
	}
	if len(p) == 0 {
		return nil, true
	}
	start, end := at.name, at.end
	if end < len(doc) && doc[end] == ',' {
		end++
	} else if doc[start-1] == ',' {
		start--
	}
	return slices.Concat(doc[:start], doc[end:]), true
}
