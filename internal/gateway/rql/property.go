package rql

import (
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// specialFields are the properties that [Facts] are asked for.
var specialFields = []string{"_namespace", "_revision", "_modified", "_created"}

// placeholderGroups begin the names of properties that are no part of a document.
var placeholderGroups = []string{"topic:", "resource:", "entity:", "thing:", "feature:"}

// isPlaceholder tells whether the property is no part of a document.
func (p Property) isPlaceholder() bool {
	return slices.ContainsFunc(placeholderGroups, func(group string) bool { return strings.HasPrefix(p.Name, group) })
}

// unescape resolves the escape sequences of a reference token.
var unescape = strings.NewReplacer("~0", "~", "~1", "/")

// pointer returns where in a document the property is. Errors: ErrProperty, ErrTooComplex.
func (p Property) pointer() (document.Pointer, error) {
	tokens := strings.Split(p.Name, "/")
	switch {
	case slices.Contains(tokens, ""):
		return nil, &Error{Err: ErrProperty, Expected: "a path without empty names", Found: shorten(p.Name), Offset: p.Offset}
	case len(tokens) > document.MaxDepth:
		return nil, &Error{Err: ErrTooComplex, Found: shorten(p.Name), Offset: p.Offset}
	}
	for i, token := range tokens {
		if strings.Contains(token, "~") {
			tokens[i] = unescape.Replace(token)
		}
	}
	return tokens, nil
}

// isFeature tells whether the pointer is that of a whole feature.
func isFeature(p document.Pointer) bool { return len(p) == 2 && p[0] == "features" }
