package protocol

import (
	"fmt"
	"testing"
	"time"
)

// frame510 is a command of 510 bytes with six headers.
var frame510 = func() []byte {
	const begin = `{"topic":"org.eclipse.ditto/test-thing-47/things/twin/commands/modify","headers":{` +
		`"correlation-id":"5d3f2c1e-8a7b-4c6d-9e0f-1a2b3c4d5e6f","content-type":"application/json",` +
		`"response-required":true,"timeout":"10s","requested-acks":["twin-persisted"],"myapp-trace":"a-value"},` +
		`"path":"/features/coffee-brewer/properties/brewed-coffees","value":{"count":42,"note":"`
	return fmt.Appendf(nil, `%s%0*d"}}`, begin, 510-len(begin)-len(`"}}`), 0)
}()

func TestFrame510(t *testing.T) {
	if len(frame510) != 510 {
		t.Errorf("has %d bytes", len(frame510))
	}
	if env := decoded(t, string(frame510)); env.Headers.Len() != 6 {
		t.Errorf("has %d headers", env.Headers.Len())
	}
}

func BenchmarkDecode(b *testing.B) {
	b.ReportAllocs()
	b.SetBytes(int64(len(frame510)))
	var env Envelope
	for b.Loop() {
		if err := Decode(frame510, &env); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTopic(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParseTopic("org.eclipse.ditto/test-thing-47/things/twin/commands/modify"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParsePath(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ParsePath("/features/coffee-brewer/properties/brewed-coffees"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendResponse(b *testing.B) {
	env := decoded(b, string(frame510))
	path, _ := ParsePath(env.Path)
	r := Response{
		Topic: env.Topic, Headers: env.Headers, Originator: "nginx:ditto", ETag: `"hash:5d3f2c1e"`, Revision: 4711, Path: path,
		Status: 204,
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = r.Append(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkAppendEvent(b *testing.B) {
	env := decoded(b, string(frame510))
	path, _ := ParsePath(env.Path)
	e := Event{
		Topic: env.Topic, Headers: env.Headers, Originator: "nginx:ditto", Path: path, Value: env.Value, Revision: 4711,
		Timestamp: time.Date(2026, 8, 18, 18, 32, 56, 123456789, time.UTC),
	}
	e.Topic.Criterion, e.Topic.Action = Events, Modified
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = e.Append(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkAppendError(b *testing.B) {
	env := decoded(b, string(frame510))
	r := ErrorResponse{
		Topic: env.Topic, Headers: env.Headers, Originator: "nginx:ditto", Error: ErrThingNotFound(env.Topic.EntityID()),
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = r.Append(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}

func BenchmarkAppendEnvelope(b *testing.B) {
	env := decoded(b, string(frame510))
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = env.Append(buf[:0])
	}
	b.SetBytes(int64(len(buf)))
}
