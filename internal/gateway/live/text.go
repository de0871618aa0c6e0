package live

import "strings"

// TextPayload returns the payload of a message with a content type, as it is delivered, as text, whatever it is: bytes are read in
// the character set of the content type, or as UTF-8.
func TextPayload(contentType string, value []byte) string {
	raw, _ := RawPayload(contentType, value)
	if mediaKindOf(contentType) == binaryMedia {
		if text, ok := decodeText(contentType, raw); ok {
			return text
		}
	}
	return strings.ToValidUTF8(string(raw), "\uFFFD")
}
