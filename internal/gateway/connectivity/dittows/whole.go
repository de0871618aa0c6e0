package dittows

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// wholeThing selects what a thing is, and when it became that.
const wholeThing = "thingId,policyId,definition,attributes,features,_revision,_modified"

var errFiltered = errors.New("a filter for events cannot be applied to a whole thing")

// tellWhole tells what has become of a thing as one event that modifies all of it.
func (g *gap) tellWhole(ctx context.Context, j *job, n *counts) error {
	if j.scope.filter != "" {
		return errFiltered
	}
	v, err := g.client.converse()
	if err != nil {
		return err
	}
	defer v.end()
	topic := topicOf(j.thing)
	topic.Criterion, topic.Action = protocol.Commands, protocol.Retrieve
	answer, err := v.ask(ctx, protocol.Envelope{Topic: topic, Fields: wholeThing, HasFields: true})
	if err != nil {
		return err
	}
	switch answer.Status {
	case http.StatusOK:
	case http.StatusNotFound:
		k, heard := g.memory.last(j.thing)
		return g.tellDeletion(j, &k, heard, k.revision+1, n)
	default:
		return refused(answer)
	}
	e, err := modification(j, answer.Value)
	if err != nil {
		return err
	}
	n.add(&n.whole, 1)
	g.gate.replay(e)
	return nil
}

// modification returns the event that makes a thing what it is now.
func modification(j *job, text []byte) (*event, error) {
	thing, err := document.Canonical(text)
	if err != nil {
		return nil, errNoThings
	}
	raw, _ := document.Get(thing, document.Pointer{"_revision"})
	revision, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		return nil, errNoThings
	}
	modified, _ := document.Get(thing, document.Pointer{"_modified"})
	timestamp, _ := document.Unquote(modified) // without, the event has no time
	for _, special := range []string{"_revision", "_modified"} {
		thing, _ = document.Delete(thing, document.Pointer{special})
	}
	e, failure := newText(j.thing, j.scope.source, protocol.Modified, thing, revision, timestamp)
	if failure != nil {
		return nil, failure
	}
	e.whole = true
	return e, nil
}
