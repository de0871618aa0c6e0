package telling_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/metrics"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/telling"
	"github.com/twinway/twinway/internal/gateway/thing"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// records are all entities that there are.
type records map[store.Key]store.Record

// Load implements authority.Reader.
func (r records) Load(key store.Key) (store.Record, error) {
	if record, ok := r[key]; ok {
		return record, nil
	}
	return store.Record{}, store.ErrNotFound
}

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// stand is a thing, ns:t under policy ns:p, and those who hear of it.
type stand struct {
	hub       *pubsub.Hub
	records   records
	authority *authority.Authority
	metrics   *metrics.Metrics
	maxSize   int
	state     *thing.State
	// last is what was published last.
	last []*pubsub.Signal
}

// newStand returns a thing with the document, and the entries of its policy. An entry is a subject and what it may do:
// "nginx:a +rw / -w /attributes". Grants come with plus, revokes with minus.
func newStand(doc string, entries ...string) *stand {
	s := &stand{hub: pubsub.NewHub(), records: records{}, metrics: metrics.New(), maxSize: 100 << 10}
	s.records[store.Key{Kind: store.Policy, ID: "ns:p"}] = store.Record{Revision: 1, Doc: []byte(policyOf("ns:p", entries...))}
	s.authority = authority.NewAuthority(s.records, 16<<20, authority.Settings{Creation: authority.AnyoneCreates()})
	s.state = &thing.State{Revision: 7, Created: now.Add(-time.Hour), Modified: now.Add(-time.Minute), Doc: []byte(doc)}
	return s
}

// policyOf returns a policy as it is stored.
func policyOf(id string, entries ...string) string {
	var texts []string
	for i, entry := range entries {
		words := strings.Fields(entry)
		var resources []string
		for i := 1; i+1 < len(words); i += 2 {
			key, grant, revoke := words[i+1], permissions(words[i]), ""
			if key[0] == '/' {
				key = "thing:" + key
			}
			if words[i][0] == '-' {
				grant, revoke = revoke, grant
			}
			resources = append(resources, fmt.Sprintf(`%q:{"grant":[%s],"revoke":[%s]}`, key, grant, revoke))
		}
		texts = append(texts, fmt.Sprintf(`"e%d":{"subjects":{%q:{"type":"t"}},"resources":{%s},"importable":"implicit"}`,
			i, words[0], strings.Join(resources, ",")))
	}
	return fmt.Sprintf(`{"policyId":%q,"entries":{%s}}`, id, strings.Join(texts, ","))
}

func permissions(word string) string {
	var names []string
	for _, letter := range word[1:] {
		names = append(names, map[rune]string{'r': `"READ"`, 'w': `"WRITE"`}[letter])
	}
	return strings.Join(names, ",")
}

// signal is a signal about the thing. It implements pubsub.Body.
type signal struct {
	stand   *stand
	facts   telling.Facts
	message document.Pointer // what a receiver must be allowed to read; nil for an event
	telling *telling.Telling
}

func (b *signal) View(a *pubsub.Audience, w *pubsub.Want) pubsub.View {
	policy, err := b.stand.authority.Policies.Compiled("ns:p")
	if err != nil {
		return nil
	}
	rights := policy.InNamespace("ns", a.Subjects)
	plain := b.plain(rights)
	if plain == nil || w == nil {
		return plain
	}
	if b.telling == nil {
		b.telling = telling.New(b.facts, telling.Deps{
			Authority: b.stand.authority, Metrics: b.stand.metrics, MaxSize: b.stand.maxSize, Now: now,
		})
	}
	return b.telling.View(a, w, plain, rights)
}

func (b *signal) plain(rights *enforcer.Rights) pubsub.View {
	switch {
	case b.message == nil:
		return telling.Look(b.facts.Path, rights, rights)
	case rights.Effective(enforcer.Message, b.message, enforcer.Read):
		return telling.Whole
	}
	return nil
}

func (b *signal) AppendSignal(dst []byte, v pubsub.View, _ *pubsub.Delivery) ([]byte, bool) {
	plain, extra, failure := telling.Open(v)
	if failure != nil {
		return fmt.Appendf(dst, "%d %s: %s", failure.Status, failure.Code, failure.Description), true
	}
	value, told := b.facts.Value, true
	if b.facts.Event != nil {
		value, told = telling.Value(b.facts.Event, plain)
	}
	dst = fmt.Appendf(dst, "%s %s", b.facts.Topic.Criterion, b.facts.Path)
	if value != nil {
		dst = fmt.Appendf(dst, " %s", value)
	}
	if extra != nil {
		dst = fmt.Appendf(dst, " + %s", extra)
	}
	return dst, told
}

func (b *signal) Forget() { b.telling = nil }

// signal returns a signal: "message <path>", "command <path> <value>", "event <path> <value>" of channel live, or
// "twin <path> <value>", which changes the thing.
func (s *stand) signal(t testing.TB, text string) *signal {
	t.Helper()
	words := strings.SplitN(text, " ", 3)
	path, err := document.ParsePointer(words[1])
	if err != nil {
		t.Fatal(err)
	}
	var headers protocol.Headers
	headers.SetString(protocol.HeaderCorrelationID, "c")
	b := &signal{stand: s, facts: telling.Facts{
		ThingID: "ns:t", Namespace: "ns", Headers: &headers, Originator: "nginx:ditto", Path: path, State: s.state,
		Topic: protocol.Topic{Namespace: "ns", Name: "t", Group: protocol.Things, Channel: protocol.Live},
	}}
	if len(words) == 3 {
		b.facts.Value = []byte(words[2])
	}
	topic := &b.facts.Topic
	switch words[0] {
	case "message":
		topic.Criterion, topic.Subject, b.message = protocol.Messages, path[len(path)-1], path
	case "command":
		topic.Criterion, topic.Action, b.message = protocol.Commands, protocol.Modify, document.Pointer{"inbox"}
	case "event", "merged":
		topic.Criterion, topic.Action = protocol.Events, protocol.Modified
		b.facts.Event = s.event(t, &b.facts, words[0] == "merged")
		b.facts.Revision = 3
	case "twin":
		topic.Channel, topic.Criterion, topic.Action = protocol.Twin, protocol.Events, protocol.Modified
		b.facts.Event = s.event(t, &b.facts, false)
		s.change(&b.facts)
	}
	return b
}

func (s *stand) event(t testing.TB, f *telling.Facts, patch bool) *thing.Event {
	t.Helper()
	path, err := protocol.ParsePath(f.Path.String())
	if err != nil {
		t.Fatal(err)
	}
	return &thing.Event{Action: f.Topic.Action, Path: path, Value: f.Value, MergePatch: patch}
}

// change changes the thing as an event of the twin says.
func (s *stand) change(f *telling.Facts) {
	state := *s.state
	state.Revision, state.Modified = state.Revision+1, now
	state.Doc = document.Set(state.Doc, f.Path, f.Value)
	s.state, f.State = &state, &state
	f.Revision, f.Created, f.Modified = state.Revision, state.Created, state.Modified
}

// publish publishes a signal.
func (s *stand) publish(b *signal) {
	s.last = []*pubsub.Signal{{Namespace: "ns", Body: b}}
	s.hub.Publish(s.last)
}

// send publishes a signal that signal makes of the text.
func (s *stand) send(t testing.TB, text string) {
	t.Helper()
	s.publish(s.signal(t, text))
}

// listener is a subscriber that keeps what it is told.
type listener struct {
	audience pubsub.Audience
	heard    []string
}

func (l *listener) Audience() *pubsub.Audience { return &l.audience }

func (l *listener) Deliver(b wire.Burst) {
	for i := range b.Len() {
		l.heard = append(l.heard, payload(b.Frame(i)))
	}
}

// payload returns the text in a frame of any length.
func payload(frame []byte) string {
	switch frame[1] {
	case 126:
		return string(frame[4 : 4+int(binary.BigEndian.Uint16(frame[2:]))])
	case 127:
		return string(frame[10:])
	}
	return string(frame[2:])
}

// told returns what was heard since it was asked last.
func (l *listener) told() string {
	all := strings.Join(l.heard, "; ")
	l.heard = nil
	return all
}

// subscribe returns somebody who wants something: a filter and extra fields, "" for none.
func (s *stand) subscribe(t testing.TB, subject, filter, fields string) *listener {
	t.Helper()
	l := &listener{audience: pubsub.Audience{Subjects: []string{subject}}}
	s.hub.Subscribe(l, wanting(t, filter, fields))
	return l
}

// deaf takes what it is delivered and does nothing with it.
type deaf struct{ audience pubsub.Audience }

func (d *deaf) Audience() *pubsub.Audience { return &d.audience }
func (d *deaf) Deliver(wire.Burst)         {}

// wanting returns a want with a filter and extra fields, "" for none.
func wanting(t testing.TB, filter, fields string) *pubsub.Want {
	t.Helper()
	w := &pubsub.Want{}
	if filter != "" {
		var err error
		if w.Filter, err = rql.CompileSignal(filter); err != nil {
			t.Fatal(filter, err)
		}
	}
	if fields != "" {
		extra, err := enrich.Parse(fields)
		if err != nil {
			t.Fatal(fields, err)
		}
		w.Extra = extra
	}
	return w
}

// evaluations returns how often parameters of subscriptions were applied to signals, by result.
func (s *stand) evaluations(t testing.TB) map[metrics.EvaluationResult]int {
	t.Helper()
	families, err := s.metrics.Registry().Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[metrics.EvaluationResult]int{}
	for _, f := range families {
		if f.GetName() != "twinway_subscription_evaluations_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, r := range []metrics.EvaluationResult{metrics.EvaluationMatched, metrics.EvaluationFiltered, metrics.EvaluationFailed} {
				if m.GetLabel()[0].GetValue() == r.String() && m.GetCounter().GetValue() != 0 {
					all[r] = int(m.GetCounter().GetValue())
				}
			}
		}
	}
	return all
}

// textOf returns n texts in a list.
func textOf(n int, separator string, text func(i int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = text(i)
	}
	return strings.Join(all, separator)
}

// quoted returns a text as JSON.
func quoted(text string) string {
	raw, _ := json.Marshal(text) // texts can be
	return string(raw)
}
