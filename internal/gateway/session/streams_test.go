package session

import (
	"context"
	"testing"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// Two kinds of streams.
var (
	histories = &stream.Kind{Member: "item"}
	searches  = &stream.Kind{Member: "items"}
)

const anything = `{"topic":"n/t/things/twin/streaming/request","path":"/"}`

// A session has one set of subscriptions for each kind, which ends with it: what looks for an element is interrupted, and what
// was held for it is released.
func TestStreamsEndWithTheSession(t *testing.T) {
	looking, interrupted, released := make(chan struct{}), make(chan struct{}), make(chan struct{})
	_, url := newTestServer(t, as(alice), answering(func(from *Session, env *protocol.Envelope) string {
		set := from.Streams(histories)
		if set == from.Streams(searches) || set != from.Streams(histories) {
			return "the kinds are mixed up"
		}
		m := stream.Message{Topic: env.Topic, Headers: env.Headers}
		id, err := set.Subscribe(m, func(ctx context.Context, dst []byte, _ int64) ([]byte, stream.Step, *protocol.Error) {
			close(looking)
			<-ctx.Done()
			close(interrupted)
			return dst, stream.End, nil
		}, func() { close(released) })
		if err == nil {
			err = set.Request(m, id, 1)
		}
		if err != nil {
			return err.Code
		}
		return id
	}))
	c := dial(t, url, nil)
	c.send(anything)
	c.mustGet("0")
	<-looking
	_ = c.CloseNow()
	<-interrupted
	<-released
}

// What a subscription has to tell goes out over the session's connection.
func TestStreamsAreSent(t *testing.T) {
	_, url := newTestServer(t, as(alice), answering(func(from *Session, env *protocol.Envelope) string {
		m := stream.Message{Topic: env.Topic, Headers: env.Headers}
		left := 2
		id, err := from.Streams(searches).Subscribe(m, func(_ context.Context, dst []byte, _ int64) ([]byte, stream.Step, *protocol.Error) {
			if left--; left < 0 {
				return dst, stream.End, nil
			}
			return append(dst, "[]"...), stream.Item, nil
		}, nil)
		if err == nil {
			err = from.Streams(searches).Request(m, id, 5)
		}
		if err != nil {
			return err.Code
		}
		return id
	}))
	c := dial(t, url, nil)
	c.send(anything)
	got := map[string]int{}
	for range 4 { // here the source does not wait for the reply
		got[c.get()]++
	}
	for text, times := range map[string]int{"0": 1, sent("next", `,"items":[]`): 2, sent("complete", ""): 1} {
		if got[text] != times {
			t.Errorf("%s came %d times of %v", text, got[text], got)
		}
	}
}

// sent returns the frame of a stream.
func sent(action, more string) string {
	return `{"topic":"n/t/things/twin/streaming/` + action + `","headers":{"response-required":false,"content-type":"application/json"},` +
		`"path":"/","value":{"subscriptionId":"0"` + more + `}}`
}
