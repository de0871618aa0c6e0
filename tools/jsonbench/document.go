package jsonbench

import "github.com/twinway/twinway/internal/gateway/document"

// decodeDocument scans the frame once, by hand. Raw values are parts of the frame.
func decodeDocument(frame []byte, env *envelope) error {
	env.headers = env.headers[:0]
	end, err := scanObject(frame, document.SkipSpace(frame, 0), func(name, value []byte) error {
		var err error
		switch string(name) {
		case `"topic"`:
			env.topic, err = document.Unquote(value)
		case `"path"`:
			env.path, err = document.Unquote(value)
		case `"headers"`:
			_, err = scanObject(value, 0, func(name, value []byte) error {
				text, err := document.Unquote(name)
				env.headers = append(env.headers, header{text, value})
				return err
			})
		case `"value"`:
			env.value = value
		}
		return err
	})
	if err == nil && document.SkipSpace(frame, end) != len(frame) {
		return errSyntax
	}
	return err
}

// scanObject calls member for every member of the object at b[i] and returns the index after the object.
func scanObject(b []byte, i int, member func(name, value []byte) error) (int, error) {
	if i >= len(b) || b[i] != '{' {
		return i, errSyntax
	}
	i = document.SkipSpace(b, i+1)
	if i < len(b) && b[i] == '}' {
		return i + 1, nil
	}
	for {
		nameEnd, err := document.Skip(b, i)
		if err != nil || b[i] != '"' {
			return i, errSyntax
		}
		name := b[i:nameEnd]
		i = document.SkipSpace(b, nameEnd)
		if i >= len(b) || b[i] != ':' {
			return i, errSyntax
		}
		i = document.SkipSpace(b, i+1)
		end, err := document.Skip(b, i)
		if err != nil {
			return end, err
		}
		if err := member(name, b[i:end]); err != nil {
			return i, err
		}
		i = document.SkipSpace(b, end)
		switch {
		case i < len(b) && b[i] == ',':
			i = document.SkipSpace(b, i+1)
		case i < len(b) && b[i] == '}':
			return i + 1, nil
		default:
			return i, errSyntax
		}
	}
}

func setDocument(doc []byte, path []string, value []byte) ([]byte, error) {
	return document.Set(doc, path, value), nil
}
