package live

import (
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Delivery is what differs between those who receive a signal.
type Delivery struct {
	// CorrelationID is the one that the receiver is to answer with. It may have a suffix to that of the sender.
	CorrelationID string
	// ResponseRequired says that somebody waits for an answer. Responses and events never want one.
	ResponseRequired bool
	// RequestedAcks are the labels that the receiver is asked to acknowledge with.
	RequestedAcks []string
	// Extra is a JSON object with fields of the thing, nil if there is none.
	Extra []byte
	// Selected says that the receiver has selected fields of the thing: it would take for such what a message came with.
	Selected bool
	// Smart says that the device is asked in place of the twin, which responses tell.
	Smart bool
	// Partial says that the receiver may not read all that there is at the path of an event: what metadata say would tell more.
	Partial bool
}

// form is an envelope whose parts that are the same for every receiver were made once.
type form struct {
	topic    []byte // the members topic, and headers up to its brace
	headers  []byte // the headers that follow those of the receiver, each after a comma
	path     []byte // the member path, and what ends the headers
	metadata []byte // nil for none
	end      []byte // the members after metadata, and what ends the envelope
}

// newForm returns the form of an envelope with these headers, printed with this path.
func newForm(env *protocol.Envelope, headers *protocol.Headers, path string) form {
	topic := document.AppendString([]byte(`{"topic":`), env.Topic.String())
	shown := headers.AppendOut([]byte{})
	if len(shown) > len(`{}`) {
		shown[0] = ','
	} else {
		shown = shown[1:]
	}
	return form{
		topic:    append(topic, `,"headers":{`...),
		headers:  shown, // with the brace that ends them
		path:     document.AppendString([]byte(`,"path":`), path),
		metadata: env.Metadata,
		end:      tail(env),
	}
}

// tail returns what follows the metadata of an envelope.
func tail(env *protocol.Envelope) (end []byte) {
	if env.Status != 0 {
		end = strconv.AppendInt(append(end, `,"status":`...), int64(env.Status), 10)
	}
	if env.HasRevision {
		end = strconv.AppendInt(append(end, `,"revision":`...), env.Revision, 10)
	}
	if env.Timestamp != "" {
		end = document.AppendString(append(end, `,"timestamp":`...), env.Timestamp)
	}
	if env.HasFields {
		end = document.AppendString(append(end, `,"fields":`...), env.Fields)
	}
	return append(end, '}')
}

// append appends the envelope for a receiver. Requests says that an empty list of requested acknowledgements is shown, too.
func (f *form) append(dst []byte, d *Delivery, originator string, requests bool, value []byte) []byte {
	dst = append(dst, f.topic...)
	if d.CorrelationID != "" {
		dst = document.AppendString(append(dst, `"correlation-id":`...), d.CorrelationID)
		dst = append(dst, ',')
	}
	dst = strconv.AppendBool(append(dst, `"response-required":`...), d.ResponseRequired)
	if originator != "" {
		dst = document.AppendString(append(dst, `,"ditto-originator":`...), originator)
	}
	if requests || len(d.RequestedAcks) > 0 {
		dst = protocol.AppendLabels(append(dst, `,"requested-acks":`...), d.RequestedAcks)
	}
	if d.Smart {
		dst = append(dst, `,"live-channel-condition-matched":true`...)
	}
	dst = append(dst, f.headers...)
	dst = append(dst, f.path...)
	dst = appendRaw(dst, `,"value":`, value)
	dst = appendRaw(dst, `,"extra":`, d.Extra)
	if !d.Partial {
		dst = appendRaw(dst, `,"metadata":`, f.metadata)
	}
	return append(dst, f.end...)
}

// appendRaw appends a member of which name is everything before the value, or nothing if there is no value.
func appendRaw(dst []byte, name string, value []byte) []byte {
	if value == nil {
		return dst
	}
	return append(append(dst, name...), value...)
}
