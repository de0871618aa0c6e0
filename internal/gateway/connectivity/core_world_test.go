package connectivity

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/broker"
	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
	"github.com/twinway/twinway/internal/snapshot"
)

// land is where inlets and outlets are: real hubs, a real broker and real metrics, and a handler that does what the test says.
type land struct {
	testing.TB
	peer    *peer
	metrics *metrics.Metrics
	labels  []string // that come in through the connection

	mu sync.Mutex
	// do handles envelopes; nil: they have no reply.
	do func(from exchange.Requester, env *protocol.Envelope)
	// handled are the envelopes that were handled.
	handled []string
}

// newLand returns a land with a connection "link" of a kind.
func newLand(t testing.TB, kind snapshot.ConnectionType) *land {
	l := &land{TB: t, metrics: metrics.New()}
	hubs := map[snapshot.Signal]*pubsub.Hub{}
	for _, signal := range []snapshot.Signal{
		snapshot.SignalTwinEvents, snapshot.SignalMessages, snapshot.SignalLiveCommands, snapshot.SignalLiveEvents, snapshot.SignalPolicyAnnouncements,
	} {
		hubs[signal] = pubsub.NewHub()
	}
	b := broker.New(broker.Options{Declared: func(label string) bool { return strings.HasPrefix(label, "link:") }})
	t.Cleanup(b.Close)
	l.peer = &peer{
		name: "link", kind: kind, party: b.NewParty(), handler: l, broker: b, hubs: hubs, metrics: l.metrics.Connection("link"),
		journal: newJournal(time.Now), log: slog.New(slog.DiscardHandler), clock: time.Now, declared: func() []string { return l.labels },
	}
	return l
}

// inLand runs a test in which time passes when all wait.
func inLand(t *testing.T, kind snapshot.ConnectionType, f func(l *land)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(newLand(t, kind)) })
}

// Handle implements Handler.
func (l *land) Handle(_ context.Context, from exchange.Requester, env *protocol.Envelope) {
	l.mu.Lock()
	l.handled = append(l.handled, shortly(env))
	do := l.do
	l.mu.Unlock()
	if do == nil {
		from.NoReply()
		return
	}
	do(from, env)
}

// shortly says in a line what an envelope is.
func shortly(env *protocol.Envelope) string {
	text := env.Topic.String() + " " + env.Path
	if id, ok := env.Headers.String(protocol.HeaderCorrelationID); ok {
		text += " #" + id
	}
	if env.Status != 0 {
		text += fmt.Sprintf(" %d", env.Status)
	}
	value := env.Value
	if env.Raw != nil {
		value = fmt.Appendf(nil, "raw(%s)", env.Raw)
	}
	if value != nil {
		text += " " + string(value)
	}
	return text
}

// told returns what was handled since it was asked last.
func (l *land) told() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	told := l.handled
	l.handled = nil
	return told
}

// counts returns what is counted of a flow, such as "consumed:2 delivered:1 waiting:1", in the order of the alphabet.
func (l *land) counts(name string) string {
	l.Helper()
	families, err := l.metrics.Registry().Gather()
	if err != nil {
		l.Fatal(err)
	}
	var all []string
	for _, family := range families {
		for _, m := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range m.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if labels["connection"] != "link" || labels["name"] != name {
				continue
			}
			switch {
			case strings.HasSuffix(family.GetName(), "messages_total") && m.GetCounter().GetValue() > 0:
				all = append(all, fmt.Sprintf("%s:%v", labels["fate"], m.GetCounter().GetValue()))
			case strings.HasSuffix(family.GetName(), "_waiting") && m.GetGauge().GetValue() != 0:
				all = append(all, fmt.Sprintf("waiting:%v", m.GetGauge().GetValue()))
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// noted returns what the journal says of a name: kind, ! for a failure, and message.
func (l *land) noted(name string) (all []string) {
	for _, e := range l.peer.journal.events() {
		if e.Name != name {
			continue
		}
		text := string(e.Kind)
		if e.Failure {
			text += "!"
		}
		for _, more := range []string{e.Address, e.EntityID, e.Message} {
			if more != "" {
				text += " " + more
			}
		}
		all = append(all, text)
	}
	return all
}

// news is a signal of a test. It implements pubsub.Body.
type news struct {
	text string // with two verbs: correlation id, labels
	id   string
}

func (n *news) View(*pubsub.Audience, *pubsub.Want) pubsub.View { return n }
func (n *news) Forget()                                         {}

func (n *news) AppendSignal(dst []byte, _ pubsub.View, d *pubsub.Delivery) ([]byte, bool) {
	id, acks := n.id, []string{}
	if d != nil {
		acks = d.Acks
		if d.CorrelationID != "" {
			id = d.CorrelationID
		}
	}
	return fmt.Appendf(dst, n.text, id, protocol.AppendLabels(nil, acks)), true
}

// event returns the text of an event of a thing, whose value is a number.
func event(name string, n int) string {
	return fmt.Sprintf(`{"topic":"ns/%s/things/twin/events/modified","headers":{"correlation-id":"%%s","requested-acks":%%s},"path":"/attributes/n","value":%d,"revision":%d}`, name, n, n+1)
}

// aMessage returns the text of a message to a thing, which wants a response.
func aMessage(name string) string {
	return fmt.Sprintf(`{"topic":"ns/%s/things/live/messages/ask","headers":{"correlation-id":"%%s","response-required":true,"requested-acks":%%s,"content-type":"text/plain"},"path":"/features/lamp/inbox/messages/ask","value":"hi"}`, name)
}

// aCommand returns the text of a live command, which wants a response.
func aCommand(name string) string {
	return fmt.Sprintf(`{"topic":"ns/%s/things/live/commands/retrieve","headers":{"correlation-id":"%%s","response-required":true,"requested-acks":%%s},"path":"/attributes"}`, name)
}

// publish publishes signals that nobody waits for.
func (l *land) publish(signal snapshot.Signal, texts ...string) {
	var all []*pubsub.Signal
	for i, text := range texts {
		all = append(all, &pubsub.Signal{Namespace: "ns", Body: &news{text, fmt.Sprintf("id%d", i)}})
	}
	l.peer.hubs[signal].Publish(all)
}

// asker is somebody who waits for what becomes of a signal.
type asker struct {
	party *broker.Party
	mu    sync.Mutex
	news  []string
}

func (a *asker) Audience() *pubsub.Audience {
	return &pubsub.Audience{Subjects: []string{"test:asker"}}
}
func (a *asker) Deliver(wire.Burst)   {}
func (a *asker) Party() *broker.Party { return a.party }

// got returns what the asker was told since it was asked last.
func (a *asker) got() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	got := a.news
	a.news = nil
	return got
}

// ask publishes a signal of the twin channel for which somebody waits: for the acknowledgements with these labels.
func (l *land) ask(a *asker, signal snapshot.Signal, name, text, id string, labels ...string) {
	l.Helper()
	channel := protocol.Twin
	if signal != snapshot.SignalTwinEvents {
		channel = protocol.Live
	}
	l.askOn(a, channel, signal, name, text, id, labels...)
}

func (l *land) askOn(a *asker, channel protocol.Channel, signal snapshot.Signal, name, text, id string, labels ...string) {
	l.Helper()
	if a.party == nil {
		a.party = l.peer.broker.NewParty()
	}
	wants := append([]string{protocol.LabelTwinPersisted}, labels...)
	plan, err := ack.Normalize(ack.TwinModification, ack.Wants{RequestedAcks: &wants}, time.Minute)
	if err != nil {
		l.Fatal(err)
	}
	plan.Reply = ack.Aggregate
	wait, err := l.peer.broker.Open(a.party, broker.Terms{
		Plan: plan, Received: time.Now(), ThingID: "ns:" + name, Channel: channel, CorrelationID: id,
		Done: func(r ack.Result, _ any) {
			a.mu.Lock()
			defer a.mu.Unlock()
			for _, each := range r.Acks[1:] {
				text := fmt.Sprintf("%s=%d %.59s", each.Label, each.Status, each.Payload)
				if media, ok := each.Headers.String(protocol.HeaderContentType); ok {
					text += " " + media
				}
				if each.Weak {
					text += " weak"
				}
				a.news = append(a.news, text)
			}
		},
	})
	if err != nil {
		l.Fatal(err)
	}
	l.peer.hubs[signal].Publish([]*pubsub.Signal{{Namespace: "ns", Origin: a, Body: &news{text, id}, Account: wait}})
	wait.Put(ack.Ack{Label: protocol.LabelTwinPersisted, Status: 204})
}

// far is the outside end. It implements link.Client.
type far struct {
	lost chan struct{}

	mu sync.Mutex
	// took are the messages that were published, as text.
	took []string
	// say says what becomes of a message. Nil: it is delivered. It returns false if that is to be said later, by done.
	say  func(m *external.Message) (link.Outcome, bool)
	held []func(link.Outcome)
	full bool // nothing is taken
}

func newFar() *far { return &far{lost: make(chan struct{})} }

// deliveredAs is what becomes of messages as a rule.
var deliveredAs = link.Outcome{Status: 200}

func (f *far) Publish(ctx context.Context, m *external.Message, d snapshot.DeliveryGuarantee, done func(link.Outcome)) error {
	f.mu.Lock()
	full := f.full
	f.mu.Unlock()
	if full {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.lost:
		}
	}
	select {
	case <-f.lost:
		return link.ErrLost
	default:
	}
	f.mu.Lock()
	f.took = append(f.took, fmt.Sprintf("%s %s", m.Address, m.Payload))
	say := f.say
	out, now := deliveredAs, true
	if say != nil {
		out, now = say(m)
	}
	if !now {
		f.held = append(f.held, done)
	}
	f.mu.Unlock()
	if now {
		done(out)
	}
	return nil
}

func (f *far) Lost() <-chan struct{} { return f.lost }
func (f *far) Err() error            { return errors.New("cut") }
func (f *far) Close(context.Context) {}

// lose cuts the connection. What has no outcome is lost.
func (f *far) lose() {
	close(f.lost)
	f.answer(link.Outcome{Status: 503, Err: link.ErrLost, Again: true})
}

// answer says what became of all that were held.
func (f *far) answer(out link.Outcome) {
	f.mu.Lock()
	held := f.held
	f.held = nil
	f.mu.Unlock()
	for _, done := range held {
		done(out)
	}
}

// got returns what was published since it was asked last.
func (f *far) got() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	got := f.took
	f.took = nil
	return got
}

// tell sets what becomes of messages.
func (f *far) tell(say func(m *external.Message) (link.Outcome, bool)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.say = say
}

// later says nothing now.
func later(*external.Message) (link.Outcome, bool) { return link.Outcome{}, false }

// always says the same of all messages.
func always(out link.Outcome) func(*external.Message) (link.Outcome, bool) {
	return func(*external.Message) (link.Outcome, bool) { return out, true }
}
