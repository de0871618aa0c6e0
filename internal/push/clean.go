package push

import (
	"strings"
	"unicode"
)

// maxText bounds a text for people, in runes.
const maxText = 512

// clean returns text, which a pod may have chosen, in one line of bounded
// length.
func clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	if runes := []rune(text); len(runes) > maxText {
		return string(runes[:maxText]) + "…"
	}
	return text
}
