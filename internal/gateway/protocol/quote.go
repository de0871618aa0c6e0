package protocol

import "github.com/twinway/twinway/internal/gateway/document"

// quote completes the JSON string whose opening quote is dst[start]: it escapes what follows the quote and appends the
// closing one.
func quote(dst []byte, start int) []byte {
	for _, c := range dst[start+1:] {
		if c < ' ' || c == '"' || c == '\\' || c >= 0x80 {
			return document.AppendString(dst[:start], string(dst[start+1:]))
		}
	}
	return append(dst, '"')
}
