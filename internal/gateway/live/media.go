package live

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// mediaKind is how the payloads of a content type are written in an envelope.
type mediaKind uint8

const (
	binaryMedia mediaKind = iota
	textMedia
	jsonMedia
)

// mediaKindOf returns the kind of a content type. Protocol rules: parameters and case do not matter; types of an application
// count by what follows the last plus sign, if there is one. A merge patch is not JSON here.
func mediaKindOf(contentType string) mediaKind {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	if strings.HasPrefix(media, "text/") {
		return textMedia
	}
	name, found := strings.CutPrefix(media, "application/")
	if !found || media == protocol.MergePatchJSON {
		return binaryMedia
	}
	if plus := strings.LastIndexByte(name, '+'); plus > 0 {
		name = name[plus+1:]
	}
	switch name {
	case "json":
		return jsonMedia
	case "javascript", "ecmascript":
		return textMedia
	}
	return binaryMedia
}
