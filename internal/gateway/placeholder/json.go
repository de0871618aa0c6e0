package placeholder

import (
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/document"
)

// Texts returns a canonical JSON value as values of a placeholder: the text of a string, the text of numbers and booleans,
// each element of an array, also of arrays in it, objects as JSON, and nothing for null. A string that is not Unicode,
// because it has half of a surrogate pair, is left out.
func Texts(value []byte) []string { return appendTexts(nil, value) }

func appendTexts(texts []string, value []byte) []string {
	switch document.KindOf(value) {
	case document.String:
		text, err := document.Unquote(value)
		if err != nil || !utf8.ValidString(text) {
			return texts
		}
		return append(texts, text)
	case document.Array:
		for element := range document.Elements(value) {
			texts = appendTexts(texts, element)
		}
		return texts
	case document.Number, document.Bool, document.Object:
		return append(texts, string(value))
	case document.Null, document.Invalid:
	}
	return texts
}
