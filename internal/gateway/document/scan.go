package document

// MaxDepth is how many levels of arrays and objects a JSON text may nest.
const MaxDepth = 100

// SkipSpace returns the index of the first byte of b at or after i that is not JSON white space, or len(b).
func SkipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

// Valid returns nil if b is one JSON value, with or without white space around it, and an [*Error] otherwise.
func Valid(b []byte) error {
	end, err := Skip(b, SkipSpace(b, 0))
	if err != nil {
		return err
	}
	if end = SkipSpace(b, end); end != len(b) {
		return &Error{end, ErrSyntax}
	}
	return nil
}

// nesting remembers for every open array and object which of the two it is.
type nesting struct {
	objects [(MaxDepth + 63) / 64]uint64
	depth   int
}

// open notes that an object or array begins and reports whether it may.
func (n *nesting) open(object bool) bool {
	if n.depth >= MaxDepth {
		return false
	}
	word, bit := n.depth>>6, uint64(1)<<(n.depth&63)
	if object {
		n.objects[word] |= bit
	} else {
		n.objects[word] &^= bit
	}
	n.depth++
	return true
}

// inObject reports whether the innermost open value is an object.
func (n *nesting) inObject() bool {
	d := n.depth - 1
	return n.objects[d>>6]>>(d&63)&1 != 0
}

// Skip validates the JSON value that begins at b[i], where no white space is allowed, and returns the index after it.
// It checks syntax, UTF-8 and depth, but neither duplicate names nor U+0000. Errors are of type [*Error].
func Skip(b []byte, i int) (end int, err error) {
	var open nesting
	for {
		// A value is expected at i.
		if i >= len(b) {
			return i, &Error{i, ErrSyntax}
		}
		switch c := b[i]; c {
		case '"':
			if i, err = skipString(b, i); err != nil {
				return i, err
			}
		case '{', '[':
			if !open.open(c == '{') {
				return i, &Error{i, ErrDepth}
			}
			i = SkipSpace(b, i+1)
			if i < len(b) && b[i] == c+2 { // '}' and ']' are two code points after their opening counterparts
				i++
				open.depth--
				break
			}
			if c == '{' {
				if i, err = skipName(b, i); err != nil {
					return i, err
				}
			}
			continue
		default:
			if i, err = skipLiteral(b, i); err != nil {
				return i, err
			}
		}
		// A value has ended before i: close what ends with it, then go to the next one.
		for {
			if open.depth == 0 {
				return i, nil
			}
			i = SkipSpace(b, i)
			if i >= len(b) {
				return i, &Error{i, ErrSyntax}
			}
			object := open.inObject()
			switch c := b[i]; {
			case c == ',':
			case object && c == '}', !object && c == ']':
				i++
				open.depth--
				continue
			default:
				return i, &Error{i, ErrSyntax}
			}
			i = SkipSpace(b, i+1)
			if object {
				if i, err = skipName(b, i); err != nil {
					return i, err
				}
			}
			break
		}
	}
}

// skipName validates a member name at b[i] with the colon after it and returns the index of the member's value.
func skipName(b []byte, i int) (int, error) {
	i, err := skipString(b, i)
	if err != nil {
		return i, err
	}
	i = SkipSpace(b, i)
	if i >= len(b) || b[i] != ':' {
		return i, &Error{i, ErrSyntax}
	}
	return SkipSpace(b, i+1), nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
