package index

import "bytes"

// Split returns the parts of a key: the path, with what ends it; the value, which is empty in the entry of a thing itself; and the
// id. What is no key has no id.
func Split(key []byte) (path, value, id []byte) {
	i := bytes.IndexByte(key, end)
	if i < 0 {
		return nil, nil, nil
	}
	path, rest := key[:i+1], key[i+1:]
	if i == 0 {
		return path, nil, rest
	}
	n := valueEnd(rest)
	return path, rest[:n], rest[n:]
}

// Things is where the entries of the things themselves are.
var Things = Range{[]byte{end}, []byte{end + 1}}

// valueEnd returns where the value ends that a text begins with.
func valueEnd(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	switch text[0] {
	case valueText:
		return 1 + bytes.IndexByte(text, end) // a value has no end before its own
	case valueNumber:
		return numberEnd(text)
	}
	return 1
}

// numberEnd is valueEnd for a number.
func numberEnd(text []byte) int {
	if len(text) < 3 || text[1] == signZero {
		return min(2, len(text))
	}
	turned := byte(0)
	if text[1] == signNegative {
		turned = 0xFF
	}
	i := 3
	if m := text[2] ^ turned; m == magnitudeBelow || m == magnitudeAbove {
		i += 8
	}
	for ; i < len(text); i++ {
		if c := text[i] ^ turned; c == noMorePairs || c == morePairs {
			return i + 1
		}
	}
	return len(text)
}
