package mapping

import (
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
)

// outWords is what placeholders say of a signal that goes out: words, header: and thing-json:.
type outWords struct {
	words
	signal *Signal
}

func newOutWords(connection string, s *Signal, now time.Time) *outWords {
	return &outWords{words: words{connection: connection, env: &s.Envelope, now: now}, signal: s}
}

// Lookup implements placeholder.Source.
func (o *outWords) Lookup(prefix, name string) (values []string, known bool) {
	switch prefix {
	case "header":
		text, _ := o.signal.Headers.Shown(name)
		return some(text), true
	case "thing-json":
		return o.thing(name)
	}
	return o.words.Lookup(prefix, name)
}

// thing returns what the signal tells of the thing at a pointer. Protocol rule: that is what an event has in its place, and the
// extra fields.
func (o *outWords) thing(pointer string) (values []string, known bool) {
	at, err := document.ParsePointer(pointer)
	if err != nil || len(at) == 0 {
		return nil, false
	}
	raw, _ := document.Get(o.signal.thing(), at)
	return placeholder.Texts(raw), true
}
