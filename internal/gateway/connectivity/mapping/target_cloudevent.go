package mapping

import (
	"net/url"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// cloudEventForm writes signals as CloudEvents in structured form, of which the envelope is the data (CloudEvents 1.0.2, JSON event
// format).
type cloudEventForm struct {
	// source is where events are from, as it is written.
	source []byte
}

// newCloudEventForm returns the form for a connection. The name of the connection is where events are from: the gateway has no
// address of its own that everybody could know.
func newCloudEventForm(connection string) *cloudEventForm {
	return &cloudEventForm{source: document.AppendString([]byte(`,"source":`), "urn:twinway:"+url.PathEscape(connection))}
}

func (f *cloudEventForm) write(s *Signal, id string, now time.Time) (*external.Message, error) {
	const others = 256
	dst := make([]byte, 0, len(s.Text)+len(f.source)+others)
	return newMessage(mediaCloudEvent, f.append(dst, s, id, now)), nil
}

// append appends the event. Protocol rules: its id is the correlation id if there is one; its type is the topic without the entity,
// which is the subject; its time is that of what has happened.
func (f *cloudEventForm) append(dst []byte, s *Signal, id string, now time.Time) []byte {
	if s.CorrelationID != "" {
		id = s.CorrelationID
	}
	dst = document.AppendString(append(dst, `{"specversion":"1.0","id":`...), id)
	dst = append(dst, f.source...)
	dst = document.AppendString(append(dst, `,"type":`...), "org.eclipse.ditto.outbound:"+kindOf(&s.Topic))
	dst = append(dst, `,"time":`...)
	if s.Timestamp != "" {
		dst = document.AppendString(dst, s.Timestamp)
	} else {
		dst = append(now.UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano), '"')
	}
	dst = document.AppendString(append(dst, `,"subject":`...), s.Topic.EntityID())
	dst = append(dst, `,"datacontenttype":"`+mediaProtocol+`","data":`...)
	return append(append(dst, s.Text...), '}')
}

// kindOf returns a topic without the entity that it is about.
func kindOf(t *protocol.Topic) string {
	return t.String()[len(t.Namespace)+len("/")+len(t.Name)+len("/"):]
}
