package dittows

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// comparedAtOnce is of how many things the revisions are asked for at once.
const comparedAtOnce = 100

// compareKnown finds the things that are not as they were told to be. Protocol rule: those that are gone are left out of an answer; nothing else
// would tell, as they are found by no search and have no history.
func (g *gap) compareKnown(ctx context.Context, s scope, jobs chan<- *job) error {
	for chunk := range slices.Chunk(g.memory.all(), comparedAtOnce) {
		revisions, err := g.revisions(ctx, chunk)
		if err != nil {
			return err
		}
		for _, k := range chunk {
			now, exists := revisions[k.thing]
			if exists && now == k.revision && !k.gone || !exists && k.gone {
				continue
			}
			j := &job{thing: k.thing, scope: s, until: now, missing: !exists, anew: exists && now < k.revision}
			select {
			case jobs <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// revisions asks for the revisions of things.
func (g *gap) revisions(ctx context.Context, things []known) (map[string]int64, error) {
	v, err := g.client.converse()
	if err != nil {
		return nil, err
	}
	defer v.end()
	value := []byte(`{"thingIds":[`)
	for i, k := range things {
		if i > 0 {
			value = append(value, ',')
		}
		value = document.AppendString(value, k.thing)
	}
	answer, err := v.ask(ctx, protocol.Envelope{
		Topic: anyThing(protocol.Commands, protocol.Retrieve), Value: append(value, `]}`...), Fields: "thingId,_revision", HasFields: true,
	})
	if err != nil {
		return nil, err
	}
	if answer.Status != http.StatusOK {
		return nil, refused(answer)
	}
	return readRevisions(answer.Value, time.Time{})
}

// anyThing returns a topic of the twin channel about no particular thing.
func anyThing(criterion protocol.Criterion, action protocol.Action) protocol.Topic {
	return protocol.Topic{
		Namespace: protocol.Wildcard, Name: protocol.Wildcard, Group: protocol.Things, Channel: protocol.Twin, Criterion: criterion, Action: action,
	}
}

var errNoThings = errors.New("the other end has answered with something that is no list of things")

// readRevisions reads a list of things, of which it leaves out those that have not changed since a time.
func readRevisions(text []byte, since time.Time) (map[string]int64, error) {
	list, err := document.Canonical(text)
	if err != nil || document.KindOf(list) != document.Array {
		return nil, errNoThings
	}
	revisions := map[string]int64{}
	for thing := range document.Elements(list) {
		id, idOK := document.Get(thing, document.Pointer{"thingId"})
		raw, ok := document.Get(thing, document.Pointer{"_revision"})
		name, err := document.Unquote(id)
		revision, notNumber := strconv.ParseInt(string(raw), 10, 64)
		if !idOK || !ok || err != nil || notNumber != nil {
			return nil, errNoThings
		}
		if modified, ok := modifiedAt(thing); !ok || modified.After(since) {
			revisions[name] = revision
		}
	}
	return revisions, nil
}

// modifiedAt returns when a thing was modified, if that is told.
func modifiedAt(thing []byte) (time.Time, bool) {
	raw, ok := document.Get(thing, document.Pointer{"_modified"})
	if !ok {
		return time.Time{}, false
	}
	text, err := document.Unquote(raw)
	if err != nil {
		return time.Time{}, false
	}
	return protocol.ParseInstant(text)
}

// findChanged finds the things that have changed in the gap and were never heard of. Search knows nothing of filters for events, so it finds
// those that these leave out, too.
func (g *gap) findChanged(ctx context.Context, s scope, jobs chan<- *job) error {
	v, err := g.client.converse()
	if err != nil {
		return err
	}
	defer v.end()
	since := g.memory.since()
	found, err := v.open(ctx, protocol.Envelope{
		Topic: anyThing(protocol.Search, protocol.Subscribe), Value: searchFor(since, s.namespaces), Fields: "thingId,_revision,_modified", HasFields: true,
	}, 1)
	if err != nil {
		return err
	}
	for {
		items, err := found.next(ctx, "items")
		if err != nil || items == nil {
			return err
		}
		revisions, err := readRevisions(items, since)
		if err != nil {
			return err
		}
		for thing, revision := range revisions {
			if _, ok := g.memory.last(thing); ok || !within(thing, s.namespaces) {
				continue
			}
			select {
			case jobs <- &job{thing: thing, scope: s, until: revision, since: since}:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// searchFor returns what is searched for: everything that has changed since a time. Protocol rule: times are compared as texts, so that one
// without a fraction comes behind those of the same second.
func searchFor(since time.Time, namespaces []string) []byte {
	before := since.Add(-time.Second).UTC().Format(time.RFC3339)
	value := document.AppendString([]byte(`{"filter":`), `gt(_modified,"`+before+`")`)
	value = append(value, `,"options":"size(200)"`...)
	if len(namespaces) > 0 {
		value = append(value, `,"namespaces":[`...)
		for i, namespace := range namespaces {
			if i > 0 {
				value = append(value, ',')
			}
			value = document.AppendString(value, namespace)
		}
		value = append(value, ']')
	}
	return append(value, '}')
}
