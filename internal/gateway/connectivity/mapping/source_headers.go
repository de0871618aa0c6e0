package mapping

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// maxHeaders is how large the headers of a command may be, in bytes.
const maxHeaders = 5 << 10

// mapping is a header and what it is given.
type mapping struct {
	name  string
	value *template
}

// own begins the names of headers that only the server sets.
const own = "ditto-"

// mappings reads templates of headers by name, in an order that does not vary. Protocol rule: those that only the server sets are
// ignored.
func (r *reader) mappings(field string, headers map[string]string) []mapping {
	var read []mapping
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		if strings.HasPrefix(strings.ToLower(name), own) {
			continue
		}
		read = append(read, mapping{name, r.read(understood, field+"."+name, headers[name])})
	}
	return read
}

// complete gives an envelope the headers that the source gives every command, and those without which no answer finds its way.
//
// Errors: those of the values of headers, headers.too.large.
func (s *Source) complete(in *incoming, id string) *protocol.Error {
	h := &in.env.Headers
	for _, m := range s.headers {
		if err := m.apply(h, in); err != nil {
			return err
		}
	}
	if !h.Has(protocol.HeaderCorrelationID) {
		h.SetString(protocol.HeaderCorrelationID, id)
	}
	if to := in.ofMessage(external.ReplyTo); to != "" && !h.Has(protocol.HeaderReplyTo) {
		h.SetString(protocol.HeaderReplyTo, to)
	}
	if size := h.Size(); size > maxHeaders {
		return protocol.ErrHeadersTooLarge("Those of a command may have " + strconv.Itoa(maxHeaders) + " bytes, and have " + strconv.Itoa(size) + ".")
	}
	return nil
}

// apply gives a command the header. Protocol rules: what the command itself says counts, unless the header is to be deleted; what
// cannot be resolved is left out.
func (m *mapping) apply(h *protocol.Headers, in *incoming) *protocol.Error {
	texts, err := m.value.resolve(in)
	switch {
	case isDeleted(err):
		h.DeleteNamed(m.name)
		return nil
	case err != nil || len(texts) == 0 || h.HasNamed(m.name):
		return nil
	}
	return h.ReadText(m.name, strings.Join(texts, ","))
}
