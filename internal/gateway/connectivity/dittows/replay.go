package dittows

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// job is a thing of which events are missing.
type job struct {
	thing string
	scope scope
	// until is the revision up to which they are, 0 if that is not known.
	until int64
	// since is since when they may be, if the thing was never heard of.
	since time.Time
	// missing says that the thing is gone, and anew that it has an older revision than it had: the other end has lost it in between.
	missing, anew bool
}

// rounds is how often something may be missing again, because there was no room to hold it back, before that is given up.
const rounds = 100

// replay tells what is missing of a thing, and then lets its new events through.
func (g *gap) replay(ctx context.Context, j *job, n *counts) {
	n.add(&n.things, 1)
	g.gate.begin(j.thing)
	for range rounds {
		err := g.tell(ctx, j, n)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			break
		}
		if j.until = g.gate.end(j.thing, true); j.until == 0 {
			return
		}
		j.missing, j.anew = false, false
	}
	n.add(&n.open, 1)
	g.client.log.Warn("events of a thing at the other end are missing", "thing", j.thing)
	g.gate.end(j.thing, false)
}

// tell tells what is missing of a thing. The error says that it cannot.
func (g *gap) tell(ctx context.Context, j *job, n *counts) error {
	k, heard := g.memory.last(j.thing)
	switch {
	case j.missing:
		return g.tellDeletion(j, &k, heard, k.revision+1, n)
	case j.anew:
		return g.tellWhole(ctx, j, n)
	case heard && !k.gone && j.until != 0 && j.until <= k.revision:
		return nil // what was missing has come meanwhile
	case heard && !k.gone && g.memory.own.didAll(j.thing, k.revision+1, j.until):
		g.memory.skip(j.thing, j.until)
		return nil
	}
	h := history{gap: g, job: j, counts: n, last: k, heard: heard}
	err := h.tell(ctx)
	if _, ok := errors.AsType[*refusedStream](err); ok || errors.Is(err, errIncomplete) {
		return g.tellWhole(ctx, j, n)
	}
	return err
}

// tellDeletion tells that a thing is gone, unless that was told or the thing was never heard of.
func (g *gap) tellDeletion(j *job, k *known, heard bool, revision int64, n *counts) error {
	if !heard || k.gone {
		return nil
	}
	e, err := deletion(j.thing, j.scope.source, revision, g.client.clock())
	if err != nil {
		return err
	}
	n.add(&n.deleted, 1)
	g.gate.replay(e)
	return nil
}

// history replays the events of a thing.
type history struct {
	gap    *gap
	job    *job
	counts *counts
	last   known
	heard  bool // of the thing, at all
}

// errIncomplete says that a history does not tell all that is missing.
var errIncomplete = errors.New("some of the history is no longer there")

// tell replays the events. Errors: errIncomplete, those of streams.
func (h *history) tell(ctx context.Context) error {
	v, err := h.gap.client.converse()
	if err != nil {
		return err
	}
	defer v.end()
	topic := topicOf(h.job.thing)
	topic.Criterion, topic.Action = protocol.Streaming, protocol.SubscribeForPersistedEvents
	events, err := v.open(ctx, protocol.Envelope{Topic: topic, Value: h.wanted()}, demand)
	if err != nil {
		return err
	}
	for {
		text, err := events.next(ctx, "item")
		if err != nil {
			return err
		}
		if text == nil {
			return h.complete()
		}
		if err := h.one(text); err != nil {
			events.cancel(ctx)
			return err
		}
	}
}

// wanted returns which events are asked for: those after the last that was told, or those since a time of a thing that was never heard of.
func (h *history) wanted() []byte {
	value := []byte(`{`)
	if h.heard {
		value = strconv.AppendInt(append(value, `"fromHistoricalRevision":`...), h.last.revision+1, 10)
	} else {
		value = append(value, `"fromHistoricalTimestamp":"`...)
		value = append(h.job.since.UTC().AppendFormat(value, time.RFC3339Nano), '"')
	}
	if filter := h.job.scope.filter; filter != "" {
		value = document.AppendString(append(value, `,"filter":`...), filter)
	}
	return append(value, '}')
}

// one tells an event of the past, if nothing is missing before it. A filter leaves events out, so that there is no saying.
func (h *history) one(text []byte) error {
	e, failure := readEvent(text, h.job.scope.source)
	if failure != nil {
		return failure
	}
	if e.thing != h.job.thing {
		return errIncomplete
	}
	if h.job.scope.filter == "" && !h.follows(e) {
		return errIncomplete
	}
	h.counts.add(&h.counts.events, 1)
	h.gap.gate.replay(e)
	h.last.revision, h.last.gone, h.heard = e.revision, e.deletes, true
	return nil
}

// follows reports whether an event is the next. Protocol rule: a history begins with the life that the thing has now; what there was before has
// ended.
func (h *history) follows(e *event) bool {
	switch {
	case e.creates && (!h.heard || e.revision > h.last.revision+1):
		return h.gap.tellDeletion(h.job, &h.last, h.heard, e.revision-1, h.counts) == nil
	case e.creates && h.heard && !h.last.gone && h.last.revision > 0:
		return false // it cannot be created while it is there
	}
	return h.heard && e.revision == h.last.revision+1
}

// complete reports whether all was told.
func (h *history) complete() error {
	if h.job.scope.filter != "" {
		h.gap.memory.skip(h.job.thing, h.job.until)
		return nil
	}
	if !h.heard || h.last.revision < h.job.until {
		return errIncomplete
	}
	return nil
}
