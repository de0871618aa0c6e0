package index

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Bytes with a meaning in keys, in their order: so what is below a name follows the name itself at once. Text never has them as
// they are.
const (
	end       = iota // of a path, or of a value
	escape           // what follows stands for something else
	separator        // of the names on a path
	meanings         // how many there are
)

// shortened is what follows an escape where a text goes on, or has its hash behind it. What else follows is one of the bytes
// with a meaning, which it stands for, and 1 more.
const shortened = meanings + 1

// maxPath is how long a path may be before it is replaced by its beginning and a hash, in bytes.
const maxPath = 128

// appendName appends a name to a path.
func appendName(path []byte, name string) []byte {
	if len(path) > 0 {
		path = append(path, separator)
	}
	for i := range len(name) {
		path = appendByte(path, name[i])
	}
	return path
}

// appendQuoted appends a name as it stands in documents.
func appendQuoted(path, quoted []byte) []byte {
	inside := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(inside, '\\') < 0 {
		if len(path) > 0 {
			path = append(path, separator)
		}
		return append(path, inside...) // the bytes with a meaning are escaped in documents
	}
	name, _ := document.Unquote(quoted) // names of documents can be
	return appendName(path, name)
}

// appendByte appends a byte of a text.
func appendByte(dst []byte, c byte) []byte {
	if c < meanings {
		return append(dst, escape, c+1)
	}
	return append(dst, c)
}

// appendPath appends what entries of a path begin with. The id of a feature is never cut: it can be read from the entries.
func appendPath(dst, path []byte) []byte {
	if len(path) <= maxPath {
		return append(append(dst, path...), end)
	}
	kept := max(maxPath/2, featureEnd(path))
	sum := sha256.Sum256(path)
	dst = append(dst, path[:kept]...)
	dst = append(dst, escape, shortened)
	dst = hex.AppendEncode(dst, sum[:])
	return append(dst, end)
}

var featuresPath = append(appendName(nil, "features"), separator)

// featureEnd returns where the id of the feature ends that a path or a key is in, 0 if it is in none.
func featureEnd(path []byte) int {
	if !bytes.HasPrefix(path, featuresPath) {
		return 0
	}
	for i := len(featuresPath); i < len(path); i++ {
		switch path[i] {
		case end, separator:
			return i
		case escape:
			if i+1 < len(path) && path[i+1] == shortened {
				return i
			}
			i++
		}
	}
	return len(path)
}

// pathOf returns the path of names.
func pathOf(names []string) (path []byte) {
	for _, name := range names {
		path = appendName(path, name)
	}
	return path
}
