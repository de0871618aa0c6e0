package protocol

import "strings"

// preDefinedPrefix begins the names of a family of internal headers.
const preDefinedPrefix = "ditto-pre-defined-extra-fields"

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
	if len(name) > len(buf) {
		return internalOrCustom(string(name))
	}
	for i := range len(name) {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		buf[i] = c
	}
	if n, ok := headerNames[string(buf[:len(name)])]; ok {
		return n
	}
	if len(name) > len(preDefinedPrefix) {
		return internalOrCustom(string(name))
	}
	return customHeader
}

// internalOrCustom tells headers of the internal family from custom ones.
func internalOrCustom(name string) HeaderName {
	if len(name) >= len(preDefinedPrefix) && strings.EqualFold(name[:len(preDefinedPrefix)], preDefinedPrefix) {
		return headerPreDefinedExtraFields
	}
	return customHeader
}
