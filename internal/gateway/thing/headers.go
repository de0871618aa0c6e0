package thing

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// checkPatchType checks the content type of a merge. Protocol rule: it must be given; parameters and case do not matter.
func checkPatchType(h *protocol.Headers) *protocol.Error {
	given, _ := h.String(protocol.HeaderContentType)
	mediaType, _, _ := strings.Cut(given, ";")
	if !strings.EqualFold(strings.TrimSpace(mediaType), protocol.MergePatchJSON) {
		return protocol.ErrMediaTypeUnsupported(given)
	}
	return nil
}
