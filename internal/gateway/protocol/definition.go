package protocol

import (
	"net/url"
	"strings"
)

// ValidateDefinition checks the identifier of a thing's or feature's definition: "namespace:name:version", each of ASCII
// letters, digits, underscores, dashes and dots, or an http or https URL with a host. The error is
// things:definition.identifier.invalid.
func ValidateDefinition(s string) *Error {
	if isDefinitionURL(s) || isDefinitionTriple(s) {
		return nil
	}
	return ErrDefinitionInvalid(s)
}

func isDefinitionTriple(s string) bool {
	parts := 0
	for part := range strings.SplitSeq(s, ":") {
		parts++
		if part == "" || strings.IndexFunc(part, notInDefinition) >= 0 {
			return false
		}
	}
	return parts == 3
}

func notInDefinition(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '-', r == '.':
		return false
	}
	return true
}

func isDefinitionURL(s string) bool {
	if !strings.HasPrefix(s, "http") {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}
