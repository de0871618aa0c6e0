package thing

import "github.com/twinway/twinway/internal/gateway/protocol"

// checkNames checks the names of all members of all objects in a canonical value and returns how deep it nests.
func checkNames(value []byte) (depth int, err *protocol.Error) {
	open := 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '{', '[':
			open++
			depth = max(depth, open)
		case '}', ']':
			open--
		case '"':
			end, plain := textEnd(value, i)
			// In canonical text only a name has a colon right after it.
			if end < len(value) && value[end] == ':' {
				if err := checkName(value[i:end], plain); err != nil {
					return depth, err
				}
			}
			i = end - 1
		}
	}
	return depth, nil
}

// maxPlainName is how long a name of plain characters may be.
const maxPlainName = 256

// checkName checks a name with its quotes. Plain says that it stands for itself and consists of characters that names
// may have.
func checkName(raw []byte, plain bool) *protocol.Error {
	if length := len(raw) - len(`""`); plain && 0 < length && length <= maxPlainName {
		return nil
	}
	return protocol.ValidateKey(textOf(raw))
}

// textEnd returns the index after the string that begins at b[i], and whether it has only ASCII characters without
// escape sequences, slashes and controls.
func textEnd(b []byte, i int) (end int, plain bool) {
	plain = true
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1, plain
		case c == '\\':
			plain = false
			i++
		case c == '/' || c >= 0x7F:
			plain = false
		}
	}
	return len(b), plain
}

// checkPath checks the names that a client chose in the path: feature ids and everything below attributes and properties.
func (c *Command) checkPath() *protocol.Error {
	p := c.Path.Pointer
	for i, name := range p {
		if i == 0 || i == 2 && p[0] == memberFeatures {
			continue // the protocol's own names
		}
		if err := protocol.ValidateKey(name); err != nil {
			return err
		}
		// In a patch it would delete by regular expression what its path does not say.
		if c.Action == protocol.Merge && isPattern(name) {
			return protocol.ErrMergeInvalid("The path must not hold a regular expression: " + name + ".")
		}
	}
	return nil
}
