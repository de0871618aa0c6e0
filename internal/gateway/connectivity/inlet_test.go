package connectivity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/snapshot"
)

// inlet opens an inlet with a source "in" until the end of the test.
func (l *land) inlet(change func(s *snapshot.Source)) *inlet {
	l.Helper()
	s := snapshot.Source{
		Name: "in", Addresses: []string{"from/#"}, AuthorizationSubjects: []string{"test:in"}, Delivery: snapshot.AtLeastOnce,
		Payload: snapshot.SourceDittoProtocol, ReplyTo: "{{ header:reply-to }}",
		Replies: []snapshot.ReplyKind{snapshot.ReplyError, snapshot.ReplyNack, snapshot.ReplyResponse},
	}
	if change != nil {
		change(&s)
	}
	in, err := newInlet(l.peer, []snapshot.Source{s})
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(in.close)
	return in
}

// settlements are what the other end was told.
type settlements struct {
	mu  sync.Mutex
	all []string
}

func (s *settlements) settle(as link.Settlement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, as.String())
}

func (s *settlements) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.all
	s.all = nil
	return got
}

// modify is the text of a modification with some headers.
func modify(headers string) string {
	return `{"topic":"ns/a/things/twin/commands/modify","headers":{"correlation-id":"id",` + headers + `"x":"y"},"path":"/attributes/n","value":1}`
}

// send is the text of a message with some headers.
func send(headers string) string {
	return `{"topic":"ns/a/things/live/messages/ask","headers":{"correlation-id":"id",` + headers + `"content-type":"text/plain"},"path":"/inbox/messages/ask","value":"hi"}`
}

// consumed is a message that has come in, which is to be replied to at "back".
func (s *settlements) consumed(text string) link.Consumed {
	return link.Consumed{Source: "in", Settle: s.settle, Message: external.Message{
		Address: "from/a", Payload: []byte(text), Headers: external.Headers{"reply-to": "back"},
	}}
}

// The ways in which commands are answered.
func repliesWith(e exchange.Envelope) func(exchange.Requester, *protocol.Envelope) {
	return func(from exchange.Requester, _ *protocol.Envelope) { from.Reply(e, 0) }
}

func answersLater(e exchange.Envelope) func(exchange.Requester, *protocol.Envelope) {
	return func(from exchange.Requester, _ *protocol.Envelope) {
		from.NoReply()
		from.Answer(e)
	}
}

func answersBefore(e exchange.Envelope) func(exchange.Requester, *protocol.Envelope) {
	return func(from exchange.Requester, _ *protocol.Envelope) {
		from.Answer(e)
		from.NoReply()
	}
}

func silently(from exchange.Requester, _ *protocol.Envelope) { from.NoReply() }

// success answers a command with a status.
func success(status int) *protocol.Response { return &protocol.Response{Status: status} }

// failed answers a command that was not done.
func failed(status int) *protocol.ErrorResponse {
	return &protocol.ErrorResponse{Originator: "test:in", Error: &protocol.Error{Status: status, Code: "test"}}
}

// acks answers with acknowledgements of these statuses.
func acks(statuses ...int) *ack.Acks {
	a := &ack.Acks{}
	for i, status := range statuses {
		a.Acks = append(a.Acks, ack.Ack{Label: fmt.Sprintf("test:%d", i), Status: status})
	}
	return a
}

// What the other end is told of a message, by what became of what it asks for.
func TestInletSettles(t *testing.T) {
	const asked, silent = `"requested-acks":["twin-persisted"],`, `"response-required":false,`
	custom := `"requested-acks":["test:0","test:1"],`
	for _, c := range []struct {
		name string
		text string
		do   func(exchange.Requester, *protocol.Envelope)
		want string
	}{
		{"created", modify(asked), repliesWith(success(201)), "accepted"},
		{"modified", modify(asked), repliesWith(success(204)), "accepted"},
		{"a precondition that does not hold is a success", modify(asked), repliesWith(failed(412)), "accepted"},
		{"so is that there is nothing to do", modify(asked), repliesWith(failed(304)), "accepted"},
		{"wrong", modify(asked), repliesWith(failed(400)), "rejected"},
		{"not allowed", modify(asked), repliesWith(failed(403)), "rejected"},
		{"not there", modify(asked), repliesWith(failed(404)), "rejected"},
		{"too large", modify(asked), repliesWith(failed(413)), "rejected"},
		{"not in time", modify(asked), repliesWith(failed(408)), "to be redelivered"},
		{"a dependency that has failed", modify(asked), repliesWith(failed(424)), "to be redelivered"},
		{"too much at once", modify(asked), repliesWith(failed(429)), "to be redelivered"},
		{"broken", modify(asked), repliesWith(failed(500)), "to be redelivered"},
		{"out of service", modify(asked), repliesWith(failed(503)), "to be redelivered"},

		{"all acknowledge", modify(custom), answersLater(acks(204, 200)), "accepted"},
		{"all acknowledge at once", modify(custom), answersBefore(acks(204, 200)), "accepted"},
		{"one does not in time", modify(custom), answersLater(acks(204, 408)), "to be redelivered"},
		{"one does not in time and another not at all", modify(custom), answersLater(acks(400, 408)), "to be redelivered"},
		{"one is out of service", modify(custom), answersLater(acks(503, 204)), "to be redelivered"},
		{"one says that another has failed", modify(custom), answersLater(acks(424, 204)), "to be redelivered"},
		{"one does not want it", modify(custom), answersLater(acks(204, 400)), "rejected"},
		{"one says that a precondition does not hold", modify(custom), answersLater(acks(412, 204)), "accepted"},
		{"a single one", modify(custom), answersLater(acks(404)), "rejected"},
		{"a single one, late", modify(custom), answersLater(acks(408)), "to be redelivered"},

		{"nobody is asked: when it is handed over", send(`"requested-acks":[],`), silently, "accepted"},
		{"nobody is asked, and it is answered with a failure", send(`"requested-acks":[],`), answersLater(failed(408)), "accepted"},
		{"nobody is asked, by default", send(""), answersLater(failed(408)), "accepted"},
		{"nobody is asked, and it is refused", send(""), repliesWith(failed(400)), "rejected"},
		{"nobody is asked, and there is no room", send(""), repliesWith(failed(429)), "to be redelivered"},
		{"a device is asked", send(`"requested-acks":["live-response"],`), answersLater(failed(408)), "to be redelivered"},
		{"a device is asked and answers", send(`"requested-acks":["live-response"],`), answersLater(success(200)), "accepted"},
		{"a device is asked and refuses", send(`"requested-acks":["live-response"],`), answersLater(success(404)), "rejected"},

		{"without a response: when it is done", modify(silent), silently, "accepted"},
		{"without a response, and it fails", modify(silent), repliesWith(failed(503)), "to be redelivered"},

		{"no envelope", `hello`, nil, "rejected"},
		{"an empty topic", `{"topic":"","path":"/"}`, nil, "rejected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionKafka, func(l *land) {
				l.do = c.do
				var told settlements
				in := l.inlet(nil)
				if err := in.Consume(l.Context(), told.consumed(c.text)); err != nil {
					t.Fatal(err)
				}
				same(l, "settled", told.got(), []string{c.want})
				if left := in.drain(l.Context()); left != 0 {
					l.Errorf("%d are left", left)
				}
			})
		})
	}
}

// The settlement waits for the answer, and only for that.
func TestInletSettlesWhenItIsAnswered(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		var asked []exchange.Requester
		l.do = func(from exchange.Requester, _ *protocol.Envelope) { asked = append(asked, from) }
		var told settlements
		in := l.inlet(nil)
		_ = in.Consume(l.Context(), told.consumed(send(`"requested-acks":["live-response"],`)))
		same(l, "settled before it is handled", told.got(), []string(nil))
		asked[0].NoReply()
		same(l, "settled before it is answered", told.got(), []string(nil))
		same(l, "counted meanwhile", l.counts("in"), "consumed:1 mapped:1 waiting:1")
		asked[0].Answer(success(200))
		same(l, "settled", told.got(), []string{"accepted"})
		same(l, "counted", l.counts("in"), "accepted:1 consumed:1 mapped:1")
	})
}

// A message whose thing is to be there first asks for two things, in order.
func TestInletCreatesThings(t *testing.T) {
	created := func(status int, then exchange.Envelope) func(exchange.Requester, *protocol.Envelope) {
		return func(from exchange.Requester, env *protocol.Envelope) {
			switch {
			case env.Topic.Action == protocol.Create && status < 300:
				from.Reply(success(status), 0)
			case env.Topic.Action == protocol.Create:
				from.Reply(failed(status), 0)
			default:
				from.Reply(then, 0)
			}
		}
	}
	for _, c := range []struct {
		name    string
		do      func(exchange.Requester, *protocol.Envelope)
		want    string
		replies int
	}{
		{"created and done", created(201, success(204)), "accepted", 1},
		{"there already", created(412, success(204)), "accepted", 1},
		{"there already, as a conflict", created(409, success(204)), "accepted", 1},
		{"not created, but done", created(403, success(204)), "accepted", 1},
		{"not created, and not done", created(403, failed(404)), "rejected", 1},
		{"not created for now, and not done", created(503, failed(404)), "to be redelivered", 1},
		{"created, and not done for now", created(201, failed(503)), "to be redelivered", 1},
		{"created, and not done", created(201, failed(400)), "rejected", 1},
		{"a creation that is wrong, but done", func(from exchange.Requester, env *protocol.Envelope) {
			if env.Topic.Action == protocol.Create {
				from.Reply(&protocol.ErrorResponse{Error: &protocol.Error{Status: 400}}, 0)
				return
			}
			from.Reply(success(204), 0)
		}, "accepted", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionKafka, func(l *land) {
				l.do = c.do
				var told settlements
				in, f := l.inlet(func(s *snapshot.Source) {
					s.RequestedAcks = []string{"twin-persisted"}
					s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":"ns:{{ source:address | fn:substring-after('/') }}","policyId":"ns:p"}`}
				}), newFar()
				in.use(f)
				_ = in.Consume(l.Context(), told.consumed(modify("")))
				synctest.Wait()
				handled := l.told()
				if len(handled) != 2 || !strings.HasPrefix(handled[0], "ns/a/things/twin/commands/create") || !strings.HasPrefix(handled[1], "ns/a/things/twin/commands/modify") {
					l.Errorf("handled: %q", handled)
				}
				same(l, "settled", told.got(), []string{c.want})
				same(l, "replies", len(f.got()), c.replies)
			})
		})
	}
}

// A message that has nothing but a thing to create is answered, unless the thing is there.
func TestInletOnlyCreatesThings(t *testing.T) {
	for status, want := range map[int]string{201: "accepted 1", 409: "accepted 0", 412: "accepted 0", 403: "rejected 1"} {
		inLand(t, snapshot.ConnectionKafka, func(l *land) {
			l.do = repliesWith(failed(status))
			if status == 201 {
				l.do = repliesWith(success(status))
			}
			var told settlements
			in, f := l.inlet(func(s *snapshot.Source) {
				s.Payload = snapshot.SourceImplicitThing
				s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":"ns:a","policyId":"ns:p"}`}
			}), newFar()
			in.use(f)
			_ = in.Consume(l.Context(), told.consumed("{}"))
			synctest.Wait()
			same(l, "settled, and replied to", fmt.Sprintf("%s %d", told.got()[0], len(f.got())), want)
		})
	}
}

// Answers go to the sender by what they are, and as the source says.
func TestInletReplies(t *testing.T) {
	refusal := &protocol.ErrorResponse{Error: &protocol.Error{Status: 400, Code: "test"}} // it has no originator
	silent := `"response-required":false,`
	for _, c := range []struct {
		name  string
		text  string
		do    func(exchange.Requester, *protocol.Envelope)
		kinds []snapshot.ReplyKind // that are sent
		want  bool
	}{
		{"a response", modify(""), repliesWith(success(204)), []snapshot.ReplyKind{snapshot.ReplyResponse}, true},
		{"a response that is not sent", modify(""), repliesWith(success(204)), []snapshot.ReplyKind{snapshot.ReplyError, snapshot.ReplyNack}, false},
		{"an error", modify(""), repliesWith(failed(404)), []snapshot.ReplyKind{snapshot.ReplyError}, true},
		{"an error that is not sent", modify(""), repliesWith(failed(404)), []snapshot.ReplyKind{snapshot.ReplyResponse, snapshot.ReplyNack}, false},
		{"acknowledgements", modify(""), answersLater(acks(204, 200)), []snapshot.ReplyKind{snapshot.ReplyResponse}, true},
		{"negative ones", modify(""), answersLater(acks(204, 404)), []snapshot.ReplyKind{snapshot.ReplyNack}, true},
		{"a negative one", modify(""), answersLater(acks(404)), []snapshot.ReplyKind{snapshot.ReplyNack}, true},
		{"negative ones are no response", modify(""), answersLater(acks(204, 404)), []snapshot.ReplyKind{snapshot.ReplyResponse, snapshot.ReplyError}, false},
		{"what is answered after it was settled", send(""), answersLater(success(200)), []snapshot.ReplyKind{snapshot.ReplyResponse}, true},
		{"what is no envelope", "hello", nil, []snapshot.ReplyKind{snapshot.ReplyError}, true},
		{"what is no envelope, and not told", "hello", nil, []snapshot.ReplyKind{snapshot.ReplyResponse}, false},
		{"who wants no response is not told of a failure", modify(silent), repliesWith(failed(404)), []snapshot.ReplyKind{snapshot.ReplyError}, false},
		{"but of what is wrong with the message", modify(silent), repliesWith(refusal), []snapshot.ReplyKind{snapshot.ReplyError}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionKafka, func(l *land) {
				l.do = c.do
				var told settlements
				in, f := l.inlet(func(s *snapshot.Source) { s.Replies = c.kinds }), newFar()
				in.use(f)
				_ = in.Consume(l.Context(), told.consumed(c.text))
				in.drain(l.Context())
				got := f.got()
				if (len(got) == 1) != c.want {
					l.Errorf("replies: %q", got)
				}
				if len(got) == 1 && !strings.HasPrefix(got[0], `back {"topic":`) {
					l.Errorf("reply: %s", got[0])
				}
			})
		})
	}
}

// What the source wants acknowledged is waited for even if the sender wants no answer, who is then given none.
func TestInletInsists(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		l.do = func(from exchange.Requester, env *protocol.Envelope) {
			if required, _ := env.Headers.Bool(protocol.HeaderResponseRequired); !required {
				l.Errorf("no response is asked for, and so nobody can wait: %s", env.Append(nil))
			}
			answersLater(acks(204))(from, env)
		}
		var told settlements
		in, f := l.inlet(func(s *snapshot.Source) { s.RequestedAcks = []string{"test:0"} }), newFar()
		in.use(f)
		_ = in.Consume(l.Context(), told.consumed(modify(`"response-required":false,`)))
		synctest.Wait()
		same(l, "settled", told.got(), []string{"accepted"})
		same(l, "replies", f.got(), []string(nil))
	})
}

// A client consumes before it is known to be open: replies wait for it, but not for long.
func TestInletRepliesByTheNextClient(t *testing.T) {
	for after, want := range map[time.Duration]int{maxReplyWait: 2, maxReplyWait + 1: 0} {
		inLand(t, snapshot.ConnectionKafka, func(l *land) {
			l.do = repliesWith(success(204))
			var told settlements
			in, f := l.inlet(nil), newFar()
			for range 2 {
				_ = in.Consume(l.Context(), told.consumed(modify("")))
			}
			in.drain(l.Context())
			time.Sleep(after)
			in.use(f)
			in.drain(l.Context())
			same(l, fmt.Sprintf("replies after %v", after), len(f.got()), want)
			if noted := slices.Contains(l.noted("in"), "replied! back the connection was not open"); noted != (want == 0) {
				l.Errorf("noted: %q", l.noted("in"))
			}
		})
	}
}

// Replies are tried once, and whoever answers does not wait for them.
func TestInletLosesReplies(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		l.do = repliesWith(success(204))
		var told settlements
		in, f := l.inlet(nil), newFar()
		f.full = true
		in.use(f)
		for range maxReplies + 10 {
			_ = in.Consume(l.Context(), told.consumed(modify("")))
		}
		synctest.Wait()
		same(l, "settled", len(told.got()), maxReplies+10)
		if got := len(in.replies.waiting); got > maxReplies {
			l.Errorf("%d replies wait", got)
		}
		if noted := l.noted("in"); !slices.ContainsFunc(noted, func(s string) bool { return strings.Contains(s, "too many replies") }) {
			l.Errorf("noted: %q", noted)
		}
		in.close()
	})
}

func TestInletCounts(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		var told settlements
		in, f := l.inlet(nil), newFar()
		in.use(f)
		for _, do := range []func(exchange.Requester, *protocol.Envelope){
			repliesWith(success(204)), repliesWith(failed(404)), repliesWith(failed(503)),
		} {
			l.do = do
			_ = in.Consume(l.Context(), told.consumed(modify("")))
			synctest.Wait()
		}
		_ = in.Consume(l.Context(), told.consumed("{"))
		empty := told.consumed("")
		empty.Message.Headers["content-type"] = "application/vnd.eclipse-hono-empty-notification"
		_ = in.Consume(l.Context(), empty)
		in.drain(l.Context())
		same(l, "counted", l.counts("in"), "accepted:2 consumed:5 dropped:1 failed:3 mapped:3 redelivered:1 rejected:2 replied:4")
		noted := l.noted("in")
		for i := range noted { // what is wrong with JSON is said in a sentence of its own
			noted[i], _, _ = strings.Cut(noted[i], ".invalid: ")
		}
		slices.Sort(noted)
		same(l, "noted", slices.Compact(noted), []string{
			"consumed from/a", "dropped from/a it asks for nothing", "mapped! from/a json", "mapped! from/a the command has failed: 404 test",
			"mapped! from/a the command has failed: 503 test", "replied back", "settled from/a accepted", "settled! from/a rejected",
			"settled! from/a to be redelivered",
		})
	})
}

// A message that fails again and again is dropped in the end, unless it is for want of room.
func TestInletDropsPoison(t *testing.T) {
	for _, c := range []struct {
		status, redelivered int
		want                string
	}{
		{408, maxRedeliveries - 1, "to be redelivered"},
		{408, maxRedeliveries, "rejected"},
		{500, maxRedeliveries, "rejected"},
		{503, maxRedeliveries, "to be redelivered"},
		{429, 100, "to be redelivered"},
		{204, 100, "accepted"},
	} {
		inLand(t, snapshot.ConnectionNATS, func(l *land) {
			l.do = repliesWith(failed(c.status))
			var told settlements
			in := l.inlet(nil)
			m := told.consumed(modify(""))
			m.Redelivered = c.redelivered
			_ = in.Consume(l.Context(), m)
			same(l, fmt.Sprintf("settled %d after %d", c.status, c.redelivered), told.got(), []string{c.want})
			if dropped := strings.Contains(l.counts("in"), "dropped:1"); dropped != (c.want == "rejected") {
				l.Errorf("counted: %s", l.counts("in"))
			}
		})
	}
}

// That somebody who was to acknowledge it cannot be reached is not the message's fault, however often; that a device answers so is.
func TestInletKeepsWhatIsNotHeard(t *testing.T) {
	response := acks(204, 503)
	response.Acks[1].Label = protocol.LabelLiveResponse
	for name, c := range map[string]struct {
		answer *ack.Acks
		want   string
	}{
		"one":             {acks(503), "to be redelivered"},
		"one of two":      {acks(204, 503), "to be redelivered"},
		"a device":        {response, "rejected"},
		"another failure": {acks(204, 500), "rejected"},
	} {
		inLand(t, snapshot.ConnectionNATS, func(l *land) {
			l.do = answersLater(c.answer)
			var told settlements
			in := l.inlet(nil)
			m := told.consumed(modify(`"requested-acks":["test:0","test:1"],`))
			m.Redelivered = maxRedeliveries
			_ = in.Consume(l.Context(), m)
			same(l, name, told.got(), []string{c.want})
		})
	}
}

// What is consumed at most once is not settled.
func TestInletWithoutSettlement(t *testing.T) {
	inLand(t, snapshot.ConnectionMQTT, func(l *land) {
		l.do = repliesWith(failed(503))
		in := l.inlet(nil)
		_ = in.Consume(l.Context(), link.Consumed{Source: "in", Message: external.Message{Payload: []byte(modify(""))}})
		same(l, "counted", l.counts("in"), "consumed:1 failed:1 mapped:1 rejected:1")
	})
}

// So many messages are handled at a time, and of so many bytes. Then the other end waits.
func TestInletIsBounded(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		var asked []exchange.Requester
		l.do = func(from exchange.Requester, _ *protocol.Envelope) { asked = append(asked, from) }
		var told settlements
		in := l.inlet(nil)
		for range maxUnderway {
			_ = in.Consume(l.Context(), told.consumed(modify("")))
		}
		ctx, cancel := context.WithTimeout(l.Context(), time.Second)
		defer cancel()
		if err := in.Consume(ctx, told.consumed(modify(""))); !errors.Is(err, context.DeadlineExceeded) {
			l.Errorf("one more: %v", err)
		}
		taken := make(chan error)
		go func() { taken <- in.Consume(l.Context(), told.consumed(modify(""))) }()
		synctest.Wait()
		if len(asked) != maxUnderway {
			l.Errorf("%d are handled", len(asked))
		}
		asked[7].Reply(success(204), 0)
		if err := <-taken; err != nil || len(asked) != maxUnderway+1 {
			l.Errorf("when one is done: %v, %d are handled", err, len(asked))
		}
		// Whoever waits for others takes no room.
		for range 2 * maxUnderway {
			l.do = func(from exchange.Requester, _ *protocol.Envelope) { asked = append(asked, from); from.NoReply() }
			asked[8].Reply(success(204), 0)
			asked = slices.Delete(asked, 8, 9)
			_ = in.Consume(l.Context(), told.consumed(send(`"requested-acks":["live-response"],`)))
			if len(asked) > 8+maxUnderway {
				break
			}
		}
	})
}

func TestInletIsBoundedInBytes(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		var asked []exchange.Requester
		l.do = func(from exchange.Requester, _ *protocol.Envelope) { asked = append(asked, from) }
		var told settlements
		in := l.inlet(nil)
		n := 0
		ctx, cancel := context.WithTimeout(l.Context(), time.Second)
		defer cancel()
		large := strings.Replace(modify(""), `"value":1`, `"value":"`+strings.Repeat("x", 1<<20)+`"`, 1)
		for in.Consume(ctx, told.consumed(large)) == nil {
			n++
		}
		if want := maxUnderwayBytes / len(large); n != want {
			l.Errorf("%d messages of %d bytes are taken, not %d", n, len(large), want)
		}
	})
}

// Those that wait for others are bounded, too, but do not stand in the way of what they wait for.
func TestInletBoundsWhatWaits(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		var asked []exchange.Requester
		l.do = func(from exchange.Requester, _ *protocol.Envelope) {
			asked = append(asked, from)
			from.NoReply()
		}
		var told settlements
		in := l.inlet(nil)
		ctx, cancel := context.WithTimeout(l.Context(), time.Second)
		defer cancel()
		for in.Consume(ctx, told.consumed(send(`"requested-acks":["live-response"],`))) == nil {
		}
		same(l, "that wait", len(asked), maxWaiting)
		left := make(chan int)
		go func() { left <- in.drain(l.Context()) }()
		synctest.Wait()
		for _, from := range asked {
			from.Answer(success(200))
		}
		same(l, "left", <-left, 0)
		same(l, "settled", len(told.got()), maxWaiting)
	})
}

// An inlet that is drained takes nothing more, but waits for what it has taken.
func TestInletDrains(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		var asked exchange.Requester
		l.do = func(from exchange.Requester, _ *protocol.Envelope) { asked = from }
		var told settlements
		in := l.inlet(nil)
		_ = in.Consume(l.Context(), told.consumed(modify("")))
		ctx, cancel := context.WithTimeout(l.Context(), time.Second)
		defer cancel()
		same(l, "left", in.drain(ctx), 1)
		if err := in.Consume(ctx, told.consumed(modify(""))); !errors.Is(err, context.DeadlineExceeded) {
			l.Errorf("one more: %v", err)
		}
		asked.Reply(success(204), 0)
		same(l, "left when it is done", in.drain(l.Context()), 0)
	})
}

// Commands are done on the authority of the subjects that the message resolves to, by the one party that the connection is.
func TestInletIsWhoItSays(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		l.labels = []string{"link:done"}
		l.do = func(from exchange.Requester, _ *protocol.Envelope) {
			same(l, "audience", *from.Audience(), pubsub.Audience{Subjects: []string{"device:from/a"}, Acks: []string{"link:done"}})
			if from.Party() != l.peer.party || !from.MayAccess(protocol.Things, "ns") || from.(pubsub.Kindred).Kin() != any(l.peer) {
				l.Error("it is somebody else")
			}
			if _, ok := from.(exchange.Insistent); !ok {
				l.Error("it does not insist")
			}
			from.NoReply()
		}
		var told settlements
		in := l.inlet(func(s *snapshot.Source) { s.AuthorizationSubjects = []string{"device:{{ header:device }}"} })
		m := told.consumed(modify(""))
		m.Message.Headers["device"] = "from/a"
		_ = in.Consume(l.Context(), m)
		same(l, "handled", len(l.told()), 1)
		delete(m.Message.Headers, "device")
		_ = in.Consume(l.Context(), told.consumed(modify("")))
		same(l, "handled without a subject", l.told(), []string(nil))
	})
}

func TestInletOfNoSource(t *testing.T) {
	l := newLand(t, snapshot.ConnectionKafka)
	var told settlements
	in := l.inlet(nil)
	m := told.consumed(modify(""))
	m.Source = "gone"
	_ = in.Consume(t.Context(), m)
	same(t, "settled", told.got(), []string{"rejected"})
	same(t, "left", in.drain(t.Context()), 0)
}

func TestNewInletRefuses(t *testing.T) {
	l := newLand(t, snapshot.ConnectionKafka)
	_, err := newInlet(l.peer, []snapshot.Source{{Name: "in", AuthorizationSubjects: []string{"{{ nothing }}"}, Payload: snapshot.SourceDittoProtocol}})
	if err == nil || !strings.Contains(err.Error(), "in") {
		t.Errorf("a template that is none: %v", err)
	}
}

// An answer that comes when the message is settled, because it did not have to wait for that, settles nothing.
func TestInletSettlesOnce(t *testing.T) {
	inLand(t, snapshot.ConnectionKafka, func(l *land) {
		var asked []exchange.Requester
		l.do = func(from exchange.Requester, _ *protocol.Envelope) {
			asked = append(asked, from)
			from.NoReply()
		}
		var told settlements
		in := l.inlet(func(s *snapshot.Source) {
			s.RequestedAcks = []string{protocol.LabelTwinPersisted}
			s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":"ns:a","policyId":"ns:p"}`}
		})
		_ = in.Consume(l.Context(), told.consumed(send("")))
		same(l, "settled before the thing is there", told.got(), []string(nil))
		asked[0].Answer(success(201))
		same(l, "settled", told.got(), []string{"accepted"})
		asked[1].Answer(success(200))
		same(l, "settled again", told.got(), []string(nil))
		same(l, "left", in.drain(l.Context()), 0)
	})
}

// A thing that is there already may be refused because its policy is. That is as good as its creation; that it may not be made is not.
func TestInletTakesWhatIsThereForCreated(t *testing.T) {
	for name, c := range map[string]struct {
		err  *protocol.Error
		want string
	}{
		"it has its own policy": {protocol.ErrThingNotCreatable("ns:a", "ns:a"), "accepted 0"},
		"it may not be made":    {protocol.ErrThingNotCreatableBecause("ns:a", "ns:a", protocol.ErrEntityNotCreatable("ns:a")), "rejected 1"},
		"it is not valid":       {protocol.ErrJSONInvalid("no"), "rejected 1"},
	} {
		t.Run(name, func(t *testing.T) {
			inLand(t, snapshot.ConnectionKafka, func(l *land) {
				l.do = repliesWith(&protocol.ErrorResponse{Error: c.err, Originator: "a:b"})
				var told settlements
				in, f := l.inlet(func(s *snapshot.Source) {
					s.Payload = snapshot.SourceImplicitThing
					s.ImplicitThing = &snapshot.ImplicitThing{Thing: `{"thingId":"ns:a","_policy":{}}`}
				}), newFar()
				in.use(f)
				_ = in.Consume(l.Context(), told.consumed("{}"))
				synctest.Wait()
				same(l, "settled, and replied to", fmt.Sprintf("%s %d", told.got()[0], len(f.got())), c.want)
			})
		})
	}
}
