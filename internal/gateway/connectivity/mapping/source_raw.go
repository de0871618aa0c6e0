package mapping

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Names of headers that say what a payload is that is the payload of a message and nothing else.
const (
	rawContentType = "content-type"
	rawDirection   = "ditto-message-direction"
	rawThingID     = "ditto-message-thing-id"
	rawSubject     = "ditto-message-subject"
	rawFeatureID   = "ditto-message-feature-id"
	rawStatus      = "status"
)

// rawDefaults are the templates of those headers that a source does not give itself.
var rawDefaults = map[string]string{
	rawContentType: "{{ header:content-type | fn:default('application/octet-stream') }}",
	rawDirection:   "{{ header:ditto-message-direction | fn:default('TO') }}",
	rawThingID:     "{{ header:ditto-message-thing-id }}",
	rawSubject:     "{{ header:ditto-message-subject }}",
	rawFeatureID:   "{{ header:ditto-message-feature-id }}",
	rawStatus:      "{{ header:status }}",
}

// raw says what messages are whose payload is taken as it is.
type raw map[string]*template

// raw reads the templates of what a payload is: those of headers that say so, or the defaults. They are resolved before there is a
// command. The other headers are those of commands, and returned.
func (r *reader) raw(headers map[string]string) (raw, map[string]string) {
	read, others := raw{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		text := headers[name]
		if _, is := rawDefaults[strings.ToLower(name)]; is {
			read[strings.ToLower(name)] = r.read(authorized, "headers."+name, text)
			continue
		}
		others[name] = text
	}
	for name, text := range rawDefaults {
		if read[name] == nil {
			read[name] = r.read(authorized, name, text)
		}
	}
	return read, others
}

// envelope returns the message that a message is the payload of, or that it holds if it is an envelope.
//
// Protocol rules: with a status it is the response to a message. What names itself an envelope is one.
func (w raw) envelope(in *incoming) (*protocol.Envelope, *protocol.Error) {
	contentType := w[rawContentType].text(in)
	if mediaOf(contentType) == mediaProtocol {
		return readProtocol(in)
	}
	env := &protocol.Envelope{Raw: in.message.Payload}
	if contentType != "" {
		env.Headers.SetString(protocol.HeaderContentType, contentType)
	}
	return env, w.address(in, env)
}

// address says what an envelope with a payload is about.
func (w raw) address(in *incoming, env *protocol.Envelope) (err *protocol.Error) {
	subject := w[rawSubject].text(in)
	topic := protocol.Topic{Group: protocol.Things, Channel: protocol.Live, Criterion: protocol.Messages, Subject: subject}
	if topic.Namespace, topic.Name, err = splitID(w[rawThingID].text(in)); err != nil {
		return err
	}
	if err := protocol.ValidateSubject(subject); err != nil {
		return err
	}
	box, ok := boxes[strings.ToUpper(w[rawDirection].text(in))]
	if !ok {
		return protocol.ErrMessageMappingFailed("The direction of a message must be TO or FROM.")
	}
	env.Topic, env.Path = topic, box+"/messages/"+subject
	if feature := w[rawFeatureID].text(in); feature != "" {
		env.Path = document.Pointer{"features", feature}.String() + env.Path
	}
	env.Status, err = readStatus(w[rawStatus].text(in))
	return err
}

// boxes are the beginnings of the paths of messages by their directions.
var boxes = map[string]string{"TO": "/inbox", "FROM": "/outbox"}

// splitID returns the parts of the id of a thing, which has been checked.
func splitID(id string) (namespace, name string, err *protocol.Error) {
	namespace, name, found := strings.Cut(id, ":")
	if !found {
		return "", "", protocol.ErrMessageMappingFailed("The message must say by its headers, as namespace:name, which thing it is about.")
	}
	return namespace, name, protocol.ValidateID(namespace, name)
}

// Statuses that responses may have.
const (
	minStatus = 100
	maxStatus = 599
)

// readStatus returns the status of a response, 0 for what is none because it has no status.
func readStatus(text string) (int, *protocol.Error) {
	if text == "" {
		return 0, nil
	}
	status, err := strconv.Atoi(text)
	if err != nil || status < minStatus || status > maxStatus {
		return 0, protocol.ErrMessageMappingFailed("The status of a response must be one of HTTP.")
	}
	return status, nil
}
