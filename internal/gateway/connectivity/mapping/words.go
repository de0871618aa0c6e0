package mapping

import (
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// words is what placeholders say of an envelope, of the connection and of the time: connection:, entity:, thing:, policy:, feature:,
// topic:, resource: and time:. Headers and addresses are for who knows which are meant.
type words struct {
	connection string
	// env is nil as long as there is no envelope: then nothing is said of it.
	env *protocol.Envelope
	now time.Time
}

// Lookup implements placeholder.Source.
//
// Protocol rules: what is about no particular entity has no id, and a policy is no thing even if they have the same id.
func (w *words) Lookup(prefix, name string) (values []string, known bool) {
	switch prefix {
	case "connection":
		return some(w.connection), name == "id"
	case "time":
		return (&enrich.Signal{Now: w.now}).Lookup(prefix, name)
	case "entity", "thing", "policy", "feature", "topic", "resource":
	default:
		return nil, false
	}
	signal := w.signal(prefix)
	values, known = signal.Lookup(prefixOf(prefix), name)
	if !w.says(prefix) {
		return nil, known
	}
	if prefix == "resource" && name == "path" {
		return some(w.path()), true
	}
	return values, known
}

// prefixOf returns the prefix by which a signal knows what a prefix stands for.
func prefixOf(prefix string) string {
	if prefix == "policy" {
		return "entity"
	}
	return prefix
}

// says reports whether there is anything that a prefix could stand for.
func (w *words) says(prefix string) bool {
	switch {
	case w.env == nil:
		return false
	case prefix == "thing", prefix == "feature":
		return w.env.Topic.Group == protocol.Things && w.addressed()
	case prefix == "policy":
		return w.env.Topic.Group == protocol.Policies && w.addressed()
	case prefix == "entity":
		return w.addressed()
	}
	return true
}

// addressed reports whether the envelope is about a particular entity.
func (w *words) addressed() bool {
	t := &w.env.Topic
	return t.Group != 0 && t.Namespace != protocol.Wildcard && t.Name != protocol.Wildcard
}

// signal returns what is known of the envelope. What it takes to find features out is done only for them.
func (w *words) signal(prefix string) enrich.Signal {
	if w.env == nil {
		return enrich.Signal{}
	}
	s := enrich.Signal{Topic: w.env.Topic}
	if prefix != "feature" || !w.says(prefix) {
		return s
	}
	s.Path = w.head()
	if len(s.Path) <= 1 {
		s.Value, _ = document.Canonical(w.env.Value) // which has no features if it is no JSON
	}
	return s
}

// headSegments is how many segments of a path say which feature it is about.
const headSegments = 2

// head returns the first segments of the path. What follows may be the subject of a message, which is no pointer.
func (w *words) head() document.Pointer {
	segments := strings.SplitN(strings.TrimPrefix(w.env.Path, "/"), "/", headSegments+1)
	segments = segments[:min(len(segments), headSegments)]
	pointer, err := document.ParsePointer(strings.Join(segments, "/"))
	if err != nil {
		return document.Pointer{""}
	}
	return pointer
}

// path returns the path of the envelope as it is printed.
func (w *words) path() string {
	if strings.HasPrefix(w.env.Path, "/") {
		return w.env.Path
	}
	return "/" + w.env.Path
}

// some returns a list of a text, of nothing if it is empty.
func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
