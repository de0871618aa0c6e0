package rest

import (
	"context"
	"strconv"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// bounds of a history are query parameters, called otherwise in the protocol.
var bounds = []struct{ parameter, member string }{
	{"from-historical-revision", "fromHistoricalRevision"},
	{"to-historical-revision", "toHistoricalRevision"},
	{"from-historical-timestamp", "fromHistoricalTimestamp"},
	{"to-historical-timestamp", "toHistoricalTimestamp"},
}

// wantsHistory reports whether the request asks for what has happened.
func (q *request) wantsHistory() bool {
	for _, b := range bounds {
		if q.query.Has(b.parameter) {
			return true
		}
	}
	return false
}

// history answers with what has happened to a thing, and ends.
func (q *request) history(at document.Pointer) *answer {
	project, err := newProjection(at, strings.Join(q.query["fields"], ","), q.query.Has("fields"))
	if err != nil {
		return refusal(err)
	}
	return q.stream(func(s *eventStream) (func() *protocol.Error, *protocol.Error) {
		c := q.newCall()
		s.atEnd(c.end)
		source, err := q.server.options.History.Source(c, q.subscription())
		if err != nil {
			return nil, err
		}
		return s.tell(func(ctx context.Context) (*event, bool, *protocol.Error) {
			return pulled(ctx, source, &project)
		})
	})
}

// portion is how many events are read at once.
const portion = 64

// pulled returns the next event of a history, nil if it is not told, and whether there may be more.
func pulled(ctx context.Context, source stream.Source, project *projection) (*event, bool, *protocol.Error) {
	text, step, err := source(ctx, nil, portion)
	if err != nil || step != stream.Item {
		return nil, step == stream.Again, err
	}
	if e, ok := project.show(text); ok && touches(text, project.at) {
		return &e, true, nil
	}
	return nil, true, nil
}

// subscription returns the message that a session would ask with for the history of the thing.
func (q *request) subscription() *protocol.Envelope {
	env := q.envelope(protocol.Things, q.segments[1], protocol.SubscribeForPersistedEvents)
	env.Topic.Channel, env.Topic.Criterion = protocol.Twin, protocol.Streaming
	env.Path, env.Value = "/", []byte(`{}`)
	for _, b := range bounds {
		if q.query.Has(b.parameter) {
			env.Value = document.Set(env.Value, document.Pointer{b.member}, numberOrText(q.query.Get(b.parameter)))
		}
	}
	if filter, has := allOf(q.query["filter"]); has {
		env.Value = document.Set(env.Value, document.Pointer{"filter"}, document.AppendString(nil, filter))
	}
	return env
}

// numberOrText returns a parameter as JSON. What is neither a revision nor a time is refused where it is read.
func numberOrText(text string) []byte {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.AppendInt(nil, n, 10)
	}
	return document.AppendString(nil, text)
}
