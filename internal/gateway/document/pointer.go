package document

import (
	"errors"
	"strings"
)

// ErrPointer says that text is no JSON pointer: it has an empty reference token or more than [MaxDepth] of them.
var ErrPointer = errors.New("invalid JSON pointer")

// Pointer addresses a value inside a document by the member names that lead to it, outermost first. A pointer without
// names addresses the whole document. Arrays have no members: a pointer never leads into one.
type Pointer []string

// ParsePointer reads a JSON pointer. The leading slash is optional and one trailing slash is ignored. In a reference
// token ~0 stands for ~, and nothing stands for a slash: ~1 is not decoded.
func ParsePointer(s string) (Pointer, error) {
	if strings.Contains(s, "//") {
		return nil, ErrPointer
	}
	s = strings.TrimPrefix(s, "/")
	s = strings.TrimSuffix(s, "/")
	if s == "" {
		return nil, nil
	}
	n := strings.Count(s, "/") + 1
	if n > MaxDepth {
		return nil, ErrPointer
	}
	p := make(Pointer, 0, n)
	for token := range strings.SplitSeq(s, "/") {
		p = append(p, strings.ReplaceAll(token, "~0", "~"))
	}
	return p, nil
}

// String returns the pointer as text that begins with a slash; the root is "/".
func (p Pointer) String() string {
	if len(p) == 0 {
		return "/"
	}
	size := 0
	for _, token := range p {
		size += len("/") + len(token)
	}
	return string(p.Append(make([]byte, 0, size)))
}

// Append appends the pointer as String returns it, except that the root is empty.
func (p Pointer) Append(dst []byte) []byte {
	for _, token := range p {
		dst = append(dst, '/')
		if strings.IndexByte(token, '~') >= 0 {
			token = strings.ReplaceAll(token, "~", "~0")
		}
		dst = append(dst, token...)
	}
	return dst
}
