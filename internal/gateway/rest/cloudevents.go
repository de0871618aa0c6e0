package rest

import (
	"encoding/base64"
	"mime"
	"net/http"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Media types of CloudEvents, and of what they are about.
const (
	mediaCloudEvent = "application/cloudevents+json"
	mediaProtocol   = "application/vnd.eclipse.ditto+json"
)

// cloudEvent is what a CloudEvent says (CloudEvents 1.0.2, section 3).
type cloudEvent struct {
	id, source, version, kind string
	schema                    string
	media                     string // of the data
	data                      []byte
}

// takeCloudEvent answers with what becomes of the command in a CloudEvent.
//
// Protocol rule: it has happened, or is told what was wrong; there is nothing else to say.
func takeCloudEvent(q *request) *answer {
	env, err := q.cloudCommand()
	if err != nil {
		return refusal(err)
	}
	a := q.do(env)
	if a.err != nil || a.status >= http.StatusMultipleChoices {
		return a
	}
	done := &answer{status: statusAccepted}
	if id, ok := env.Headers.String(protocol.HeaderCorrelationID); ok && printable(id) {
		done.header(correlationID, id)
	}
	return done
}

// cloudCommand reads the command in a CloudEvent.
//
// Protocol rule: it is one that changes a twin, and done when that is persisted.
func (q *request) cloudCommand() (*protocol.Envelope, *protocol.Error) {
	e, err := q.cloudEvent()
	if err != nil {
		return nil, err
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	env := &protocol.Envelope{}
	if err := protocol.Decode(e.data, env); err != nil {
		return nil, err
	}
	if !changesTwin(env) {
		return nil, protocol.ErrTopicNotServed(env.Topic)
	}
	if id, has := q.headers.Get(protocol.HeaderCorrelationID); has && !env.Headers.Has(protocol.HeaderCorrelationID) {
		env.Headers.Set(protocol.HeaderCorrelationID, id)
	}
	env.Headers.Set(protocol.HeaderResponseRequired, []byte("true"))
	env.Headers.Set(protocol.HeaderRequestedAcks, []byte(`["twin-persisted"]`))
	return env, checkHeaders(&env.Headers)
}

// changesTwin reports whether an envelope is a command that changes a twin.
func changesTwin(env *protocol.Envelope) bool {
	t := &env.Topic
	if t.Group != protocol.Things || t.Channel != protocol.Twin || t.Criterion != protocol.Commands || env.Status != 0 {
		return false
	}
	switch t.Action {
	case protocol.Create, protocol.Modify, protocol.Merge, protocol.Delete:
		return true
	}
	return false
}

// check checks what a CloudEvent says of itself. Protocol rule: the schema may be left out, even by naming none.
func (e *cloudEvent) check() *protocol.Error {
	for name, value := range map[string]string{"id": e.id, "source": e.source, "specversion": e.version, "type": e.kind} {
		if value == "" {
			return protocol.ErrCloudEventUnparsable("The attributes id, source, specversion and type are required; " + name + " is missing.")
		}
	}
	if e.version != "1.0" && e.version != "0.3" {
		return protocol.ErrCloudEventUnparsable("The specversion must be 1.0.")
	}
	if len(e.data) == 0 {
		return protocol.ErrCloudEventPayloadMissing()
	}
	if media, _, err := mime.ParseMediaType(e.media); err != nil || media != mediaJSON && media != mediaProtocol {
		return protocol.ErrBodyTypeUnsupported(e.media, mediaJSON, mediaProtocol)
	}
	if scheme, _, _ := strings.Cut(e.schema, ":"); e.schema != "" && !strings.EqualFold(scheme, "ditto") {
		return protocol.ErrCloudEventSchemaUnsupported(e.schema)
	}
	return nil
}

// cloudEvent reads a CloudEvent: a body that is one (structured mode), or one whose data is the body (binary mode).
func (q *request) cloudEvent() (*cloudEvent, *protocol.Error) {
	content, err := q.body()
	if err != nil {
		return nil, err
	}
	text := q.http.Header.Get("Content-Type")
	if media, _, _ := mime.ParseMediaType(text); strings.HasPrefix(media, "application/cloudevents") {
		if media != mediaCloudEvent {
			return nil, protocol.ErrBodyTypeUnsupported(text, mediaCloudEvent, mediaJSON, mediaProtocol)
		}
		return structuredEvent(content)
	}
	h := q.http.Header
	return &cloudEvent{
		id: h.Get("ce-id"), source: h.Get("ce-source"), version: h.Get("ce-specversion"), kind: h.Get("ce-type"),
		schema: h.Get("ce-dataschema"), media: text, data: content,
	}, nil
}

// structuredEvent reads a CloudEvent that is JSON. Data that does not say what it is, is JSON (JSON Event Format, section 3.1).
func structuredEvent(content []byte) (*cloudEvent, *protocol.Error) {
	text, failed := document.Canonical(content)
	if failed != nil || document.KindOf(text) != document.Object {
		return nil, protocol.ErrCloudEventUnparsable("The body must be a JSON object.")
	}
	e := &cloudEvent{media: mediaJSON}
	attributes := map[string]*string{
		"id": &e.id, "source": &e.source, "specversion": &e.version, "type": &e.kind, "dataschema": &e.schema, "datacontenttype": &e.media,
	}
	for name, value := range attributes {
		raw, has := document.Get(text, document.Pointer{name})
		if !has || document.KindOf(raw) == document.Null {
			continue
		}
		if *value, failed = document.Unquote(raw); failed != nil {
			return nil, protocol.ErrCloudEventUnparsable("The attribute " + name + " must be a string.")
		}
	}
	return e, e.readData(text)
}

// readData reads the data of a CloudEvent that is JSON.
func (e *cloudEvent) readData(text []byte) *protocol.Error {
	if data, has := document.Get(text, document.Pointer{"data"}); has && document.KindOf(data) != document.Null {
		e.data = data
	}
	raw, has := document.Get(text, document.Pointer{"data_base64"})
	if !has {
		return nil
	}
	text64, err := document.Unquote(raw)
	data, failed := base64.StdEncoding.DecodeString(text64)
	if err != nil || failed != nil || e.data != nil {
		return protocol.ErrCloudEventUnparsable("The member data_base64 must be a string in base64, and stand alone.")
	}
	e.data = data
	return nil
}
