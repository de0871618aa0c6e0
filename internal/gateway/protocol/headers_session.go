package protocol

import (
	"bytes"
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
)

// sessionParameters are the query parameters of a handshake that become headers.
var sessionParameters = []HeaderName{
	HeaderAccept, HeaderChannel, HeaderCorrelationID, HeaderRequestedAcks, HeaderDeclaredAcks, HeaderResponseRequired,
	HeaderTimeout, HeaderLiveChannelTimeoutStrategy, HeaderAllowPolicyLockout, HeaderCondition, HeaderLiveChannelCondition,
	HeaderAtHistoricalRevision, HeaderAtHistoricalTimestamp, HeaderDryRun,
}

// hopHeaders are headers that clients may set, but which concern the HTTP request of the handshake and no message.
var hopHeaders = []HeaderName{
	HeaderAuthorization, headerRawRequestURI, headerCacheControl, headerConnection, headerTimeoutAccess,
	headerAcceptEncoding, headerXForwardedScheme,
}

// SessionHeaders returns the headers that are defaults of all messages of a session, from the HTTP headers and the query
// parameters of its handshake. Of the former these are all of the catalogue that clients may set, of the latter only some,
// whose names must be in lower case. Lists of acknowledgements may have commas between labels instead of being JSON.
//
// Errors: gateway:duplicate.header.field for a header that is given several values, acknowledgement:label.invalid for
// labels, header.invalid and timeout.invalid for other values.
func SessionHeaders(header, query map[string][]string) (Headers, *Error) {
	var h Headers
	for _, name := range sorted(header) {
		known := lookup(name)
		if known == customHeader || !catalogue[known].way.in() || slices.Contains(hopHeaders, known) {
			continue
		}
		if err := h.readSession(known, header[name]); err != nil {
			return Headers{}, err
		}
	}
	for _, known := range sessionParameters {
		if err := h.readSession(known, query[known.String()]); err != nil {
			return Headers{}, err
		}
	}
	return h, nil
}

// readSession reads the values that a handshake gives a header, of which there may be only one.
func (h *Headers) readSession(name HeaderName, values []string) *Error {
	for i, text := range values {
		raw, err := sessionValue(name, text)
		if err != nil {
			return err
		}
		if old, ok := h.Get(name); ok && (i > 0 || !bytes.Equal(old, raw)) {
			return ErrDuplicateHeader(name.String())
		}
		h.Set(name, raw)
	}
	return nil
}

func sessionValue(name HeaderName, text string) ([]byte, *Error) {
	value := document.AppendString(nil, text)
	if catalogue[name].typ == labelsValue {
		list, err := sessionLabels(text)
		if err != nil {
			return nil, err
		}
		value = list
	}
	raw, wanted := convert(name, value)
	if wanted != "" {
		return nil, errHeaderValue(name, name.String(), value, wanted)
	}
	return raw, nil
}

// sessionLabels makes a JSON array of labels with commas between them. What is an array already remains as it is.
func sessionLabels(text string) ([]byte, *Error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "[") {
		return []byte(text), nil
	}
	list := []byte{'['}
	for label := range strings.SplitSeq(text, ",") {
		label = strings.TrimSpace(label)
		if label == "" {
			continue
		}
		if err := ValidateLabel(label); err != nil {
			return nil, err
		}
		if len(list) > 1 {
			list = append(list, ',')
		}
		list = document.AppendString(list, label)
	}
	return append(list, ']'), nil
}

// sorted returns the keys in an order that does not vary, so that the same handshake has the same result.
func sorted(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
