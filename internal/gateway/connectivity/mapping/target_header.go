package mapping

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

// targetHeader is a header that a target sets.
type targetHeader struct {
	name     string
	template *targetTemplate
}

// reservedHeaders begin with this, in any case. Protocol rule: they cannot be mapped.
const reservedHeaders = "ditto-"

func newTargetHeaders(templates map[string]string) (headers []targetHeader, err error) {
	for _, name := range slices.Sorted(maps.Keys(templates)) {
		if isReserved(name) {
			continue
		}
		template, err := newTargetTemplate(templates[name])
		if err != nil {
			return nil, fmt.Errorf("header %s: %w", name, err)
		}
		headers = append(headers, targetHeader{nameOfHeader(name), template})
	}
	return headers, nil
}

func isReserved(name string) bool {
	return len(name) >= len(reservedHeaders) && strings.EqualFold(name[:len(reservedHeaders)], reservedHeaders)
}

// nameOfHeader returns the name under which a header is kept: those that mean the same whatever carries them are in lower case.
func nameOfHeader(name string) string {
	for _, common := range []string{external.ContentType, external.CorrelationID, external.ReplyTo} {
		if strings.EqualFold(name, common) {
			return common
		}
	}
	return name
}

// set sets the header. Protocol rule: one that has no value stays as it is, one that is deleted goes.
func (h *targetHeader) set(headers external.Headers, of *outWords) error {
	value, err := h.template.first(of)
	switch {
	case isDeleted(err):
		delete(headers, h.name)
	case err != nil:
		return fmt.Errorf("header %s: %w", h.name, err)
	case value != nil:
		headers[h.name] = *value
	}
	return nil
}
