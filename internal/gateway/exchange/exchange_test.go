package exchange_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// requester notes what it is told: "reply", "answer" and "no reply", with the text.
type requester struct{ told []string }

func (*requester) Audience() *pubsub.Audience {
	return &pubsub.Audience{Subjects: []string{"nginx:me", "nginx:us"}}
}
func (*requester) Deliver(wire.Burst)                      {}
func (*requester) Party() *broker.Party                    { return nil }
func (*requester) MayAccess(protocol.Group, string) bool   { return true }
func (r *requester) Reply(answer exchange.Envelope, _ int) { r.note("reply", answer) }
func (r *requester) Answer(answer exchange.Envelope)       { r.note("answer", answer) }
func (r *requester) NoReply()                              { r.told = append(r.told, "no reply") }

func (r *requester) note(what string, answer exchange.Envelope) {
	r.told = append(r.told, what+" "+string(answer.Append(nil)))
}

// began is when all exchanges of the tests begin; they end 20 ms later.
var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// begin returns the exchange that begins with a message on ns:t, and where it is counted.
func begin(t testing.TB, topic, headers string) (*exchange.Exchange, *requester, *metrics.Metrics) {
	t.Helper()
	var env protocol.Envelope
	if err := protocol.Decode(fmt.Appendf(nil, `{"topic":"ns/t/things/%s","headers":{%s},"path":"/"}`, topic, headers), &env); err != nil {
		t.Fatal(err.Message)
	}
	from, m, now := &requester{}, metrics.New(), began
	x := exchange.Begin(from, &env, m, func() time.Time { defer func() { now = began.Add(20 * time.Millisecond) }(); return now })
	return &x, from, m
}

// counted returns how messages were counted, as "action status".
func counted(t testing.TB, m *metrics.Metrics) (all []string) {
	t.Helper()
	families, err := m.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != "twinway_commands_total" {
			continue
		}
		for _, metric := range f.GetMetric() {
			words := map[string]string{}
			for _, label := range metric.GetLabel() {
				words[label.GetName()] = label.GetValue()
			}
			for range int(metric.GetCounter().GetValue()) {
				all = append(all, words["action"]+" "+words["status"])
			}
		}
	}
	slices.Sort(all)
	return all
}

// outline says what an envelope is: "topic correlation-id status value".
func outline(t testing.TB, text string) string {
	t.Helper()
	var e struct {
		Topic   string
		Headers map[string]json.RawMessage
		Status  int
		Value   json.RawMessage
	}
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	var failed struct{ Error string }
	value := string(e.Value)
	if json.Unmarshal(e.Value, &failed) == nil && failed.Error != "" {
		value = failed.Error
	}
	return fmt.Sprintf("%s %s %d %s", e.Topic, e.Headers["correlation-id"], e.Status, value)
}

// text is an envelope that is what it says.
type text string

func (s text) Append(dst []byte) []byte { return append(dst, s...) }

// A message that was waited for is answered with what became of it, and counted once.
func TestSettle(t *testing.T) {
	weak := ack.Ack{Label: "my:ack", Status: 200, Weak: true}
	nack := ack.Ack{Label: "your:ack", Status: 500, Payload: []byte(`"no"`)}
	const (
		twin, live = "twin/commands/modify", "live/commands/modify"
		message    = "live/messages/hello"
	)
	for name, tc := range map[string]struct {
		topic   string
		result  ack.Result
		channel protocol.Channel
		want    string // the answer, "" for none
		counted string
	}{
		"nothing": {live, ack.Result{Outcome: ack.Nothing}, protocol.Live, "", "modify 0"},
		"the response": {live, ack.Result{Outcome: ack.Original}, protocol.Live,
			`ns/t/things/live/commands/modify "theirs" 204 `, "modify 204"},
		"a failure": {twin, ack.Result{Outcome: ack.Failed, Error: protocol.ErrThingNotFound("ns:t")}, protocol.Twin,
			`ns/t/things/twin/errors "mine" 404 things:thing.notfound`, "modify 404"},
		"a failure of the device's channel": {live, ack.Result{Outcome: ack.Failed, Error: protocol.ErrCommandTimeout(time.Second)}, protocol.Live,
			`ns/t/things/live/errors "mine" 408 command.timeout`, "modify 408"},
		"a failure of a message": {message, ack.Result{Outcome: ack.Failed, Error: protocol.ErrCommandTimeout(time.Second)}, protocol.Live,
			`ns/t/things/live/errors "mine" 408 command.timeout`, "messages 408"},
		"a failure because of a policy": {twin, ack.Result{Outcome: ack.Failed, Error: protocol.ErrPolicyNotFound("ns:p")}, protocol.Twin,
			`ns/t/policies/errors "mine" 404 policies:policy.notfound`, "modify 404"},
		"an acknowledgement": {twin, ack.Result{Outcome: ack.Aggregated, Acks: []ack.Ack{nack}}, protocol.Twin,
			`ns/t/things/twin/acks "mine" 500 {"your:ack":{"status":500,"payload":"no","headers":{"correlation-id":"mine","response-required":false}}}`,
			"modify 500"},
		"acknowledgements": {live, ack.Result{Outcome: ack.Aggregated, Acks: []ack.Ack{weak, nack}}, protocol.Live,
			`ns/t/things/live/acks "mine" 424 {"my:ack":{"status":200,"headers":{"correlation-id":"mine","response-required":false,"ditto-weak-ack":true}},` +
				`"your:ack":{"status":500,"payload":"no","headers":{"correlation-id":"mine","response-required":false}}}`,
			"modify 424"},
		"acknowledgements of a message": {message, ack.Result{Outcome: ack.Aggregated, Acks: []ack.Ack{weak}}, protocol.Live,
			`ns/t/things/live/acks "mine" 200 {"my:ack":{"status":200,"headers":{"correlation-id":"mine","response-required":false,"ditto-weak-ack":true}}}`,
			"messages 200"},
		"the twin in place of a device": {live, ack.Result{Outcome: ack.Aggregated, Acks: []ack.Ack{weak}}, protocol.Twin,
			`ns/t/things/twin/acks "mine" 200 {"my:ack":{"status":200,"headers":{"correlation-id":"mine","response-required":false,"ditto-weak-ack":true}}}`,
			"modify 200"},
	} {
		t.Run(name, func(t *testing.T) {
			x, from, m := begin(t, tc.topic, `"correlation-id":"mine","requested-acks":["my:ack"]`)
			original := text(`{"topic":"ns/t/things/live/commands/modify","headers":{"correlation-id":"theirs"},"status":204}`)
			x.Waiting().Settle(tc.result, tc.channel, original, 204)
			got := ""
			if len(from.told) == 1 && strings.HasPrefix(from.told[0], "answer ") {
				got = outline(t, strings.TrimPrefix(from.told[0], "answer "))
			}
			if got != tc.want || len(from.told) > 1 {
				t.Errorf("told %q\n got %s\nwant %s", from.told, got, tc.want)
			}
			if diff := cmp.Diff([]string{tc.counted}, counted(t, m)); diff != "" {
				t.Errorf("counted (-want +got):\n%s", diff)
			}
		})
	}
}

// Who waits for an answer does not hold, nor see changes of, the text that the message came in.
func TestWaitingKeepsNothingOfTheMessage(t *testing.T) {
	message := []byte(`{"topic":"ns/t/things/twin/commands/modify","headers":{"correlation-id":"mine","own":"header"},"path":"/attributes/a","value":1}`)
	var env protocol.Envelope
	if err := protocol.Decode(message, &env); err != nil {
		t.Fatal(err.Message)
	}
	from := &requester{}
	x := exchange.Begin(from, &env, metrics.New(), time.Now)
	waiting := x.Waiting()
	for i := range message {
		message[i] = '!'
	}
	waiting.Settle(ack.Result{Outcome: ack.Failed, Error: protocol.ErrThingNotFound("ns:t")}, protocol.Twin, nil, 0)
	if len(from.told) != 1 || !strings.Contains(from.told[0], `"correlation-id":"mine"`) || !strings.Contains(from.told[0], `"own":"header"`) ||
		!strings.Contains(from.told[0], `"topic":"ns/t/things/twin/errors"`) {
		t.Errorf("told %q", from.told)
	}
}

// A command is answered if it requires a response, and until then it has the time that it asks for, if that is not too long.
func TestPrepare(t *testing.T) {
	const longest = time.Minute
	for _, tc := range []struct {
		kind          ack.Kind
		headers, want string
	}{
		{ack.TwinModification, ``, "response in 1m0s"},
		{ack.TwinModification, `"timeout":"10s"`, "response in 10s"},
		{ack.TwinModification, `"timeout":"10m"`, "response in 1m0s"},
		{ack.TwinModification, `"timeout":0`, "silent"},
		{ack.TwinModification, `"response-required":false`, "silent"},
		{ack.TwinModification, `"response-required":false,"requested-acks":[]`, "silent"},
		{ack.TwinModification, `"requested-acks":[]`, "response in 1m0s"},
		{ack.TwinModification, `"requested-acks":["my:ack"]`, "acks in 1m0s"},
		{ack.TwinModification, `"requested-acks":["my:ack"],"response-required":false`, "400 header.invalid"},
		{ack.TwinModification, `"requested-acks":["my:ack"],"timeout":0`, "400 header.invalid"},
		{ack.TwinQuery, `"requested-acks":["my:ack","twin-persisted"]`, "response in 1m0s"},
		{ack.TwinQuery, `"response-required":false`, "400 command.headers.invalid"},
		{ack.TwinQuery, `"timeout":0`, "400 header.invalid"},
		{ack.PolicyCommand, `"requested-acks":["my:ack","twin-persisted"]`, "response in 1m0s"},
		{ack.PolicyCommand, `"requested-acks":["my:ack"],"response-required":false`, "silent"},
		{ack.PolicyCommand, `"timeout":0`, "silent"},
		{ack.PolicyQuery, `"requested-acks":["my:ack"],"timeout":"5s"`, "response in 5s"},
		{ack.PolicyQuery, `"response-required":false`, "400 command.headers.invalid"},
	} {
		x, _, _ := begin(t, "twin/commands/modify", tc.headers)
		err := x.Prepare(tc.kind, longest)
		got := map[ack.Reply]string{ack.Silent: "silent", ack.Response: "response", ack.Aggregate: "acks"}[x.Plan.Reply]
		switch deadline := x.Deadline(); {
		case err != nil:
			got = fmt.Sprintf("%d %s", err.Status, err.Code)
		case !deadline.IsZero():
			got += " in " + deadline.Sub(began).String()
		}
		if got != tc.want {
			t.Errorf("%v with %s: %s, want %s", tc.kind, tc.headers, got, tc.want)
		}
	}
}

// What is wrong with a message is told anyway, what becomes of a command only to who wants to know. All is counted.
func TestReplies(t *testing.T) {
	const silent = `"correlation-id":"c","response-required":false`
	for _, tc := range []struct {
		headers string
		does    func(*exchange.Exchange)
		want    string
		counted string
	}{
		{`"correlation-id":"c"`, func(x *exchange.Exchange) {
			x.Respond(exchange.Result{Action: protocol.Create, Status: 201, Value: []byte(`1`)})
		},
			`reply ns/t/things/twin/commands/create "c" 201 1`, "modify 201"},
		{`"correlation-id":"c"`, func(x *exchange.Exchange) { x.Fail(protocol.ErrThingNotFound("ns:t")) },
			`reply ns/t/things/twin/errors "c" 404 things:thing.notfound`, "modify 404"},
		{silent, func(x *exchange.Exchange) { x.Respond(exchange.Result{Action: protocol.Modify, Status: 204}) }, "no reply", "modify 0"},
		{silent, func(x *exchange.Exchange) { x.Fail(protocol.ErrThingNotFound("ns:t")) }, "no reply", "modify 0"},
		{silent, func(x *exchange.Exchange) { x.Refuse(protocol.ErrValueMissing()) },
			`reply ns/t/things/twin/errors "c" 400 json.invalid`, "modify 400"},
		{silent, func(x *exchange.Exchange) { x.Tell(nil, 0) }, "no reply", "modify 0"},
	} {
		x, from, m := begin(t, "twin/commands/modify", tc.headers)
		if err := x.Prepare(ack.TwinModification, time.Minute); err != nil {
			t.Fatal(err.Message)
		}
		tc.does(x)
		got := strings.Join(from.told, ", ")
		if envelope, replied := strings.CutPrefix(got, "reply "); replied && len(from.told) == 1 {
			got = "reply " + outline(t, envelope)
		}
		if got != tc.want {
			t.Errorf("%s: told %s, want %s", tc.headers, got, tc.want)
		}
		if diff := cmp.Diff([]string{tc.counted}, counted(t, m)); diff != "" {
			t.Errorf("%s: counted (-want +got):\n%s", tc.headers, diff)
		}
	}
}

// A message without a correlation id is given one, by which all that comes of it can be told apart.
func TestBeginGivesCorrelationIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 10 {
		x, _, _ := begin(t, "twin/commands/modify", "")
		id, ok := x.Headers.String(protocol.HeaderCorrelationID)
		if !ok || id == "" || seen[id] {
			t.Errorf("%q is given", id)
		}
		seen[id] = true
	}
	x, _, _ := begin(t, "twin/commands/modify", `"correlation-id":"own"`)
	if id, _ := x.Headers.String(protocol.HeaderCorrelationID); id != "own" {
		t.Errorf("%q is given in place of the message's own", id)
	}
}

// BenchmarkPrepare reads how modifications are to be answered.
func BenchmarkPrepare(b *testing.B) {
	for _, headers := range []string{
		`"correlation-id":"c"`, `"timeout":"10s"`, `"response-required":false`, `"requested-acks":["twin-persisted"]`,
		`"response-required":true,"requested-acks":["twin-persisted","my:ack"],"timeout":"10s"`,
	} {
		b.Run(headers, func(b *testing.B) {
			x, _, _ := begin(b, "twin/commands/modify", headers)
			b.ReportAllocs()
			for b.Loop() {
				if err := x.Prepare(ack.TwinModification, time.Minute); err != nil {
					b.Fatal(err.Message)
				}
			}
		})
	}
}
