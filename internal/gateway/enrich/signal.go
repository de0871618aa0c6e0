package enrich

import (
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Signal is what placeholders say of a signal. It implements placeholder.Source.
type Signal struct {
	Topic protocol.Topic
	// Path and Value are those of the signal, as far as they may be read.
	Path  document.Pointer
	Value []byte
	// Headers, Originator and Revision are what its headers are made of. Revision is 0 if it has none.
	Headers    *protocol.Headers
	Originator string
	Revision   int64
	// Subject is the first authorization subject of the subscriber.
	Subject string
	Now     time.Time
	// Work is how much work all selections that share it may take together, in the units of package rql; it is lowered by what
	// was done. It may be nil.
	Work *int

	// touched are the features that the signal touches, once asked for.
	touched      []string
	knowsTouched bool
}

var (
	featureID = placeholder.Placeholder{Prefix: "feature", Name: "id"}
	subjectID = placeholder.Placeholder{Prefix: "request", Name: "subjectId"}
)

// isKnown reports whether there is such a placeholder.
func isKnown(p placeholder.Placeholder) bool {
	_, known := (&Signal{}).Lookup(p.Prefix, p.Name)
	return known
}

// Lookup implements placeholder.Source.
func (s *Signal) Lookup(prefix, name string) ([]string, bool) {
	switch prefix {
	case "feature":
		return s.looked(s.features()), name == "id"
	case "request":
		return some(s.Subject), name == "subjectId"
	case "header":
		return s.looked(some(s.header(name))), true
	case "time":
		return s.time(name)
	case "thing":
		prefix = "entity"
	}
	text, known := s.text(prefix, name)
	return s.looked(some(text)), known
}

// Placeholder returns what is said of the topic, the resource or the entity by the placeholder that is called name, prefix
// and all; false if there is nothing to be said.
func (s *Signal) Placeholder(name string) (string, bool) {
	for i := range len(name) {
		if name[i] == ':' {
			text, _ := s.text(name[:i], name[i+1:])
			return text, text != ""
		}
	}
	return "", false
}

// text returns the text of a placeholder that has at most one, and reports whether there is such a placeholder.
func (s *Signal) text(prefix, name string) (string, bool) {
	switch prefix {
	case "topic":
		return s.topic(name)
	case "resource":
		return s.resource(name)
	case "entity":
		return s.entity(name)
	}
	return "", false
}

func (s *Signal) topic(name string) (string, bool) {
	switch name {
	case "full":
		return s.Topic.String(), true
	case "namespace":
		return s.Topic.Namespace, true
	case "entityName":
		return s.Topic.Name, true
	case "group":
		return s.Topic.Group.String(), true
	case "channel":
		return s.Topic.Channel.String(), true
	case "criterion":
		return s.Topic.Criterion.String(), true
	case "action":
		return s.action(), true
	case "subject":
		return s.Topic.Subject, true
	case "action-subject":
		if action := s.action(); action != "" {
			return action, true
		}
		return s.Topic.Subject, true
	}
	return "", false
}

func (s *Signal) action() string {
	if s.Topic.Action == protocol.ActionNone {
		return ""
	}
	return s.Topic.Action.String()
}

func (s *Signal) resource(name string) (string, bool) {
	switch name {
	case "path":
		return s.Path.String(), true
	case "type":
		switch {
		case s.Topic.Group == protocol.Policies:
			return "policy", true
		case s.Topic.Criterion == protocol.Messages:
			return "message", true
		}
		return "thing", true
	}
	return "", false
}

func (s *Signal) entity(name string) (string, bool) {
	switch name {
	case "id":
		return s.Topic.EntityID(), true
	case "namespace":
		return s.Topic.Namespace, true
	case "name":
		return s.Topic.Name, true
	}
	return "", false
}

// header returns the value of a header that subscribers are shown.
func (s *Signal) header(name string) string {
	switch name {
	case protocol.HeaderOriginator.String():
		return s.Originator
	case protocol.HeaderEntityRevision.String():
		if s.Revision == 0 {
			return ""
		}
		return strconv.FormatInt(s.Revision, 10)
	}
	if s.Headers == nil {
		return ""
	}
	text, _ := s.Headers.Shown(name)
	return text
}

// features returns the ids of the features that the signal touches.
func (s *Signal) features() []string {
	if !s.knowsTouched {
		s.touched, s.knowsTouched = s.findFeatures(), true
	}
	return s.touched
}

func (s *Signal) findFeatures() (ids []string) {
	path, value := s.Path, s.Value
	if len(path) == 0 {
		value, _ = document.Get(value, document.Pointer{"features"})
		path = document.Pointer{"features"}
	}
	switch {
	case path[0] != "features":
		return nil
	case len(path) > 1:
		return []string{path[1]}
	}
	for id := range document.Members(value) {
		ids = append(ids, id)
	}
	return ids
}

// some returns a list of a text, of nothing if it is empty.
func some(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}
