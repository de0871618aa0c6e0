package thing

import (
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// checkHeaders refuses commands with headers that contradict each other, and with headers that would change what a command
// does and are not served: to do something else than was asked for would be worse.
func checkHeaders(h *protocol.Headers) *protocol.Error {
	if h.Len() == 0 {
		return nil
	}
	metadata := given(h, protocol.HeaderPutMetadata, protocol.HeaderGetMetadata, protocol.HeaderDeleteMetadata)
	if len(metadata) > 1 {
		return protocol.ErrMetadataHeadersConflict()
	}
	historical := given(h, protocol.HeaderAtHistoricalRevision, protocol.HeaderAtHistoricalTimestamp)
	if names := slices.Concat(metadata, historical); len(names) > 0 {
		return protocol.ErrHeaderNotSupported(names[0])
	}
	if names := given(h, protocol.HeaderCondition, protocol.HeaderLiveChannelCondition); len(names) > 0 {
		condition, _ := h.String(names[0])
		return protocol.ErrConditionInvalid(condition, notEvaluated)
	}
	return checkPatchConditions(h)
}

// given returns those of the headers that h has.
func given(h *protocol.Headers, names ...protocol.HeaderName) (found []protocol.HeaderName) {
	for _, name := range names {
		if h.Has(name) {
			found = append(found, name)
		}
	}
	return found
}

// notEvaluated says why a command with a condition is refused.
const notEvaluated = "This server does not evaluate conditions yet, so the command was not executed."

// checkPatchConditions refuses conditions of a merge, an object of predicates by pointers: predicates that are no text as
// invalid, all others as not served. Without any there is nothing to evaluate.
func checkPatchConditions(h *protocol.Headers) *protocol.Error {
	conditions, _ := h.Get(protocol.HeaderMergeThingPatchConditions)
	reason := ""
	for _, predicate := range document.Members(conditions) {
		if document.KindOf(predicate) != document.String {
			return protocol.ErrConditionInvalid(string(predicate), "Each condition of a patch must be a string.")
		}
		reason = notEvaluated
	}
	if reason == "" {
		return nil
	}
	return protocol.ErrConditionInvalid(string(conditions), reason)
}

// checkPatchType checks the content type of a merge. Protocol rule: it must be given; parameters and case do not matter.
func checkPatchType(h *protocol.Headers) *protocol.Error {
	given, _ := h.String(protocol.HeaderContentType)
	mediaType, _, _ := strings.Cut(given, ";")
	if !strings.EqualFold(strings.TrimSpace(mediaType), protocol.MergePatchJSON) {
		return protocol.ErrMediaTypeUnsupported(given)
	}
	return nil
}
