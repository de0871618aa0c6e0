package pubsub

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/wire"
)

// protocolled is what accounts and subscribers were told, in order.
type protocolled []string

func (p *protocolled) note(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// ledger is the account of a signal to which some labels are requested.
type ledger struct {
	log    *protocolled
	name   string
	labels []string
	// suffix is what those are asked with who are named in it.
	suffix map[string]string
	asked  int
	given  int
}

func (l *ledger) Asked(a *Audience) (d Delivery) {
	l.asked++
	for _, label := range a.Acks {
		if slices.Contains(l.labels, label) {
			d.Acks = append(d.Acks, label)
		}
	}
	return d
}

func (l *ledger) Give(s Subscriber, d Delivery) Delivery {
	who := s.(*mate).name
	l.log.note("%s owes %s: %s", who, l.name, strings.Join(d.Acks, "+"))
	if l.given > 0 {
		l.log.note("given too early")
	}
	switch suffix := l.suffix[who]; suffix {
	case "":
	case "unasked":
		d.Acks = nil
	default:
		d.CorrelationID = l.name + suffix
	}
	return d
}

func (l *ledger) Given() {
	l.given++
	l.log.note("%s given", l.name)
}

// mate is a subscriber with a name.
type mate struct {
	log      *protocolled
	name     string
	audience Audience
	first    *byte // of the last burst
}

func (m *mate) Audience() *Audience { return &m.audience }

func (m *mate) Deliver(b wire.Burst) {
	m.first = &b.Bytes()[0]
	m.log.note("%s receives %s", m.name, strings.Join(texts(b), " "))
}

// letter is told with what is asked of its receiver: "name(correlation id:labels)", or "name" if nobody asks.
type letter struct {
	name    string
	hidden  []string // from these subjects
	dropped []string // by the filter of these
	instead []string // told something else
	empty   []string // for these nothing is left to be told
	encoded int
}

// apology is told in place of a letter.
type apology struct{ _ byte }

func (*apology) Substitute() {}

var (
	open     = new(struct{ _ byte })
	sorry    = new(apology)
	emptiest = new(struct{ _ byte })
)

func (l *letter) View(a *Audience, w *Want) View {
	subject := a.Subjects[0]
	switch {
	case slices.Contains(l.hidden, subject):
		return nil
	case slices.Contains(l.dropped, subject) && w != nil:
		return Filtered
	case slices.Contains(l.instead, subject):
		return sorry
	case slices.Contains(l.empty, subject):
		return emptiest
	}
	return open
}

func (l *letter) Forget() {}

func (l *letter) AppendSignal(dst []byte, v View, d *Delivery) ([]byte, bool) {
	l.encoded++
	switch {
	case v == View(sorry) && d == nil:
		return append(dst, "instead-of-"+l.name...), true
	case v == View(emptiest):
		return dst, false
	case d == nil:
		return append(dst, l.name...), true
	}
	return fmt.Appendf(dst, "%s(%s:%s)", l.name, d.CorrelationID, strings.Join(d.Acks, "+")), true
}

// post is a hub, and what became of what was published on it.
type post struct {
	*Hub
	log     protocolled
	mates   map[string]*mate
	letters []*letter
	ledgers map[string]*ledger
	signals []*Signal
}

func newPost() *post {
	return &post{Hub: NewHub(), mates: map[string]*mate{}, ledgers: map[string]*ledger{}}
}

// join subscribes somebody of a subject, who has declared labels and wants something.
func (p *post) join(name, subject, labels string, w *Want) {
	m := &mate{log: &p.log, name: name, audience: Audience{Subjects: []string{subject}, Acks: strings.Fields(labels)}}
	p.mates[name] = m
	p.Subscribe(m, w)
}

// write adds a letter, with an account if labels are requested to it ("-" for none of them).
func (p *post) write(l *letter, namespace, labels string) *Signal {
	s := &Signal{Namespace: namespace, Body: l}
	if labels != "" {
		book := &ledger{log: &p.log, name: l.name, labels: strings.Fields(labels), suffix: map[string]string{}}
		p.ledgers[l.name], s.Account = book, book
	}
	p.letters, p.signals = append(p.letters, l), append(p.signals, s)
	return s
}

// send publishes what was written, and returns what became of it, by who was told it.
func (p *post) send() map[string][]string {
	p.Publish(p.signals)
	all := map[string][]string{}
	for _, line := range p.log {
		who, what, _ := strings.Cut(line, " ")
		all[who] = append(all[who], what)
	}
	return all
}

// A signal that is answered is delivered in its place, and its account knows before each subscriber does.
func TestAccountsKeepBook(t *testing.T) {
	p := newPost()
	p.join("ann", "s:ann", "a b", nil)
	p.join("bob", "s:bob", "", &Want{Namespaces: []string{"n"}})
	p.join("cy", "s:cy", "b", wanting(t, `- eq(thingId,"x") -`))
	p.write(&letter{name: "1"}, "n", "")
	p.write(&letter{name: "2"}, "n", "b c")
	p.write(&letter{name: "3"}, "n", "")
	p.write(&letter{name: "4"}, "n", "-")
	want := map[string][]string{
		"ann": {"owes 2: b", "owes 4: ", "receives 1 2(:b) 3 4(:)"},
		"bob": {"owes 2: ", "owes 4: ", "receives 1 2(:) 3 4(:)"},
		"cy":  {"owes 2: b", "owes 4: ", "receives 1 2(:b) 3 4(:)"},
		"2":   {"given"}, "4": {"given"},
	}
	if diff := cmp.Diff(want, p.send()); diff != "" {
		t.Error(diff)
	}
	if p.ledgers["2"].asked != 3 || p.ledgers["4"].asked != 3 {
		t.Errorf("asked %d and %d times, want once for each circle", p.ledgers["2"].asked, p.ledgers["4"].asked)
	}
	if last := p.log[len(p.log)-2:]; !slices.Equal(last, protocolled{"2 given", "4 given"}) {
		t.Errorf("the books were closed before the end: %q", p.log)
	}
}

// Who is not given the signal owes nothing for it, and its book is closed all the same.
func TestWhoIsNotGivenASignalOwesNothing(t *testing.T) {
	for _, tc := range []struct {
		name string
		body letter
		want []string
	}{
		{"given", letter{}, []string{"owes it: a", "receives before it(:a) after"}},
		{"it may not be seen", letter{hidden: []string{"s:ann"}}, []string{"receives before after"}},
		{"it is filtered", letter{dropped: []string{"s:ann"}}, []string{"receives before after"}},
		{"something else is told in its place", letter{instead: []string{"s:ann"}}, []string{"receives before instead-of-it after"}},
		{"nothing is left to be told", letter{empty: []string{"s:ann"}}, []string{"receives before after"}},
	} {
		for _, others := range []bool{false, true} {
			p, body := newPost(), tc.body
			body.name = "it"
			p.join("ann", "s:ann", "a", wanting(t, `- eq(thingId,"x") -`))
			if others {
				p.join("bob", "s:bob", "a", wanting(t, `- eq(thingId,"x") -`))
			}
			p.write(&letter{name: "before"}, "n", "")
			p.write(&body, "n", "a")
			p.write(&letter{name: "after"}, "n", "")
			got := p.send()
			if diff := cmp.Diff(tc.want, got["ann"]); diff != "" {
				t.Errorf("%s: %s", tc.name, diff)
			}
			if others && !slices.Equal(got["bob"], []string{"owes it: a", "receives before it(:a) after"}) {
				t.Errorf("%s: somebody else %q", tc.name, got["bob"])
			}
			if !slices.Equal(got["it"], []string{"given"}) {
				t.Errorf("%s: the book was closed %q", tc.name, got["it"])
			}
		}
	}
}

// Who caused a signal is neither given it nor asked to answer it, and receives the others.
func TestTheOriginOwesNothing(t *testing.T) {
	p := newPost()
	p.join("ann", "s:ann", "a", nil)
	p.join("bob", "s:ann", "a", nil)
	p.write(&letter{name: "1"}, "n", "a")
	p.write(&letter{name: "2"}, "n", "a").Origin = p.mates["ann"]
	p.write(&letter{name: "3"}, "n", "").Origin = p.mates["ann"]
	p.write(&letter{name: "4"}, "n", "a")
	p.ledgers["4"].suffix["ann"] = "#0"
	want := map[string][]string{
		"ann": {"owes 1: a", "owes 4: a", "receives 1(:a) 4(4#0:a)"},
		"bob": {"owes 1: a", "owes 2: a", "owes 4: a", "receives 1(:a) 2(:a) 3 4(:a)"},
		"1":   {"given"}, "2": {"given"}, "4": {"given"},
	}
	if diff := cmp.Diff(want, p.send()); diff != "" {
		t.Error(diff)
	}
}

// The only signal of a batch may be of who receives nothing then.
func TestTheOriginOfAllReceivesNothing(t *testing.T) {
	p := newPost()
	p.join("ann", "s:ann", "a", nil)
	p.write(&letter{name: "1"}, "n", "a").Origin = p.mates["ann"]
	if diff := cmp.Diff(map[string][]string{"1": {"given"}}, p.send()); diff != "" {
		t.Error(diff)
	}
}

// Given comes exactly once for each signal, whoever is there.
func TestBooksAreClosedOnce(t *testing.T) {
	for name, join := range map[string]func(p *post){
		"nobody":           func(*post) {},
		"nobody any more":  func(p *post) { p.join("ann", "s:ann", "a", nil); p.Unsubscribe(p.mates["ann"]) },
		"everywhere":       func(p *post) { p.join("ann", "s:ann", "a", nil) },
		"in one namespace": func(p *post) { p.join("ann", "s:ann", "a", &Want{Namespaces: []string{"b"}}) },
		"in another":       func(p *post) { p.join("ann", "s:ann", "a", &Want{Namespaces: []string{"x"}}) },
		"with a want":      func(p *post) { p.join("ann", "s:ann", "a", wanting(t, `a,c eq(thingId,"x") -`)) },
		"with and without, and twice": func(p *post) {
			p.join("ann", "s:ann", "a", nil)
			p.join("bob", "s:bob", "a", wanting(t, `- - thingId`))
		},
	} {
		p := newPost()
		join(p)
		const letters = 3 * maxWanted
		for i := range letters {
			p.write(&letter{name: fmt.Sprint(i)}, string("abc"[i%3]), "a")
		}
		p.send()
		for _, book := range p.ledgers {
			if book.given != 1 {
				t.Fatalf("%s: a book was closed %d times", name, book.given)
			}
		}
		if slices.Contains(p.log, "given too early") {
			t.Errorf("%s: somebody was given a signal behind the end", name)
		}
	}
	NewHub().Publish(nil)
}

// Who is asked the same of the same view shares bytes. Who is asked otherwise than its circle has bytes of its own, in the same
// order.
func TestWhoIsAskedTheSameSharesBytes(t *testing.T) {
	p := newPost()
	p.join("a1", "s:1", "a", nil)
	p.join("a2", "s:2", "a x", nil) // another circle
	p.join("a3", "s:2", "a x", nil)
	p.join("own", "s:2", "a x", nil)
	p.join("full", "s:2", "a x", nil)
	p.join("none", "s:1", "", nil)
	p.write(&letter{name: "1"}, "n", "")
	two := &letter{name: "2"}
	p.write(two, "n", "a")
	p.write(&letter{name: "3"}, "n", "a")
	p.ledgers["2"].suffix = map[string]string{"own": "#7", "full": "unasked"}
	p.ledgers["3"].suffix = map[string]string{"own": "#8"}
	got := p.send()
	for name, want := range map[string]string{
		"a1": "1 2(:a) 3(:a)", "a2": "1 2(:a) 3(:a)", "a3": "1 2(:a) 3(:a)", "own": "1 2(2#7:a) 3(3#8:a)", "full": "1 2(:) 3(:a)", "none": "1 2(:) 3(:)",
	} {
		if last := got[name][len(got[name])-1]; last != "receives "+want {
			t.Errorf("%s %s, want %s", name, last, want)
		}
	}
	first := func(name string) *byte { return p.mates[name].first }
	if first("a1") != first("a2") || first("a1") != first("a3") || first("a1") == first("none") || first("a1") == first("own") {
		t.Errorf("bursts begin at %p, %p, %p, %p and %p, want the first three alike", first("a1"), first("a2"), first("a3"), first("none"), first("own"))
	}
	if two.encoded != 4 {
		t.Errorf("encoded %d times, want once for each way of asking: a, nothing, and two of their own", two.encoded)
	}
}

// Deliveries are told apart by all that is asked.
func TestDeliveriesThatDiffer(t *testing.T) {
	all := []Delivery{
		{}, {CorrelationID: "a"}, {CorrelationID: "b"}, {Acks: []string{"a"}}, {Acks: []string{"a", "b"}}, {Acks: []string{"ab"}},
		{CorrelationID: "a", Acks: []string{"b"}}, {CorrelationID: "b", Acks: []string{"a"}}, {Acks: []string{""}},
	}
	for i := range all {
		for k := range all {
			if same := all[i].equal(&all[k]); same != (i == k) || (all[i].key() == all[k].key()) != (i == k) {
				t.Errorf("%+v and %+v: %t", all[i], all[k], same)
			}
		}
	}
	if d := (Delivery{Acks: []string{}}); !d.equal(&Delivery{}) || d.key() != (&Delivery{}).key() {
		t.Error("no labels are not the same as no labels")
	}
}

// A correlation id is not copied for each circle, however long it is.
func TestLongCorrelationIDsAreNotCopied(t *testing.T) {
	h, view := NewHub(), ""
	body := &picture{views: map[string]*string{"s": &view}}
	const circles = 100
	for i := range circles {
		h.Subscribe(&nobody{audience: Audience{Subjects: []string{"s"}, Acks: []string{fmt.Sprint(i)}}}, nil)
	}
	id := strings.Repeat("c", 1<<20)
	signals := []*Signal{{Namespace: "n", Body: body, Account: asking{id}}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	h.Publish(signals)
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > uint64(4*len(id)) { // or 100 times that
		t.Errorf("%d bytes are allocated to publish to %d circles", got, circles)
	}
}

// asking is an account that asks for nothing but a response.
type asking struct{ id string }

func (a asking) Asked(*Audience) Delivery             { return Delivery{CorrelationID: a.id} }
func (asking) Give(_ Subscriber, d Delivery) Delivery { return d }
func (asking) Given()                                 {}
