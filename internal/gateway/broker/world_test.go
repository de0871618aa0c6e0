package broker

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/ack"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	twinPersisted = protocol.LabelTwinPersisted
	liveResponse  = protocol.LabelLiveResponse
)

// world is a broker and what it tells.
type world struct {
	testing.TB
	*Broker
	*tally
	declared map[string]bool
}

// newWorld returns a world in which the given labels are declared.
func newWorld(t testing.TB, o Options, declared ...string) *world {
	t.Helper()
	w := &world{TB: t, tally: &tally{ends: map[End]int{}, lost: map[Lost]int{}}, declared: map[string]bool{}}
	for _, label := range declared {
		w.declared[label] = true
	}
	o.Hooks = w.tally
	o.Declared = func(label string) bool { return w.declared[label] }
	w.Broker = New(o)
	t.Cleanup(w.Close)
	return w
}

// inTime runs a test in which time passes when all wait.
func inTime(t *testing.T, o Options, f func(*world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { f(newWorld(t, o)) })
}

// tally counts.
type tally struct {
	mu   sync.Mutex
	ends map[End]int
	lost map[Lost]int
	weak int
}

func (c *tally) WaitEnded(e End) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends[e]++
}

func (c *tally) AnswerLost(l Lost) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lost[l]++
}

func (c *tally) WeaklyAcknowledged() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.weak++
}

// all returns how often everything was told, by its name.
func (c *tally) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]int{}
	for e, n := range c.ends {
		all[string(e)] = n
	}
	for l, n := range c.lost {
		all[string(l)] = n
	}
	if c.weak > 0 {
		all["weak"] = c.weak
	}
	return all
}

// told returns what was told since it was asked last, as text.
func (c *tally) told() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	text := strings.TrimSuffix(fmt.Sprint(c.ends, c.lost), "]")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "map[", ""), "]", "")
	if c.weak > 0 {
		text += fmt.Sprintf(" weak:%d", c.weak)
	}
	clear(c.ends)
	clear(c.lost)
	c.weak = 0
	return strings.Join(strings.Fields(text), " ")
}

// member is somebody who has declared labels.
type member struct {
	party    *Party
	audience pubsub.Audience
}

func (w *world) member(declared ...string) *member {
	return &member{party: w.NewParty(), audience: pubsub.Audience{Acks: declared}}
}

// memberOf returns a member that is one of several of somebody.
func (w *world) memberOf(who string) *member { return &member{party: w.NewPartyOf(who)} }

func (m *member) Audience() *pubsub.Audience { return &m.audience }
func (m *member) Deliver(wire.Burst)         {}
func (m *member) Party() *Party              { return m.party }

// stranger is a subscriber that is no party.
type stranger struct{ audience pubsub.Audience }

func (s *stranger) Audience() *pubsub.Audience { return &s.audience }
func (s *stranger) Deliver(wire.Burst)         {}

// asking is a wait and what its owner was told.
type asking struct {
	*Wait
	mu   sync.Mutex
	news []string
}

func (a *asking) done(r ack.Result, original any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	text := ""
	switch r.Outcome {
	case ack.Nothing:
		text = "nothing"
	case ack.Original:
		text = fmt.Sprintf("original %v", original)
	case ack.Failed:
		text = r.Error.Code
		if _, reason, found := strings.Cut(r.Error.Description, "fit the command: "); found {
			text += ": " + reason
		}
	case ack.Aggregated:
		for _, each := range r.Acks {
			text += fmt.Sprintf(" %s=%d", each.Label, each.Status)
			if each.Weak {
				text += "(weak)"
			}
		}
		text = strings.TrimSpace(text)
	}
	if r.Outcome != ack.Original && original != nil {
		text += fmt.Sprintf(" with the original %v", original)
	}
	a.news = append(a.news, text)
}

// told returns what the owner was told, "" if that is nothing yet.
func (a *asking) told() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return strings.Join(a.news, " and then ")
}

const thing = "ns:thing"

// plan returns that of a signal which waits ten seconds for labels: for the response alone if there is no other.
func plan(live bool, labels ...string) ack.Plan {
	kind := ack.TwinModification
	if live {
		kind = ack.Message
	}
	wants := ack.Wants{}
	if labels != nil {
		wants.RequestedAcks = &labels
	}
	p, err := ack.Normalize(kind, wants, 10*time.Second)
	if err != nil {
		panic(err)
	}
	return p
}

// terms returns those of a live signal or of a modification.
func terms(live bool, id string, labels ...string) Terms {
	channel := protocol.Twin
	if live {
		channel = protocol.Live
	}
	return Terms{
		Plan: plan(live, labels...), Received: time.Now(), ThingID: thing, Channel: channel, CorrelationID: id, Live: live,
	}
}

// open has a member ask, with terms.
func (w *world) open(m *member, t Terms) *asking {
	w.Helper()
	a, err := w.try(m, t)
	if err != nil {
		w.Fatalf("%s is refused: %v", t.CorrelationID, err)
	}
	return a
}

func (w *world) try(m *member, t Terms) (*asking, *protocol.Error) {
	a := &asking{}
	t.Done = a.done
	wait, err := w.Open(m.party, t)
	a.Wait = wait
	return a, err
}

// publish gives the signal of a wait to subscribers, and returns what each is asked: a correlation id and labels.
func (w *world) publish(a *asking, to ...pubsub.Subscriber) []string {
	asked := make([]string, len(to))
	for i, s := range to {
		d := a.Give(s, a.Asked(s.Audience()))
		asked[i] = strings.Join(append([]string{d.CorrelationID}, d.Acks...), " ")
	}
	a.Given()
	return asked
}

// acknowledge has a member acknowledge the thing on a channel.
func (w *world) acknowledge(m *member, channel protocol.Channel, about, label, id string, status int) *protocol.Error {
	ns, name, _ := strings.Cut(about, ":")
	env := &protocol.Envelope{Status: status, Topic: protocol.Topic{
		Namespace: ns, Name: name, Group: protocol.Things, Channel: channel, Criterion: protocol.Acks, Subject: label,
	}}
	env.Headers.SetString(protocol.HeaderCorrelationID, id)
	return w.Acknowledge(m, env)
}

// ack has a member acknowledge a modification of the thing.
func (w *world) ack(m *member, label, id string, status int) {
	w.Helper()
	if err := w.acknowledge(m, protocol.Twin, thing, label, id, status); err != nil {
		w.Errorf("%s under %s is refused: %v", label, id, err)
	}
}

// response is the acknowledgement that somebody responded.
func response(status int) ack.Ack { return ack.Ack{Label: liveResponse, Status: status} }

// persisted is the acknowledgement that something was stored.
func persisted() ack.Ack { return ack.Ack{Label: twinPersisted, Status: 204} }

// verify compares all books with each other. Nobody else may use them meanwhile: it takes locks in whatever order.
func (w *world) verify() {
	w.Helper()
	waits, bytes, dues, live := 0, int64(0), 0, 0
	together := map[*purse][3]int64{}
	for p := range w.parties {
		n, size := 0, int64(0)
		p.mu.Lock()
		for each := p.first; each != nil; each = each.next {
			if ended(each) || each.next != nil && each.next.prev != each {
				w.Errorf("%s is linked, ended %v", each.id, ended(each))
			}
			if each.terms.Live {
				live++
				if w.live.find(each.id) != each {
					w.Errorf("%s is not found", each.id)
				}
			}
			n, size = n+1, size+each.size()
		}
		if n != p.waits || size != p.bytes {
			w.Errorf("%d waits with %d bytes are counted as %d with %d", n, size, p.waits, p.bytes)
		}
		waits, bytes, dues = waits+n, bytes+size, dues+w.verifyDues(p)
		p.mu.Unlock()
		of := together[p.purse]
		together[p.purse] = [3]int64{of[0] + 1, of[1] + int64(n), of[2] + size}
	}
	delete(together, nil)
	if len(together) != len(w.purses) {
		w.Errorf("%d have several parties, and %d purses", len(together), len(w.purses))
	}
	for p, want := range together {
		if got := [3]int64{int64(p.parties), p.waits.Load(), p.bytes.Load()}; got != want || w.purses[p.who] != p {
			w.Errorf("%s has %d together, counted as %d", p.who, want, got)
		}
	}
	for i := range w.live.stripes {
		w.live.stripes[i].mu.Lock()
		live -= w.live.stripes[i].waits.len()
		w.live.stripes[i].mu.Unlock()
	}
	if live != 0 || waits != w.Waits() || waits != w.wheel.Len() || dues != w.Dues() || bytes != w.bytes.Load() {
		w.Errorf("%d waits with %d bytes, %d dues are counted as %d with %d, %d; %d timers, %d live ids too few",
			waits, bytes, dues, w.Waits(), w.bytes.Load(), w.Dues(), w.wheel.Len(), live)
	}
}

func (w *world) verifyDues(p *Party) int {
	w.Helper()
	settled, suffixed := 0, map[string]int{}
	for id, d := range p.dues.byID.entries {
		if d.id != id || d.party != p || ended(d.wait) || !slices.Contains(chain(d.wait), d) {
			w.Errorf("%s is in the book of another as %+v", id, d)
		}
		if d.owed == 0 {
			settled++
		}
		if id != d.wait.id {
			suffixed[d.wait.id]++
		}
	}
	if settled != p.dues.settled || len(suffixed) != p.dues.suffixes.len() {
		w.Errorf("%d settled, %v suffixed are counted as %d, %d", settled, suffixed, p.dues.settled, p.dues.suffixes.len())
	}
	for base, s := range p.dues.suffixes.entries {
		if s.open != suffixed[base] {
			w.Errorf("%d suffixes of %s are counted as %d", suffixed[base], base, s.open)
		}
	}
	return p.dues.byID.len()
}

// ended reports whether a wait has ended, or is about to.
func ended(w *Wait) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.done
}

// chain returns the dues of a wait.
func chain(w *Wait) (dues []*due) {
	for d := w.dues; d != nil; d = d.next {
		dues = append(dues, d)
	}
	return dues
}

// empty checks that nothing is left in any book.
func (w *world) empty() {
	w.Helper()
	w.verify()
	if w.Waits() != 0 || w.Dues() != 0 || w.wheel.Len() != 0 || w.bytes.Load() != 0 {
		w.Errorf("%d waits, %d dues, %d timers, %d bytes are left", w.Waits(), w.Dues(), w.wheel.Len(), w.bytes.Load())
	}
}
