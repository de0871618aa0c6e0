package pubsub

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/rql"
)

// wanting returns a want: "namespace,namespace filter extraFields", each - for none.
func wanting(t testing.TB, text string) *Want {
	t.Helper()
	words, w := strings.Fields(text), &Want{}
	if words[0] != "-" {
		w.Namespaces = strings.Split(words[0], ",")
	}
	if words[1] != "-" {
		var err error
		if w.Filter, err = rql.CompileSignal(words[1]); err != nil {
			t.Fatal(err)
		}
	}
	if words[2] != "-" {
		fields, err := enrich.Parse(words[2])
		if err != nil {
			t.Fatal(err)
		}
		w.Extra = fields
	}
	return w
}

// news is a signal that answers once for each want, and is told with what is
// added to it.
type news struct {
	text    string
	asked   int // times that it was asked how it looks
	judged  map[*Want]View
	wants   map[*Want]int // times that it was asked on behalf of a want
	encoded int
	forgot  int
}

func (n *news) View(_ *Audience, w *Want) View {
	n.asked++
	if w == nil {
		return View(n)
	}
	if n.judged == nil {
		n.judged, n.wants = map[*Want]View{}, map[*Want]int{}
	}
	n.wants[w]++
	if _, known := n.judged[w]; !known {
		n.judged[w] = n.judge(w)
	}
	return n.judged[w]
}

// judge keeps back what has not the text that the filter asks for.
func (n *news) judge(w *Want) View {
	if w.Filter != nil && !strings.Contains(w.Filter.String(), `"`+n.text+`"`) {
		return Filtered
	}
	if w.Extra != nil {
		return w.Extra.String()
	}
	return View(n)
}

func (n *news) AppendSignal(dst []byte, v View, _ *Delivery) ([]byte, bool) {
	n.encoded++
	dst = append(dst, n.text...)
	if added, ok := v.(string); ok {
		dst = append(append(dst, '+'), added...)
	}
	return dst, true
}

func (n *news) Forget() { n.judged, n.forgot = nil, n.forgot+1 }

func TestEachReceivesWhatItWants(t *testing.T) {
	h := NewHub()
	all := map[string]*receiver{}
	for name, want := range map[string]string{
		"everything":  "- - -",
		"a":           "n eq(attributes/x,\"a\") -",
		"b":           "- eq(attributes/x,\"b\") -",
		"elsewhere":   "m eq(attributes/x,\"a\") -",
		"more":        "- - attributes",
		"more of a":   "n,m eq(attributes/x,\"a\") attributes",
		"more policy": "n - _policy",
	} {
		all[name] = as(name)
		h.Subscribe(all[name], wanting(t, want))
	}
	h.Publish([]*Signal{
		{Namespace: "n", Body: &news{text: "a"}}, {Namespace: "n", Body: &news{text: "b"}, Origin: all["b"]},
		{Namespace: "n", Body: &news{text: "c"}, Origin: all["a"]},
	})
	for name, want := range map[string]string{
		"everything": "a b c", "a": "a", "b": "", "elsewhere": "", "more": "a+attributes b+attributes c+attributes", "more of a": "a+attributes",
		"more policy": "a+_policy b+_policy c+_policy",
	} {
		if got := strings.Join(all[name].got, " "); got != want {
			t.Errorf("%s received %q, want %q", name, got, want)
		}
	}
	// From a: b, since it has sent c itself. From b: a and c. From more of a: b and c.
	if got := h.Filtered(); got != 5 {
		t.Errorf("filters have kept %d signals back, want 5", got)
	}
}

// A signal is asked once for each circle, and equal wants are the same want
// whoever has them.
func TestEqualWantsAreOne(t *testing.T) {
	for _, tc := range []struct {
		name                            string
		subscribers                     int
		subject, want                   func(i int) string
		asked, wants, encoded, received int
	}{
		{"the same", 1000, func(int) string { return "ann" }, func(int) string { return `- eq(attributes/x,"a") -` }, 1, 1, 1, 1000},
		{"of others", 1000, func(i int) string { return fmt.Sprint(i) }, func(int) string { return `- eq(attributes/x,"a") -` }, 1000, 1, 1, 1000},
		{"with extra", 1000, func(i int) string { return fmt.Sprint(i % 10) }, func(int) string { return `- eq(attributes/x,"a") attributes` }, 10, 1, 1, 1000},
		{"in other namespaces", 100, func(int) string { return "ann" }, func(i int) string { return []string{"n", "n,m", "m,n", "-"}[i%4] + ` - thingId` }, 1, 1, 1, 100},
		{"of a hundred kinds", 1000, func(int) string { return "ann" }, func(i int) string { return fmt.Sprintf(`- in(attributes/x,"a",%d) -`, i%100) }, 100, 100, 1, 1000},
		{"which do not match", 1000, func(int) string { return "ann" }, func(i int) string { return fmt.Sprintf(`- eq(attributes/x,%d) -`, i%100) }, 100, 100, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := NewHub()
			var all []*receiver
			for i := range tc.subscribers {
				r := as(tc.subject(i))
				all = append(all, r)
				h.Subscribe(r, wanting(t, tc.want(i)))
			}
			body := &news{text: "a"}
			h.Publish([]*Signal{{Namespace: "n", Body: body}})
			received := 0
			for _, r := range all {
				received += len(r.got)
			}
			if body.asked != tc.asked || len(body.wants) != tc.wants || body.encoded != tc.encoded || received != tc.received {
				t.Errorf("asked %d times for %d wants, encoded %d times, received %d times; want %d, %d, %d, %d",
					body.asked, len(body.wants), body.encoded, received, tc.asked, tc.wants, tc.encoded, tc.received)
			}
			if got := h.Filtered(); got != int64(tc.subscribers-received) {
				t.Errorf("filters have kept %d signals back", got)
			}
			for _, r := range all {
				h.Unsubscribe(r)
			}
			if n := len(h.circles) + len(h.wants) + len(h.byNamespace) + len(h.everything) + h.wanting; n != 0 {
				t.Errorf("%d leftovers", n)
			}
		})
	}
}

// What somebody wants of policies depends on who it is.
func TestWantsWithAnAccessOfTheirOwnAreNotShared(t *testing.T) {
	h, body := NewHub(), &news{text: "a"}
	var all []*receiver
	for i := range 3 {
		w := wanting(t, "- - _policy")
		if i < 2 {
			w.Policies = func(string) bool { return true }
		}
		all = append(all, as("ann"))
		h.Subscribe(all[i], w)
	}
	h.Publish([]*Signal{{Namespace: "n", Body: body}})
	if len(body.wants) != 3 {
		t.Errorf("asked for %d wants, want 3", len(body.wants))
	}
	for _, r := range all {
		h.Unsubscribe(r)
	}
	if n := len(h.circles) + len(h.wants) + h.wanting; n != 0 {
		t.Errorf("%d leftovers", n)
	}
}

// Bodies remember what wants come to for few signals at a time, and nothing while nobody wants anything.
func TestBodiesForget(t *testing.T) {
	h, plain, wants := NewHub(), as("ann"), as("ann")
	h.Subscribe(plain, nil)
	publish := func() (bodies []*news) {
		var signals []*Signal
		for i := range 2*maxWanted + 3 {
			body := &news{text: fmt.Sprintf("%04d", i)}
			bodies = append(bodies, body)
			signals = append(signals, &Signal{Namespace: "n", Body: body})
		}
		h.Publish(signals)
		return bodies
	}
	for _, b := range publish() {
		if b.forgot != 0 {
			t.Fatal("a body is asked to forget what it was not asked")
		}
	}
	h.Subscribe(wants, wanting(t, "- - attributes"))
	bursts := &holder{audience: wants.audience}
	h.Subscribe(bursts, wanting(t, "- - attributes"))
	bodies := publish()
	for _, b := range bodies {
		if b.forgot != 1 || b.asked != 2 {
			t.Fatalf("asked %d times, and to forget %d times", b.asked, b.forgot)
		}
	}
	var want []string
	for _, b := range bodies {
		want = append(want, b.text+"+attributes")
	}
	if diff := cmp.Diff(want, wants.got); diff != "" {
		t.Error(diff)
	}
	if len(bursts.bursts) != 3 {
		t.Errorf("signals that are published together came in %d bursts, want as few as may be", len(bursts.bursts))
	}
	h.Unsubscribe(plain)
	for _, b := range publish() {
		if b.asked != 1 {
			t.Fatalf("asked %d times on behalf of one", b.asked)
		}
	}
}

// While what is wanted is replaced nothing is lost, and nothing comes twice.
func TestReplacingWhileSignalsFlow(t *testing.T) {
	h, r := NewHub(), as("ann") // signals are published by one, so that it needs no lock
	wants := []*Want{nil, wanting(t, `- in(attributes/x,"e") -`), wanting(t, "n - attributes"), wanting(t, `n,m in(attributes/x,"e") attributes`), {Namespaces: []string{"n"}}}
	h.Subscribe(r, nil)
	const signals = 3000
	var work sync.WaitGroup
	stop := make(chan struct{})
	work.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
				h.Subscribe(r, wants[i%len(wants)])
			}
		}
	})
	for i := range signals / 3 {
		var burst []*Signal
		for k := range 3 {
			burst = append(burst, &Signal{Namespace: "n", Body: numbered(fmt.Sprintf("e%05d", 3*i+k))})
		}
		h.Publish(burst)
	}
	close(stop)
	work.Wait()
	for i, text := range r.got {
		if i >= signals || text[:6] != fmt.Sprintf("e%05d", i) {
			t.Fatalf("received %q as number %d", text, i)
		}
	}
	if len(r.got) != signals {
		t.Errorf("received %d signals of %d", len(r.got), signals)
	}
}

// numbered passes every filter.
type numbered string

func (n numbered) View(_ *Audience, w *Want) View {
	if w != nil && w.Extra != nil {
		return "+" + w.Extra.String()
	}
	return ""
}

func (n numbered) AppendSignal(dst []byte, v View, _ *Delivery) ([]byte, bool) {
	return append(append(dst, n...), v.(string)...), true
}

func (n numbered) Forget() {}
