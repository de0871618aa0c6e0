package broker

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// The rules once more, naively: lists that are searched from one end to the other.

// naive is a broker as one would describe it.
type naive struct {
	options Options
	now     time.Duration
	waits   []*naiveWait
	dues    []*naiveDue
	counts  map[string]int
}

type naiveWait struct {
	party    int
	given    string // the requester's correlation id
	id       string // with which it is delivered
	live     bool
	labels   []string
	answers  map[string]string
	original string
	mismatch string
	until    time.Duration
	open     bool
	told     string
}

type naiveDue struct {
	party  int
	id     string
	number int // of the suffix, -1 if there is none
	wait   *naiveWait
	owed   []string
}

func (n *naive) count(what string) { n.counts[what]++ }

// current are the waits that have not ended.
func (n *naive) current(match func(*naiveWait) bool) (found []*naiveWait) {
	for _, w := range n.waits {
		if w.open && match(w) {
			found = append(found, w)
		}
	}
	return found
}

func (n *naive) liveWith(id string) *naiveWait {
	for _, w := range n.current(func(w *naiveWait) bool { return w.live && w.id == id }) {
		return w
	}
	return nil
}

func (n *naive) duesOf(party int) (found []*naiveDue) {
	for _, d := range n.dues {
		if d.party == party {
			found = append(found, d)
		}
	}
	return found
}

func (n *naive) due(party int, id string) *naiveDue {
	for _, d := range n.duesOf(party) {
		if d.id == id {
			return d
		}
	}
	return nil
}

func (n *naive) forget(match func(*naiveDue) bool) { n.dues = slices.DeleteFunc(n.dues, match) }

func (n *naive) end(w *naiveWait, how, told string) {
	w.open, w.told = false, told
	n.count(how)
	n.forget(func(d *naiveDue) bool { return d.wait == w })
}

// open returns nil if there is no room.
func (n *naive) open(party int, t Terms, labels []string) *naiveWait {
	all := n.current(func(*naiveWait) bool { return true })
	own := n.current(func(w *naiveWait) bool { return w.party == party })
	if len(all) >= n.options.MaxWaits || len(own) >= n.options.MaxWaitsEach {
		n.count("refused")
		return nil
	}
	w := &naiveWait{
		party: party, given: t.CorrelationID, id: t.CorrelationID, live: t.Live, labels: labels,
		answers: map[string]string{}, until: n.now + 10*time.Second, open: true,
	}
	if w.live && n.liveWith(w.id) != nil {
		w.id = "" // whatever the broker says
	}
	n.waits = append(n.waits, w)
	return w
}

// put takes an acknowledgement, and says why it is lost.
func (n *naive) put(w *naiveWait, label, answer, original string) string {
	if !w.open {
		return "unknown"
	}
	if _, answered := w.answers[label]; answered || !slices.Contains(w.labels, label) {
		return "repeated"
	}
	w.answers[label] = answer
	if original != "" {
		w.original = original
	}
	if len(w.answers) == len(w.labels) {
		n.end(w, "answered", w.result())
	}
	return ""
}

func (w *naiveWait) result() string {
	if len(w.labels) == 1 && w.labels[0] == liveResponse {
		switch {
		case w.answers[liveResponse] != "":
			return "original " + w.original
		case w.mismatch != "":
			return "command.timeout: " + w.mismatch
		}
		return "command.timeout"
	}
	var texts []string
	for _, label := range w.labels {
		if w.answers[label] == "" {
			texts = append(texts, label+"=408")
		} else {
			texts = append(texts, label+"="+w.answers[label])
		}
	}
	return strings.Join(texts, " ")
}

// give returns what a party which has declared labels is asked.
func (n *naive) give(w *naiveWait, party int, gone bool, declared []string, given *[]string) string {
	var asked []string
	for _, label := range w.labels {
		if slices.Contains(declared, label) {
			asked = append(asked, label)
		}
	}
	whole := strings.Join(append([]string{w.id}, asked...), " ")
	switch {
	case !w.open, len(asked) == 0 && (!w.live || n.due(party, w.id) == nil):
		return whole
	case gone:
		return w.id
	}
	*given = append(*given, asked...)
	if !n.room(party) {
		for _, label := range asked {
			n.put(w, label, "503", "")
		}
		return w.id
	}
	d := &naiveDue{party: party, id: w.id, number: -1, wait: w, owed: asked}
	if n.due(party, d.id) != nil {
		d.number = n.number(party, w)
		d.id = fmt.Sprintf("%s#%d", w.id, d.number)
		if n.due(party, d.id) != nil {
			panic("the ids of this test do not look like that")
		}
	}
	n.dues = append(n.dues, d)
	return strings.Join(append([]string{d.id}, asked...), " ")
}

// room throws out what owes nothing if that is a quarter.
func (n *naive) room(party int) bool {
	dues, settled := n.duesOf(party), 0
	for _, d := range dues {
		if len(d.owed) == 0 {
			settled++
		}
	}
	if len(dues) < n.options.MaxDuesEach {
		return true
	}
	if 4*settled < n.options.MaxDuesEach {
		return false
	}
	n.forget(func(d *naiveDue) bool { return d.party == party && len(d.owed) == 0 })
	return true
}

// number returns the first number above all that a party has, which it had since it had none.
func (n *naive) number(party int, w *naiveWait) int {
	number := 0
	for _, d := range n.duesOf(party) {
		if d.number >= 0 && d.wait.id == w.id {
			number = max(number, d.number+1)
		}
	}
	return number
}

func (n *naive) acknowledge(party int, live bool, label, id string) {
	d := n.due(party, id)
	lost := ""
	switch {
	case d == nil:
		lost = "unknown"
	case d.wait.live != live:
		lost = "mismatched"
	case !slices.Contains(d.owed, label):
		lost = "repeated"
	default:
		d.owed = slices.DeleteFunc(d.owed, func(l string) bool { return l == label })
		lost = n.put(d.wait, label, "200", "")
	}
	if lost != "" {
		n.count(lost)
	}
}

func (n *naive) find(party int, id string) *naiveWait {
	if d := n.due(party, id); d != nil && d.wait.live {
		return d.wait
	}
	if w := n.liveWith(id); w != nil {
		return w
	}
	if base, _, found := strings.Cut(id, "#"); found && n.liveWith(base) != nil {
		return n.liveWith(base)
	}
	n.count("unknown")
	return nil
}

func (n *naive) endParty(party int) {
	for _, w := range n.current(func(w *naiveWait) bool { return w.party == party }) {
		n.end(w, "abandoned", "")
	}
	n.forget(func(d *naiveDue) bool { return d.party == party })
}

func (n *naive) pass(d time.Duration) {
	n.now += d
	for _, w := range n.current(func(w *naiveWait) bool { return w.until <= n.now }) {
		n.end(w, "timed-out", w.result())
	}
}

// twins are the broker and the naive one, side by side.
type twins struct {
	*world
	*rand.Rand
	naive   naive
	members []*member
	gone    []bool
	asked   []*asking
	ids     []string // that were delivered
	steps   []string
	seen    map[string]int
}

func (s *twins) log(format string, args ...any) {
	s.steps = append(s.steps, fmt.Sprintf(format, args...))
}

func (s *twins) join() {
	s.members = append(s.members, s.member([][]string{{"a-a"}, {"b-b"}, {"a-a", "b-b"}, nil}[s.IntN(4)]...))
	s.gone = append(s.gone, false)
}

func (s *twins) ask() {
	party := s.IntN(len(s.members))
	live := s.IntN(2) == 0
	labels := [][]string{{"a-a"}, {"b-b", "a-a"}, {"b-b", "c-c"}, nil}[s.IntN(4)]
	if !live && labels == nil {
		labels = []string{"a-a"}
	}
	t := terms(live, string("xyz"[s.IntN(3)]), labels...)
	s.log("%d asks live %v %s %v", party, live, t.CorrelationID, labels)
	a, err := s.try(s.members[party], t)
	if s.gone[party] {
		s.naive.count("refused")
		if err == nil {
			s.Error("who is gone asks")
		}
		return
	}
	w := s.naive.open(party, t, t.Plan.Labels)
	if (w == nil) != (err != nil) {
		s.Errorf("opened %v, want %v", err, w)
	}
	if err != nil {
		return
	}
	s.asked = append(s.asked, a)
	if w.id == "" && strings.HasPrefix(a.CorrelationID(), w.given+"_") {
		w.id = a.CorrelationID()
	}
	if a.CorrelationID() != w.id {
		s.Errorf("delivered as %s, want %s", a.CorrelationID(), w.id)
	}
	s.publish(a, w)
}

func (s *twins) publish(a *asking, w *naiveWait) {
	var to []pubsub.Subscriber
	var want, given []string
	for _, i := range s.Perm(len(s.members))[:s.IntN(4)] {
		to = append(to, s.members[i])
		want = append(want, s.naive.give(w, i, s.gone[i], s.members[i].audience.Acks, &given))
	}
	for _, label := range w.labels {
		if !slices.Contains(given, label) && s.declared[label] && s.naive.put(w, label, "200(weak)", "") == "" {
			s.naive.count("weak")
		}
	}
	got := s.world.publish(a, to...)
	if !slices.Equal(got, want) {
		s.Errorf("given as %q, want %q", got, want)
	}
	for _, text := range got {
		id, _, _ := strings.Cut(text, " ")
		s.ids = append(s.ids, id)
		s.log("  given as %s", text)
		if strings.Contains(id, "#") {
			s.seen["suffix"]++
		}
	}
}

// id returns one of those that were delivered last.
func (s *twins) id() string {
	if len(s.ids) == 0 || s.IntN(10) == 0 {
		return "x#0"
	}
	return s.ids[max(0, len(s.ids)-1-s.IntN(12))]
}

func (s *twins) acknowledge() {
	party, id, live := s.IntN(len(s.members)), s.id(), s.IntN(2) == 0
	declared := s.members[party].audience.Acks
	if len(declared) == 0 {
		return
	}
	label := declared[s.IntN(len(declared))]
	channel := protocol.Twin
	if live {
		channel = protocol.Live
	}
	s.log("%d acknowledges live %v %s %s", party, live, label, id)
	s.naive.acknowledge(party, live, label, id)
	if err := s.world.acknowledge(s.members[party], channel, thing, label, id, 200); err != nil {
		s.Error(err)
	}
}

func (s *twins) respond() {
	party, id := s.IntN(len(s.members)), s.id()
	s.log("%d responds to %s", party, id)
	want, found := s.naive.find(party, id), s.Find(s.members[party].party, id)
	if (want == nil) != (found == nil) || found != nil && found != s.asked[slices.Index(s.naive.waits, want)].Wait {
		s.Fatalf("%s finds another\n%s", id, strings.Join(s.steps, "\n"))
	}
	switch {
	case found == nil:
	case s.IntN(4) == 0:
		want.mismatch = "It is odd."
		s.naive.count("mismatched")
		found.Mismatch(want.mismatch)
	default:
		if lost := s.naive.put(want, liveResponse, "200", id); lost != "" {
			s.naive.count(lost)
		}
		found.Respond(response(200), id)
	}
}

func (s *twins) step() {
	switch n := s.IntN(40); {
	case n == 0:
		s.join()
	case n == 1 && len(s.members) > 5:
		party := s.IntN(len(s.members))
		s.log("%d ends", party)
		s.gone[party] = true
		s.naive.endParty(party)
		s.members[party].party.End()
	case n < 4:
		d := time.Duration(1+s.IntN(8)) * time.Second
		s.log("%v pass", d)
		s.naive.pass(d)
		time.Sleep(d)
		synctest.Wait()
	case n == 4 && len(s.asked) > 0:
		i := s.IntN(len(s.asked))
		s.log("%s fails", s.asked[i].CorrelationID())
		if w := s.naive.waits[i]; w.open {
			s.naive.end(w, "failed", "gateway:internalerror")
		}
		s.asked[i].Fail(protocol.ErrInternal())
	case n < 14:
		s.ask()
	case n < 27:
		s.acknowledge()
	default:
		s.respond()
	}
}

// compare compares what was told and what is open.
func (s *twins) compare() {
	for i, w := range s.naive.waits {
		if got := s.asked[i].told(); got != w.told {
			s.Errorf("%s: told %q, want %q", w.id, got, w.told)
		}
	}
	open := s.naive.current(func(*naiveWait) bool { return true })
	if s.Waits() != len(open) || s.Dues() != len(s.naive.dues) {
		s.Errorf("%d waits, %d dues, want %d, %d", s.Waits(), s.Dues(), len(open), len(s.naive.dues))
	}
	s.verify()
	if diff := cmp.Diff(s.naive.counts, s.all()); diff != "" {
		s.Errorf("counted, -want +got\n%s", diff)
	}
}

// TestModel does the same at random to a broker and to the naive one.
func TestModel(t *testing.T) {
	seen := map[string]int{}
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) {
			o := Options{MaxWaits: 12, MaxWaitsEach: 4, MaxDuesEach: 4}
			s := &twins{
				world: newWorld(t, o, "a-a", "b-b"), Rand: rand.New(rand.NewPCG(seed, 6)),
				naive: naive{options: o, counts: map[string]int{}}, seen: seen,
			}
			for range 5 {
				s.join()
			}
			for range 300 {
				s.step()
				s.compare()
				if t.Failed() {
					t.Fatalf("seed %d:\n%s", seed, strings.Join(s.steps, "\n"))
				}
			}
			for what, n := range s.naive.counts {
				seen[what] += n
			}
			for _, w := range s.naive.waits {
				if strings.Contains(w.told, "503") {
					seen["503"]++
				}
			}
		})
	}
	for _, what := range []string{
		"answered", "timed-out", "failed", "abandoned", "refused", "unknown", "mismatched", "repeated", "weak", "503", "suffix",
	} {
		if seen[what] < 10 {
			t.Errorf("%s has come up %d times", what, seen[what])
		}
	}
}
