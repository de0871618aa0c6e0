package rest

import (
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// allEvents answers with what happens to things, those that are named if any are.
func allEvents(q *request) *answer {
	return q.events(lists(q.query["ids"]), nil)
}

// thingEvents answers with what happens to a thing or a part of it, or what has happened to it.
func thingEvents(q *request) *answer {
	path, err := pointerOf(q.segments[2:])
	if err != nil {
		return refusal(err)
	}
	at, err := protocol.ParsePath(path)
	switch {
	case err != nil:
		return refusal(err)
	case q.wantsHistory():
		return q.history(at.Pointer)
	}
	return q.events([]string{q.segments[1]}, at.Pointer)
}

// events answers with what happens to things at a path. If ids is nil it is all things that may be read.
func (q *request) events(ids []string, at document.Pointer) *answer {
	project, want, err := q.readEvents(at)
	if err != nil {
		return refusal(err)
	}
	about := scope{at: at}
	if ids != nil {
		if want.Namespaces, err = about.read(q, ids, want.Namespaces); err != nil {
			return refusal(err)
		}
	}
	return q.stream(func(s *eventStream) (func() *protocol.Error, *protocol.Error) {
		l := s.subscribe(q.server.options.Events, want, about.picks())
		return func() *protocol.Error { s.follow(l, project.show); return nil }, nil
	})
}

// readEvents reads what is wanted of events.
func (q *request) readEvents(at document.Pointer) (project projection, want *pubsub.Want, err *protocol.Error) {
	if project, err = newProjection(at, strings.Join(q.query["fields"], ","), q.query.Has("fields")); err != nil {
		return project, nil, err
	}
	want, err = q.want()
	return project, want, err
}

// want reads which signals a request wants, and what is to be added to them. Protocol rule: the namespaces are exactly these, without
// wildcards.
func (q *request) want() (*pubsub.Want, *protocol.Error) {
	p := pubsub.Parameters{
		Namespaces:  lists(q.query["namespaces"]),
		ExtraFields: strings.Join(q.query["extraFields"], ","), HasExtraFields: q.query.Has("extraFields"), Access: q.access,
	}
	p.Filter, p.HasFilter = allOf(q.query["filter"])
	return p.Want()
}

// scope is which events a stream is about.
type scope struct {
	// things are those, as topics begin that are about them. Nil: all.
	things map[string]bool
	// at is where something must have happened: there, above it, or below.
	at document.Pointer
}

// read reads the ids of things, and returns their namespaces.
//
// Errors: those of ids, and 403 for things that must not be addressed.
func (c *scope) read(q *request, ids, among []string) (namespaces []string, err *protocol.Error) {
	c.things = map[string]bool{}
	for _, id := range ids {
		namespace, name, err := q.thingID(id)
		if err != nil {
			return nil, err
		}
		if len(among) > 0 && !slices.Contains(among, namespace) {
			continue
		}
		c.things[topicOf(namespace, name)] = true
		if !slices.Contains(namespaces, namespace) {
			namespaces = append(namespaces, namespace)
		}
	}
	return namespaces, nil
}

// thingID reads and checks the id of a thing that the request is about.
func (q *request) thingID(id string) (namespace, name string, err *protocol.Error) {
	namespace, name, _ = strings.Cut(id, ":")
	if namespace == "" {
		namespace = q.settings.DefaultNamespace
	}
	if err := protocol.ValidateID(namespace, name); err != nil {
		return "", "", err
	}
	if q.access != nil && !q.access.MayAccess(protocol.Things, namespace) {
		return "", "", protocol.ErrNamespaceNotAccessible(namespace)
	}
	return namespace, name, nil
}

// picks returns what reports whether an envelope is of the scope, nil if all are.
func (c *scope) picks() func(text []byte) bool {
	if c.things == nil {
		return nil
	}
	return func(text []byte) bool { return c.things[string(thingOf(text))] && touches(text, c.at) }
}

// touches reports whether an envelope tells of something at a place in the thing, above it, or below. That a signal could not be
// told is told of the whole thing.
func touches(text []byte, place document.Pointer) bool {
	if len(place) == 0 {
		return true
	}
	raw, _ := document.Get(text, document.Pointer{"path"})
	path := signal{path: raw}
	at, ok := path.at()
	n := min(len(at), len(place))
	return ok && slices.Equal(at[:n], place[:n])
}
