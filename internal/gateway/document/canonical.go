package document

import "hash/maphash"

// Canonical validates src like [Valid] and returns its canonical form: without white space, strings escaped only where
// they must be, and of several members with one name the last value at the place of the first. Halves of surrogate pairs
// stay as escape sequences in lower case, numbers stay as they are. Text that is canonical already is returned itself, and
// nothing is allocated for it unless it has objects with very many members. U+0000 in a string is refused with [ErrNUL].
// Errors are of type [*Error].
func Canonical(src []byte) ([]byte, error) {
	c := canonicalizer{src: src}
	i, err := c.value(c.space(0))
	if err != nil {
		return nil, err
	}
	if i = c.space(i); i != len(src) {
		return nil, &Error{i, ErrSyntax}
	}
	if c.dst == nil {
		return src, nil
	}
	c.flush(i)
	return c.dst, nil
}

// canonicalizer scans src and copies nothing before the first place where src is not canonical. From there on it copies
// the runs that are.
type canonicalizer struct {
	src   []byte
	dst   []byte // canonical form of src[:run], never longer than that
	run   int    // src[run:], as far as it is scanned, is canonical and not yet copied
	depth int
}

// flush copies the run that ends before src[i].
func (c *canonicalizer) flush(i int) {
	if c.dst == nil {
		c.dst = make([]byte, 0, len(c.src))
	}
	c.dst = append(c.dst, c.src[c.run:i]...)
	c.run = i
}

// leaveOut keeps src[start:end], where scanning has got to start, out of the canonical text.
func (c *canonicalizer) leaveOut(start, end int) {
	c.flush(start)
	c.run = end
}

// written returns the index that src[i], where scanning has got, has in the canonical text.
func (c *canonicalizer) written(i int) int { return len(c.dst) + i - c.run }

// space leaves out the white space at src[i] and returns the index after it.
func (c *canonicalizer) space(i int) int {
	if i >= len(c.src) || !isSpace(c.src[i]) {
		return i
	}
	end := SkipSpace(c.src, i)
	c.leaveOut(i, end)
	return end
}

// value takes the value at src[i] and returns the index after it.
func (c *canonicalizer) value(i int) (end int, err error) {
	if i >= len(c.src) {
		return i, &Error{i, ErrSyntax}
	}
	first := c.src[i]
	switch first {
	case '"':
		return c.string(i)
	case '{', '[':
	default:
		return skipLiteral(c.src, i)
	}
	if c.depth == MaxDepth {
		return i, &Error{i, ErrDepth}
	}
	c.depth++
	if first == '{' {
		end, err = c.object(i)
	} else {
		end, err = c.array(i)
	}
	c.depth--
	return end, err
}

// array takes the array at src[i] and returns the index after it.
func (c *canonicalizer) array(i int) (int, error) {
	i = c.space(i + 1)
	if i < len(c.src) && c.src[i] == ']' {
		return i + 1, nil
	}
	for {
		end, err := c.value(i)
		if err != nil {
			return end, err
		}
		i = c.space(end)
		switch {
		case i < len(c.src) && c.src[i] == ',':
			i = c.space(i + 1)
		case i < len(c.src) && c.src[i] == ']':
			return i + 1, nil
		default:
			return i, &Error{i, ErrSyntax}
		}
	}
}

// object takes the object at src[i] and returns the index after it.
func (c *canonicalizer) object(i int) (int, error) {
	start := c.written(i)
	i = c.space(i + 1)
	if i < len(c.src) && c.src[i] == '}' {
		return i + 1, nil
	}
	var buf [32]uint64
	names := buf[:0] // hashes
	for {
		name, end, err := c.name(i)
		if err != nil {
			return end, err
		}
		names = append(names, name)
		if end, err = c.value(end); err != nil {
			return end, err
		}
		i = c.space(end)
		switch {
		case i < len(c.src) && c.src[i] == ',':
			i = c.space(i + 1)
		case i < len(c.src) && c.src[i] == '}':
			i++
			if hasTwins(names) {
				c.flush(i)
				c.dst = dropTwins(c.dst, start)
			}
			return i, nil
		default:
			return i, &Error{i, ErrSyntax}
		}
	}
}

// name takes the member name that must be at src[i], with its colon, and returns its hash and the index of the value.
func (c *canonicalizer) name(i int) (hash uint64, value int, err error) {
	start, run := c.written(i), c.run
	end, err := c.string(i)
	if err != nil {
		return 0, end, err
	}
	name := c.src[i:end]
	if c.run != run { // something in the name was not canonical
		c.flush(end)
		name = c.dst[start:]
	}
	hash = maphash.Bytes(nameSeed, name)
	if end = c.space(end); end >= len(c.src) || c.src[end] != ':' {
		return 0, end, &Error{end, ErrSyntax}
	}
	return hash, c.space(end + 1), nil
}
