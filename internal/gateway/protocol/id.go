package protocol

import (
	"strings"
	"unicode/utf8"
)

// maxIDChars is how long an id, a key or a subject may be, in UTF-16 code units.
const maxIDChars = 256

// ValidateID checks the id of a thing or policy. A namespace is empty or consists of identifiers of ASCII letters, digits
// and underscores, beginning with a letter, with dots or dashes between them. A name has at least one character, and neither
// slashes, control characters nor any of U+007F to U+00FF. Together, with the colon, they have at most 256 characters.
// The error is things:id.invalid.
func ValidateID(namespace, name string) *Error {
	switch {
	case !validNamespace(namespace):
		return ErrThingIDInvalid(namespace+":"+name, "The namespace must be identifiers with dots or dashes between them.")
	case name == "":
		return ErrThingIDInvalid(namespace+":", "The name is empty.")
	case !validName(name):
		return ErrThingIDInvalid(namespace+":"+name, "The name has characters that names may not have.")
	case utf16Len(namespace)+1+utf16Len(name) > maxIDChars:
		return ErrThingIDInvalid(namespace+":"+name, "It is longer than 256 characters.")
	}
	return nil
}

// ValidateKey checks a key of attributes or properties, or the id of a feature, by the rules for names. It has at most 256
// characters. The error is json.key.invalid.
func ValidateKey(key string) *Error {
	switch {
	case key == "":
		return ErrKeyInvalid(key, "It is empty.")
	case !validName(key):
		return ErrKeyInvalid(key, "It has a slash, a control character or another that keys may not have.")
	case utf16Len(key) > maxIDChars:
		return ErrKeyInvalid(key, "It is longer than 256 characters.")
	}
	return nil
}

// ValidateSubject checks the subject of a message. It may have slashes, other than a name. The error is
// messages:subject.invalid.
func ValidateSubject(subject string) *Error {
	if !validText(subject) || utf16Len(subject) > maxIDChars {
		return ErrSubjectInvalid(subject)
	}
	return nil
}

// validNamespace reports whether s is empty or identifiers with dots or dashes between them.
func validNamespace(s string) bool {
	if s == "" {
		return true
	}
	start := true // of an identifier
	for i := range len(s) {
		c := s[i]
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		switch {
		case letter:
			start = false
		case start:
			return false
		case c == '.' || c == '-':
			start = true
		case c != '_' && (c < '0' || c > '9'):
			return false
		}
	}
	return !start
}

// validName reports whether s is not empty and has only characters that names may have.
func validName(s string) bool { return validText(s) && !strings.Contains(s, "/") }

// validText is validName with slashes. Protocol rule: the whole Latin-1 supplement is excluded, what lies beyond is not.
func validText(s string) bool {
	for i, r := range s {
		if r < ' ' || r >= 0x7F && r <= 0xFF {
			return false
		}
		if r == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return false // not UTF-8
		}
	}
	return s != ""
}

// utf16Len returns how many UTF-16 code units s has, which is what the protocol means by characters.
func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r >= 0x10000 {
			n++
		}
	}
	return n
}

// NamespaceOf returns the part of an id before the first colon, "" if there is none.
func NamespaceOf(id string) string {
	namespace, _, _ := strings.Cut(id, ":")
	return namespace
}
