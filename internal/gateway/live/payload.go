package live

import (
	"encoding/base64"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// MaxPayload is how large the payload of a message may be as it was sent: characters of a text, or of JSON.
const MaxPayload = 256_000

// payloadSize returns the size of a value in characters, 0 for none.
func payloadSize(value []byte) int {
	if document.KindOf(value) == document.String && len(value) > MaxPayload {
		return document.Chars([]byte(textOf(value)))
	}
	return document.Chars(value)
}

// payload returns the value of a message with a content type, which may be empty, as it is delivered; nil if there is none.
//
// Protocol rules: JSON is delivered as it is, text as a string, and everything else as a string with base64. What is not a
// string where one is wanted is taken as the text of its JSON, and what is not base64 as the bytes of its text.
func payload(contentType string, value []byte) []byte {
	if value == nil {
		return nil
	}
	switch mediaKindOf(contentType) {
	case jsonMedia:
		return value
	case textMedia:
		return stringOf(value)
	}
	return base64Of(value)
}

// stringOf returns a value as a JSON string.
func stringOf(value []byte) []byte {
	if document.KindOf(value) == document.String {
		return value
	}
	return document.AppendString(nil, textOf(value))
}

// base64Of returns the bytes that a value stands for as a JSON string with base64.
func base64Of(value []byte) []byte {
	text := textOf(value)
	content, ok := decodeBase64(text)
	if !ok {
		content = []byte(strings.ToValidUTF8(text, "\uFFFD"))
	}
	return quotedBase64(content)
}

// decodeBase64 returns what base64 stands for. Padding may be left out; nothing may be between the characters.
func decodeBase64(text string) (content []byte, ok bool) {
	encoding := base64.RawStdEncoding
	if strings.HasSuffix(text, "=") {
		encoding = base64.StdEncoding
	}
	if strings.ContainsAny(text, "\r\n") { // which the package skips
		return nil, false
	}
	content, err := encoding.DecodeString(text)
	return content, err == nil
}

// textOf returns the text of a JSON string, and of other JSON the JSON without white space.
func textOf(value []byte) string {
	if document.KindOf(value) == document.String {
		if text, err := document.Unquote(value); err == nil {
			return text
		}
	}
	if compact, err := document.Canonical(value); err == nil {
		return string(compact)
	}
	return string(value)
}
