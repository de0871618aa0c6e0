package live

import (
	"encoding/base64"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// mediaUnknown is the media type of bytes of which nothing is known.
const mediaUnknown = "application/octet-stream"

// payloadOfRaw returns the value of a message whose payload came as bytes: nil if there are none. What counts of its size are the
// characters of text and JSON, and else the bytes.
//
// Errors: messages:payload.toolarge, json.invalid for JSON that is none, messages:messageformat.invalid for text that is not of
// its character set, or of one that is not known here.
func payloadOfRaw(contentType string, raw []byte) ([]byte, *protocol.Error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var value []byte
	size := len(raw)
	switch mediaKindOf(contentType) {
	case jsonMedia:
		if err := document.Valid(raw); err != nil {
			return nil, protocol.ErrJSONInvalid(err.Error())
		}
		value, size = raw, payloadSize(raw)
	case textMedia:
		text, ok := decodeText(contentType, raw)
		if !ok {
			return nil, protocol.ErrMessageTextInvalid(contentType)
		}
		value = document.AppendString(nil, text)
		size = payloadSize(value)
	default:
		value = quotedBase64(raw)
	}
	if size > MaxPayload {
		return nil, protocol.ErrMessageTooLarge(size, MaxPayload)
	}
	return value, nil
}

// RawPayload returns the payload of a message with a content type, as it is delivered, as the bytes that it stands for, and their
// media type, "" if there are none. Text is UTF-8, whatever it was when it was sent.
func RawPayload(contentType string, value []byte) (raw []byte, media string) {
	if value == nil {
		return nil, ""
	}
	switch mediaKindOf(contentType) {
	case jsonMedia:
		return value, contentType
	case textMedia:
		return []byte(textOf(value)), inUTF8(contentType)
	}
	text := textOf(value)
	if content, ok := decodeBase64(text); ok {
		return content, orUnknown(contentType)
	}
	return []byte(text), orUnknown(contentType)
}

// decodeText returns the text that bytes stand for in the character set of a content type, which is UTF-8 if it does not say.
func decodeText(contentType string, raw []byte) (text string, ok bool) {
	switch charset(contentType) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return string(raw), utf8.Valid(raw)
	case "iso-8859-1", "latin1":
		var b strings.Builder
		for _, c := range raw {
			b.WriteRune(rune(c)) // the first 256 characters of Unicode
		}
		return b.String(), true
	}
	return "", false
}

func charset(contentType string) string {
	_, parameters, _ := mime.ParseMediaType(contentType)
	return strings.ToLower(parameters["charset"])
}

// inUTF8 returns a content type of text as that of the same text in UTF-8.
func inUTF8(contentType string) string {
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, parameters = "text/plain", map[string]string{}
	}
	parameters["charset"] = "utf-8"
	return mime.FormatMediaType(media, parameters)
}

func orUnknown(contentType string) string {
	if contentType == "" {
		return mediaUnknown
	}
	return contentType
}

// quotedBase64 returns bytes as a JSON string with base64.
func quotedBase64(content []byte) []byte {
	out := append(make([]byte, 0, base64.StdEncoding.EncodedLen(len(content))+len(`""`)), '"')
	return append(base64.StdEncoding.AppendEncode(out, content), '"')
}
