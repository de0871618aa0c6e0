package protocol

import "bytes"

// internalPrefix begins the names of a family of internal headers.
const internalPrefix = "ditto-pre-defined-extra-fields"

// headerNames leads from the name of a header, in lower case, to the header.
var headerNames = func() map[string]HeaderName {
	names := make(map[string]HeaderName, len(catalogue))
	for n := customHeader + 1; int(n) < len(catalogue); n++ {
		names[catalogue[n].name] = n
	}
	return names
}()

// lookup returns the header with the name, in whatever case.
func lookup[T string | []byte](name T) HeaderName {
	var buf [40]byte // longer than every name of the catalogue
	lower := buf[:min(len(name), len(buf))]
	for i := range lower {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	if n, ok := headerNames[string(lower)]; ok && len(lower) == len(name) {
		return n
	}
	if bytes.HasPrefix(lower, []byte(internalPrefix)) {
		return headerPreDefinedExtraFields
	}
	return customHeader
}
