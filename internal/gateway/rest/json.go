package rest

import (
	"mime"
	"net/http"
	"slices"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Media types of bodies that are JSON.
const (
	mediaJSON       = "application/json"
	mediaMergePatch = "application/merge-patch+json"
	mediaUnknown    = "application/octet-stream"
)

// jsonBody reads a body that must be JSON.
//
// Protocol rules: a patch says that it is a merge patch. What says nothing of itself, or only that it is bytes, is read as JSON.
func (q *request) jsonBody() ([]byte, *protocol.Error) {
	if err := q.checkMedia(); err != nil {
		return nil, err
	}
	content, err := q.body()
	switch {
	case err != nil:
		return nil, err
	case len(content) == 0:
		return nil, protocol.ErrValueMissing()
	}
	return canonical(content)
}

// optionalJSON reads a body that may be JSON, nil for none.
func (q *request) optionalJSON() ([]byte, *protocol.Error) {
	content, err := q.body()
	if err != nil || len(content) == 0 {
		return nil, err
	}
	if err := q.checkMedia(); err != nil {
		return nil, err
	}
	return canonical(content)
}

func canonical(content []byte) ([]byte, *protocol.Error) {
	value, err := document.Canonical(content)
	if err != nil {
		return nil, protocol.ErrJSONInvalid(err.Error())
	}
	return value, nil
}

func (q *request) checkMedia() *protocol.Error {
	text := q.http.Header.Get("Content-Type")
	media, _, err := mime.ParseMediaType(text)
	switch wanted := q.mediaTypes(); {
	case text == "" && q.http.Method != http.MethodPatch:
	case err != nil:
		return protocol.ErrBodyTypeUnsupported(text, wanted...)
	default:
		if slices.Contains(wanted, media) {
			return nil
		}
		return protocol.ErrBodyTypeUnsupported(text, wanted...)
	}
	return nil
}

func (q *request) mediaTypes() []string {
	if q.http.Method == http.MethodPatch {
		return []string{mediaMergePatch}
	}
	return []string{mediaJSON, mediaUnknown}
}
