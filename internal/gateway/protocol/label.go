package protocol

import "strings"

// Labels of acknowledgements that the server issues itself.
const (
	LabelTwinPersisted   = "twin-persisted"
	LabelLiveResponse    = "live-response"
	LabelSearchPersisted = "search-persisted"
)

// Bounds of a label, in characters.
const (
	minLabel = 3
	maxLabel = 165
)

// ValidateLabel checks the label of an acknowledgement: 3 to 165 ASCII letters, digits, dashes, underscores and colons,
// optionally after a placeholder and a colon, "{{ns:name}}:". The error is acknowledgement:label.invalid.
func ValidateLabel(label string) *Error {
	if !validLabel(label) {
		return ErrLabelInvalid(label)
	}
	return nil
}

func validLabel(s string) bool {
	if rest, found := strings.CutPrefix(s, "{{"); found {
		placeholder, label, found := strings.Cut(rest, "}}:")
		if !found || !validPlaceholder(strings.TrimSpace(placeholder)) {
			return false
		}
		s = label
	}
	if len(s) < minLabel || len(s) > maxLabel {
		return false
	}
	return strings.IndexFunc(s, func(r rune) bool { return r != ':' && !isWord(r) }) < 0
}

// validPlaceholder reports whether s is "prefix:name".
func validPlaceholder(s string) bool {
	prefix, name, _ := strings.Cut(s, ":")
	notWord := func(r rune) bool { return !isWord(r) }
	return prefix != "" && name != "" && strings.IndexFunc(prefix, notWord) < 0 && strings.IndexFunc(name, notWord) < 0
}

func isWord(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '_'
}
