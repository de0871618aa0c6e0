package protocol

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// CheckExtraFields checks a selector of fields that signals are enriched with. Protocol rule: one with placeholders is not
// known before they are resolved.
func CheckExtraFields(selector string) *Error {
	if strings.Contains(selector, "{{") {
		return nil
	}
	fields, err := document.ParseSelector(selector)
	if err != nil {
		return ErrFieldSelectorInvalid(selector)
	}
	for _, p := range fields.Pointers() {
		if !isExtraField(p) {
			return ErrFieldSelectionInvalid(p.String())
		}
	}
	return nil
}

// isExtraField reports whether a thing has such a member, or can have it below its containers.
func isExtraField(p document.Pointer) bool {
	if len(p) == 0 {
		return false
	}
	switch p[0] {
	case "thingId", "policyId", "definition", "_namespace", "_revision", "_created", "_modified", "_policy":
		return len(p) == 1
	case "_metadata", "_context", "features", "attributes":
		return true
	}
	return false
}
