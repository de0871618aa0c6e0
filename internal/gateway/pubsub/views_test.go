package pubsub

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/wire"
)

// scene is a signal that looks different to different subjects.
type scene struct {
	name  string
	views map[string]*string // by subject, the last that has any; nil is invisible

	asked   int
	encoded []string
}

// nothing is a view with which nothing is told.
var nothing = new(string)

func (s *scene) View(a *Audience, _ *Want) View {
	s.asked++
	for _, subject := range slices.Backward(a.Subjects) {
		if v := s.views[subject]; v != nil {
			return v
		}
	}
	return nil
}

func (s *scene) Forget() {}

func (s *scene) AppendSignal(dst []byte, v View, _ *Delivery) ([]byte, bool) {
	shown := *v.(*string)
	s.encoded = append(s.encoded, shown)
	return append(dst, s.name+shown...), v != View(nothing)
}

// scenes returns signals of one namespace, with the views named for each
// subject: "1:ann=x,bob=y". Views of a signal with the same text are the same.
// The text "-" is that of nothing.
func scenes(specs ...string) (signals []*Signal, bodies []*scene) {
	for _, spec := range specs {
		name, views, _ := strings.Cut(spec, ":")
		body := &scene{name: name, views: map[string]*string{}}
		byText := map[string]*string{"-": nothing}
		for pair := range strings.SplitSeq(views, ",") {
			subject, text, _ := strings.Cut(pair, "=")
			if byText[text] == nil {
				byText[text] = &text
			}
			body.views[subject] = byText[text]
		}
		bodies = append(bodies, body)
		signals = append(signals, &Signal{Namespace: "n", Body: body})
	}
	return signals, bodies
}

func as(subjects ...string) *receiver { return &receiver{audience: Audience{Subjects: subjects}} }

func TestEachReceivesItsView(t *testing.T) {
	for _, c := range []struct {
		name    string
		signals []string
		want    map[string][]string // by subject
		encoded int
	}{
		{
			"the same for all", []string{"1:ann=x,bob=x,cy=x", "2:ann=x,bob=x,cy=x"},
			map[string][]string{"ann": {"1x", "2x"}, "bob": {"1x", "2x"}, "cy": {"1x", "2x"}}, 2,
		},
		{"two views of one signal", []string{"1:ann=x,bob=y"}, map[string][]string{"ann": {"1x"}, "bob": {"1y"}}, 2},
		{"one sees it, others do not", []string{"1:ann=x"}, map[string][]string{"ann": {"1x"}}, 1},
		{"nobody sees it", []string{"1:dan=x", "2:dan=x"}, map[string][]string{}, 0},
		{
			"mixed, in order", []string{"1:ann=x,bob=x", "2:ann=x,bob=y,cy=x", "3:bob=x", "4:ann=x,bob=x,cy=z", "5:ann=y,cy=x"},
			map[string][]string{"ann": {"1x", "2x", "4x", "5y"}, "bob": {"1x", "2y", "3x", "4x"}, "cy": {"2x", "4z", "5x"}}, 8,
		},
		{"nothing is left to be told", []string{"1:ann=-,bob=x", "2:ann=-,cy=-"}, map[string][]string{"bob": {"1x"}}, 3},
		{
			"nothing between others", []string{"1:ann=x,bob=x", "2:ann=-,bob=x", "3:ann=x,bob=-,cy=-", "4:ann=x,bob=y,cy=x"},
			map[string][]string{"ann": {"1x", "3x", "4x"}, "bob": {"1x", "2x", "4y"}, "cy": {"4x"}}, 7,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := NewHub()
			all := map[string]*receiver{"ann": as("ann"), "bob": as("bob"), "cy": as("cy")}
			twins := map[string]*receiver{"ann": as("ann"), "bob": as("bob"), "cy": as("cy")}
			for subject := range all {
				h.Subscribe(all[subject], nil)
				h.Subscribe(twins[subject], &Want{Namespaces: []string{"n"}})
			}
			signals, bodies := scenes(c.signals...)
			h.Publish(signals)
			for subject, r := range all {
				if diff := cmp.Diff(c.want[subject], r.got); diff != "" {
					t.Errorf("%s: %s", subject, diff)
				}
				if diff := cmp.Diff(r.got, twins[subject].got); diff != "" {
					t.Errorf("%s named the namespace and receives something else: %s", subject, diff)
				}
			}
			encoded := 0
			for _, body := range bodies {
				encoded += len(body.encoded)
				if body.asked != 3 {
					t.Errorf("%s was asked for %d views, want one for each audience", body.name, body.asked)
				}
			}
			if encoded != c.encoded {
				t.Errorf("encoded %d times, want %d: once for each view", encoded, c.encoded)
			}
		})
	}
}

// holder keeps the bursts that it is delivered.
type holder struct {
	audience Audience
	bursts   []wire.Burst
}

func (h *holder) Audience() *Audience { return &h.audience }

func (h *holder) Deliver(b wire.Burst) { h.bursts = append(h.bursts, b) }

func TestAudiencesThatSeeTheSameShareBytes(t *testing.T) {
	h := NewHub()
	var holders []*holder
	for _, subject := range []string{"ann", "bob", "cy", "ann"} {
		r := &holder{audience: Audience{Subjects: []string{subject}}}
		holders = append(holders, r)
		h.Subscribe(r, nil)
	}
	signals, _ := scenes("1:ann=x,bob=y,cy=x", "2:ann=z,cy=z,bob=z")
	h.Publish(signals)
	first := func(r *holder) *byte { return &r.bursts[0].Bytes()[0] }
	ann, bob, cy, ann2 := first(holders[0]), first(holders[1]), first(holders[2]), first(holders[3])
	if ann != cy || ann != ann2 || ann == bob {
		t.Errorf("bursts begin at ann %p, cy %p, ann %p and bob %p, want the first three alike", ann, cy, ann2, bob)
	}
	for i, r := range holders {
		if len(r.bursts) != 1 {
			t.Errorf("subscriber %d received %d bursts", i, len(r.bursts))
		}
	}
}

func TestAudiencesThatDiffer(t *testing.T) {
	for _, c := range []struct {
		name  string
		a, b  Audience
		equal bool
	}{
		{"nobody", Audience{}, Audience{Subjects: []string{}}, true},
		{"the same", Audience{Subjects: []string{"a", "b"}, Acks: []string{"x"}}, Audience{Subjects: []string{"a", "b"}, Acks: []string{"x"}}, true},
		{"another order", Audience{Subjects: []string{"a", "b"}}, Audience{Subjects: []string{"b", "a"}}, false},
		{"more", Audience{Subjects: []string{"a"}}, Audience{Subjects: []string{"a", ""}}, false},
		{"cut elsewhere", Audience{Subjects: []string{"ab", "c"}}, Audience{Subjects: []string{"a", "bc"}}, false},
		{"looks like two", Audience{Subjects: []string{"a\x01b"}}, Audience{Subjects: []string{"a", "b"}}, false},
		{"subjects and acks", Audience{Subjects: []string{"a"}}, Audience{Acks: []string{"a"}}, false},
		{"acks", Audience{Subjects: []string{"a"}, Acks: []string{"x"}}, Audience{Subjects: []string{"a"}}, false},
	} {
		h := NewHub()
		one, two := &receiver{audience: c.a}, &receiver{audience: c.b}
		h.Subscribe(one, nil)
		h.Subscribe(two, nil)
		if equal := len(h.circles) == 1; equal != c.equal {
			t.Errorf("%s: equal is %v, want %v", c.name, equal, c.equal)
		}
		h.Unsubscribe(one)
		if len(h.circles) != 1 {
			t.Errorf("%s: %d circles behind the end of one", c.name, len(h.circles))
		}
		h.Publish([]*Signal{signal("n", "x", nil)})
		if diff := cmp.Diff([]string{"x"}, two.got); diff != "" || one.got != nil {
			t.Errorf("%s: behind the end of the other: %s", c.name, diff)
		}
	}
}

// While all see the same, audiences cost no memory and no edition.
func TestOneViewCostsOneEdition(t *testing.T) {
	body := &picture{views: map[string]*string{}}
	signals := []*Signal{{Namespace: "n", Body: body}, {Namespace: "n", Body: body}}
	h := NewHub()
	allocations := func(subscribers int) float64 {
		for i := range subscribers {
			subject := fmt.Sprint(i)
			body.views[subject] = nothing
			h.Subscribe(&nobody{audience: Audience{Subjects: []string{subject}}}, nil)
			h.Subscribe(&nobody{audience: Audience{Subjects: []string{"a stranger", subject}}}, nil)
		}
		return testing.AllocsPerRun(10, func() { h.Publish(signals) })
	}
	if few, many := allocations(2), allocations(200); many > few {
		t.Errorf("publishing allocates %v times for 2 audiences and %v times for 200", few, many)
	}
	b := batch{signals: signals}
	if e := b.edition(&Audience{Subjects: []string{"a stranger"}}, nil); e != nil || b.last != nil {
		t.Error("there is an edition for those who see nothing")
	}
	if b.edition(&Audience{Subjects: []string{"1"}}, nil) != b.edition(&Audience{Subjects: []string{"2"}}, nil) || b.kept != nil {
		t.Error("the only edition is not shared, or takes more than itself")
	}
}

func TestOriginIsNotToldWhateverItSees(t *testing.T) {
	h, ann, ann2, bob := NewHub(), as("ann"), as("ann"), as("bob")
	for _, r := range []*receiver{ann, ann2, bob} {
		h.Subscribe(r, nil)
	}
	signals, _ := scenes("1:ann=x", "2:bob=y", "3:ann=x,bob=-", "4:ann=-,bob=y", "5:ann=x,bob=y", "6:ann=x,bob=y")
	for i, origin := range []Subscriber{ann, ann, bob, bob, ann, bob} {
		signals[i].Origin = origin
	}
	h.Publish(signals)
	for _, c := range []struct {
		name string
		r    *receiver
		want []string
	}{
		{"ann", ann, []string{"3x", "6x"}},
		{"another of ann's", ann2, []string{"1x", "3x", "5x", "6x"}},
		{"bob", bob, []string{"2y", "5y"}},
	} {
		if diff := cmp.Diff(c.want, c.r.got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestSubscribingAnewChangesTheAudience(t *testing.T) {
	h, r := NewHub(), as("ann")
	h.Subscribe(r, &Want{Namespaces: []string{"n"}})
	r.audience = Audience{Subjects: []string{"bob"}}
	h.Subscribe(r, &Want{Namespaces: []string{"n"}})
	signals, _ := scenes("1:ann=x,bob=y")
	h.Publish(signals)
	if diff := cmp.Diff([]string{"1y"}, r.got); diff != "" {
		t.Error(diff)
	}
	h.Unsubscribe(r)
	if n := len(h.circles) + len(h.byNamespace); n != 0 {
		t.Errorf("%d leftovers", n)
	}
}

// What does not fit into what is remembered of a batch is encoded again, and
// not delivered less.
func TestEditionsBeyondTheBound(t *testing.T) {
	const n = 30
	spec1, spec2 := "1:", "2:"
	for i := range n {
		spec1 += fmt.Sprintf("s%d=v%d,", i, i%(n/2))
		spec2 += fmt.Sprintf("s%d=w,", i)
	}
	signals, bodies := scenes(spec1, spec2)
	b := batch{signals: signals}
	for round := range 2 {
		for i := range n {
			want := []string{fmt.Sprintf("1v%d", i%(n/2)), "2w"}
			if diff := cmp.Diff(want, texts(b.edition(&as(fmt.Sprint("s", i)).audience, nil).burst)); diff != "" {
				t.Errorf("round %d, audience %d: %s", round, i, diff)
			}
			if i == 3 {
				b.size = maxKept
			}
		}
	}
	if len(b.kept) != 4 || len(b.frames) != 5 {
		t.Errorf("%d editions and %d frames are remembered, want the 4 and 5 from before it was full", len(b.kept), len(b.frames))
	}
	// In each of four rounds over the views, those that were not remembered.
	if got, want := len(bodies[0].encoded), 4+4*(n/2-4); got != want {
		t.Errorf("encoded %d times, want %d", got, want)
	}
	if got := len(bodies[1].encoded); got != 1 {
		t.Errorf("what was remembered is encoded %d times", got)
	}
}

// large is a body whose views differ for all and take a lot.
type large int

func (l large) View(a *Audience, _ *Want) View { return a }

func (l large) Forget() {}

func (l large) AppendSignal(dst []byte, _ View, _ *Delivery) ([]byte, bool) {
	return append(dst, make([]byte, l)...), true
}

func TestEditionsAreBounded(t *testing.T) {
	const signals = 20
	for _, c := range []struct{ size, most int }{
		{0, maxKept/(signals*usualSignal) + 1},
		{64 << 10, maxKept/(signals<<16) + 1},
	} {
		b := batch{}
		for range signals {
			b.signals = append(b.signals, &Signal{Body: large(c.size)})
		}
		for range c.most + 10 {
			b.edition(&Audience{}, nil)
		}
		if n := len(b.kept); n > c.most || n < c.most/2 {
			t.Errorf("%d editions of signals of %d bytes are remembered, want at most %d", n, c.size, c.most)
		}
		if n := len(b.frames); n != signals*len(b.kept) {
			t.Errorf("%d frames of %d editions are remembered", n, len(b.kept))
		}
	}
}

// counter checks that what it receives is in order and its own.
type counter struct {
	audience Audience
	mu       sync.Mutex
	last     map[string]string // by prefix
	wrong    []string
}

func (c *counter) Audience() *Audience { return &c.audience }

func (c *counter) Deliver(b wire.Burst) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, text := range texts(b) {
		subject, rest, _ := strings.Cut(text, " ")
		entity, number, _ := strings.Cut(rest, " ")
		if subject != c.audience.Subjects[0] || number <= c.last[entity] {
			c.wrong = append(c.wrong, text)
		}
		c.last[entity] = number
	}
}

// addressed is told with the name of the subject who sees it.
type addressed string

func (a addressed) Forget() {}

func (a addressed) View(who *Audience, _ *Want) View {
	if who.Subjects[0] == "blind" {
		return nil
	}
	return who.Subjects[0]
}

func (a addressed) AppendSignal(dst []byte, v View, _ *Delivery) ([]byte, bool) {
	return fmt.Append(dst, v, " ", string(a)), true
}

func TestConcurrentUse(t *testing.T) {
	h := NewHub()
	var counters []*counter
	var work sync.WaitGroup
	for i := range 12 {
		c := &counter{audience: Audience{Subjects: []string{[]string{"ann", "bob", "blind"}[i%3]}}, last: map[string]string{}}
		counters = append(counters, c)
		work.Go(func() {
			for round := range 200 {
				h.Subscribe(c, &Want{Namespaces: [][]string{nil, {"n"}, {"n", "m"}}[round%3]})
				if round%5 == 0 {
					h.Unsubscribe(c)
				}
			}
		})
	}
	for p := range 2 {
		work.Go(func() {
			for i := range 200 {
				first, second := fmt.Sprintf("e%d %04d", p, 2*i+1), fmt.Sprintf("e%d %04d", p, 2*i+2)
				h.Publish([]*Signal{{Namespace: "n", Body: addressed(first)}, {Namespace: "n", Body: addressed(second)}})
			}
		})
	}
	work.Wait()
	h.Publish([]*Signal{{Namespace: "n", Body: addressed("end 1")}})
	for _, c := range counters {
		if len(c.wrong) > 0 {
			t.Errorf("%v received %q", c.audience.Subjects, c.wrong)
		}
		if blind := c.audience.Subjects[0] == "blind"; blind != (c.last["end"] == "") || blind && len(c.last) > 0 {
			t.Errorf("%v received %v at last", c.audience.Subjects, c.last)
		}
		h.Unsubscribe(c)
	}
	if n := h.Subscribers() + len(h.circles) + len(h.everything) + len(h.byNamespace); n != 0 {
		t.Errorf("%d leftovers", n)
	}
}
