package protocol

import (
	"iter"

	"github.com/twinway/twinway/internal/gateway/document"
)

// rawMembers iterates over the members of a JSON object whose syntax has been checked: name as JSON string, and value.
func rawMembers(object []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		_, _ = scanObject(object, 0, yield)
	}
}

// scanObject validates the JSON object that begins at b[i] and yields its members: name as JSON string, and value. It returns
// the index after the object. When yield returns false it stops.
func scanObject(b []byte, i int, yield func(name, value []byte) bool) (end int, err error) {
	if i >= len(b) || b[i] != '{' {
		return i, syntaxError(i)
	}
	i = document.SkipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		if i >= len(b) || b[i] != '"' {
			return i, syntaxError(i)
		}
		nameEnd, err := document.Skip(b, i)
		if err != nil {
			return i, err
		}
		value := document.SkipSpace(b, nameEnd)
		if value >= len(b) || b[value] != ':' {
			return value, syntaxError(value)
		}
		value = document.SkipSpace(b, value+1)
		valueEnd, err := document.Skip(b, value)
		if err != nil {
			return value, err
		}
		if !yield(b[i:nameEnd:nameEnd], b[value:valueEnd:valueEnd]) {
			return valueEnd, nil
		}
		i = document.SkipSpace(b, valueEnd)
		switch {
		case i < len(b) && b[i] == '}':
			return i + 1, nil
		case i >= len(b) || b[i] != ',':
			return i, syntaxError(i)
		}
		i = document.SkipSpace(b, i+1)
	}
}

func syntaxError(offset int) error { return &document.Error{Offset: offset, Err: document.ErrSyntax} }
