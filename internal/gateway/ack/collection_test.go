package ack

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// completed is what the rules say of how a wait ends, given who answers with which status before it is over. The result is
// "nothing", "original", the code of an error, or the acknowledgements.
func completed(s specified, answers map[string]int) string {
	switch s.answer {
	case "nothing":
		return "nothing"
	case "response":
		if answers["response"] != 0 {
			return "original"
		}
		return "command.timeout"
	}
	var texts []string
	for _, label := range s.labels {
		if status := answers[label]; status != 0 {
			texts = append(texts, fmt.Sprintf("%s %d", label, status))
		} else {
			texts = append(texts, label+" 408 acknowledgement:request.timeout")
		}
	}
	return strings.Join(texts, ", ")
}

// begun returns the collection for a plan.
func begun(p Plan) *Collection {
	c := &Collection{}
	c.Begin(p)
	return c
}

// missing returns the labels that a collection still waits for, in the order of the plan.
func missing(c *Collection) (labels []string) {
	for _, label := range c.labels {
		if c.Awaits(label) {
			labels = append(labels, label)
		}
	}
	return labels
}

// outcome brings a result into the words of the rules.
func outcome(r Result) string {
	switch r.Outcome {
	case Nothing:
		return "nothing"
	case Original:
		return "original"
	case Failed:
		return r.Error.Code
	}
	texts := make([]string, 0, len(r.Acks))
	for _, a := range r.Acks {
		text := fmt.Sprintf("%s %d", a.Label, a.Status)
		if _, code, found := strings.Cut(string(a.Payload), `"error":"`); found {
			code, _, _ = strings.Cut(code, `"`)
			text += " " + code
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// TestOutcomes lets some of those who could acknowledge do so, for every combination of what a message may want: the twin or
// device in whose name the response counts, the search, one who has declared a custom label and one who has not.
func TestOutcomes(t *testing.T) {
	who := []string{"response", "search-persisted", "my:ack"}
	seen := map[string]bool{}
	combinations(func(c combination) {
		p, err := Normalize(c.kind, c.Wants, MaxWait)
		if err != nil {
			return
		}
		s := specify(kindNames[c.kind], c.ResponseRequired, c.RequestedAcks, c.Timeout)
		for set := range 1 << len(who) {
			collection, answers := begun(p), map[string]int{}
			for i, name := range who {
				if set&(1<<i) == 0 {
					continue
				}
				label := name
				if name == "response" {
					label = p.Response
				}
				status := 200 + i
				answers[name], answers[label] = status, status
				collection.Put(Ack{Label: label, Status: status})
				collection.Put(Ack{Label: "undeclared", Status: status})
			}
			want := completed(s, answers)
			if got := outcome(collection.Result()); got != want {
				t.Errorf("%v answered by %v: %s, want %s", c, answers, got, want)
			}
			finished := !strings.Contains(want, "timeout")
			if collection.Complete() != finished {
				t.Errorf("%v answered by %v: complete %v, although the result is %s", c, answers, collection.Complete(), want)
			}
			seen[want] = true
		}
	})
	for _, outcome := range []string{"nothing", "original", "command.timeout", "my:ack 202", "my:ack 408 acknowledgement:request.timeout"} {
		if !seen[outcome] {
			t.Errorf("nothing came to %s", outcome)
		}
	}
}

// model is a collection as one would describe it: naive, and without a limit.
type model struct {
	plan    Plan
	answers map[string]Ack
	failure *protocol.Error
}

func (m *model) awaited() []string {
	switch {
	case m.plan.Reply == Silent:
		return nil
	case m.plan.Reply == Response && len(m.plan.Labels) == 0:
		return []string{m.plan.Response}
	}
	return m.plan.Labels
}

func (m *model) missing() []string {
	var missing []string
	for _, label := range m.awaited() {
		if _, ok := m.answers[label]; !ok && m.failure == nil {
			missing = append(missing, label)
		}
	}
	return missing
}

func (m *model) put(a Ack) bool {
	weakBuiltIn := a.Weak && (a.Label == "twin-persisted" || a.Label == "live-response")
	if !slices.Contains(m.missing(), a.Label) || weakBuiltIn {
		return false
	}
	m.answers[a.Label] = a
	return true
}

func (m *model) fail(err *protocol.Error) bool {
	if len(m.missing()) == 0 {
		return false
	}
	m.failure = err
	return true
}

func (m *model) result() string {
	if m.failure != nil {
		return m.failure.Code
	}
	statuses := map[string]int{}
	for label, a := range m.answers {
		statuses[label] = a.Status
		if label == m.plan.Response {
			statuses["response"] = a.Status
		}
	}
	answer := map[Reply]string{Silent: "nothing", Response: "response", Aggregate: "acks"}[m.plan.Reply]
	return completed(specified{answer: answer, labels: m.plan.Labels}, statuses)
}

// step is something that happens to a collection.
type step struct {
	name string
	ack  Ack
	fail *protocol.Error
}

var steps = []step{
	{name: "twin", ack: Ack{Label: "twin-persisted", Status: 204}},
	{name: "live", ack: Ack{Label: "live-response", Status: 500}},
	{name: "weak twin", ack: Ack{Label: "twin-persisted", Status: 200, Weak: true}},
	{name: "weak live", ack: Ack{Label: "live-response", Status: 200, Weak: true}},
	{name: "weak search", ack: Ack{Label: "search-persisted", Status: 200, Weak: true}},
	{name: "mine", ack: Ack{Label: "my:ack", Status: 200}},
	{name: "mine again", ack: Ack{Label: "my:ack", Status: 400}},
	{name: "weak yours", ack: Ack{Label: "your:ack", Status: 200, Weak: true}},
	{name: "unknown", ack: Ack{Label: "their:ack", Status: 200}},
	{name: "failure", fail: protocol.ErrInternal()},
	{name: "failure again", fail: protocol.ErrNamespaceNotAccessible("a")},
}

var plans = map[string]Plan{
	"silent":       {Response: "twin-persisted"},
	"event":        {Labels: []string{"my:ack"}, Wait: time.Second},
	"twin":         {Labels: []string{"twin-persisted"}, ResponseRequired: true, Reply: Response, Response: "twin-persisted", Wait: time.Second},
	"live":         {Labels: []string{"live-response"}, ResponseRequired: true, Reply: Response, Response: "live-response", Wait: time.Second},
	"bare twin":    {ResponseRequired: true, Reply: Response, Response: "twin-persisted", Wait: time.Second},
	"bare live":    {ResponseRequired: true, Reply: Response, Response: "live-response", Wait: time.Second},
	"smart":        {ResponseRequired: true, Reply: Response, Response: "live-response", Wait: time.Second},
	"mine":         {Labels: []string{"my:ack"}, ResponseRequired: true, Reply: Aggregate, Response: "twin-persisted", Wait: time.Second},
	"twin, search": {Labels: []string{"twin-persisted", "search-persisted"}, ResponseRequired: true, Reply: Aggregate, Response: "twin-persisted", Wait: time.Second},
	"all":          {Labels: []string{"your:ack", "live-response", "my:ack"}, ResponseRequired: true, Reply: Aggregate, Response: "live-response", Wait: time.Second},
}

// play compares a collection with the model after each of some steps.
func play(t *testing.T, name string, sequence []int) {
	t.Helper()
	p := plans[name]
	c, m := begun(p), &model{plan: p, answers: map[string]Ack{}}
	for n, i := range sequence {
		s := steps[i]
		var got, want bool
		if s.fail != nil {
			got, want = c.Fail(s.fail), m.fail(s.fail)
		} else {
			got, want = c.Put(s.ack), m.put(s.ack)
		}
		awaited := m.missing()
		if got != want || c.Complete() != (len(awaited) == 0) || !slices.Equal(missing(c), awaited) || outcome(c.Result()) != m.result() {
			var names []string
			for _, i := range sequence[:n+1] {
				names = append(names, steps[i].name)
			}
			t.Fatalf("%s after %q: counts %v, missing %q, %s; want %v, %q, %s",
				name, names, got, missing(c), outcome(c.Result()), want, awaited, m.result())
		}
	}
}

// TestSequences plays every sequence of up to four steps.
func TestSequences(t *testing.T) {
	for name := range plans {
		sequence := make([]int, 4)
		for n := range len(steps) * len(steps) * len(steps) * len(steps) {
			for i := range sequence {
				sequence[i] = n % len(steps)
				n /= len(steps)
			}
			play(t, name, sequence)
		}
	}
}

func FuzzSequences(f *testing.F) {
	f.Add(uint8(0), []byte{0, 1, 5, 6, 7, 9})
	names := make([]string, 0, len(plans))
	for name := range plans {
		names = append(names, name)
	}
	slices.Sort(names)
	f.Fuzz(func(t *testing.T, plan uint8, ops []byte) {
		sequence := make([]int, 0, len(ops))
		for _, op := range ops[:min(len(ops), 50)] {
			sequence = append(sequence, int(op)%len(steps))
		}
		play(t, names[int(plan)%len(names)], sequence)
	})
}

// TestUnanswered checks what the requester is told of what did not come.
func TestUnanswered(t *testing.T) {
	p := plans["twin"]
	p.Wait = 65 * time.Second
	r := begun(p).Result()
	if r.Error == nil || r.Error.Status != 408 || !strings.Contains(r.Error.Message, "timeout of 65,000ms.") {
		t.Errorf("the response is missed with %+v", r.Error)
	}

	p = plans["all"]
	p.Wait = 65 * time.Second
	c := begun(p)
	c.Put(Ack{Label: "my:ack", Status: 200})
	r = c.Result()
	want := string(protocol.ErrAckTimeout("live-response", p.Wait).Append(nil))
	if a := r.Acks[1]; a.Status != 408 || string(a.Payload) != want || !strings.Contains(want, "65,000ms") {
		t.Errorf("the acknowledgement is missed with %d %s", a.Status, a.Payload)
	}
	if diff := cmp.Diff([]string{"your:ack", "live-response"}, missing(c)); diff != "" {
		t.Error(diff)
	}
	// What comes after the result was asked for does not change it.
	c.Put(Ack{Label: "your:ack", Status: 200})
	if r.Acks[0].Status != 408 {
		t.Errorf("the result has changed to %+v", r.Acks[0])
	}
}

// TestMismatch checks that a response which does not fit is neither one, nor forgotten.
func TestMismatch(t *testing.T) {
	c := begun(plans["live"])
	c.Mismatch("Its path differs.")
	c.Mismatch("Its status is not expected.")
	if c.Complete() {
		t.Error("complete")
	}
	err := c.Result().Error
	if err == nil || err.Code != "command.timeout" || !strings.HasSuffix(err.Description, "Its status is not expected.") {
		t.Errorf("failed with %+v", err)
	}
	c.Put(Ack{Label: "live-response", Status: 204})
	if got := outcome(c.Result()); got != "original" {
		t.Errorf("after a fitting response: %s", got)
	}
}

// TestBegin checks that a collection which begins again has forgotten everything.
func TestBegin(t *testing.T) {
	c := begun(plans["all"])
	c.Put(Ack{Label: "my:ack", Status: 200, Payload: make([]byte, MaxAggregate)})
	c.Mismatch("Its path differs.")
	c.Fail(protocol.ErrInternal())
	c.Begin(plans["all"])
	if want := begun(plans["all"]); !reflect.DeepEqual(c, want) {
		t.Errorf("begins with %+v, want %+v", c, want)
	}
}

// TestAwaits says what is waited for: what was asked, until it is answered or all has failed.
func TestAwaits(t *testing.T) {
	c := begun(plans["all"])
	c.Put(Ack{Label: "my:ack", Status: 200})
	for label, want := range map[string]bool{"my:ack": false, "your:ack": true, "live-response": true, "their:ack": false} {
		if c.Awaits(label) != want {
			t.Errorf("%s: %v", label, !want)
		}
	}
	c.Fail(protocol.ErrInternal())
	if c.Awaits("your:ack") {
		t.Error("waits after a failure")
	}
	if bare := begun(plans["bare live"]); !bare.Awaits("live-response") || bare.Awaits("twin-persisted") {
		t.Error("a response that nobody asked to be acknowledged is not waited for")
	}
}

// TestRoom fills a collection until there is no room.
func TestRoom(t *testing.T) {
	half := []byte(`"` + strings.Repeat("x", MaxAggregate/2-2) + `"`)
	p := plans["all"]
	for _, c := range []struct {
		name   string
		third  []byte
		header string
		want   int
	}{
		{"nothing more", nil, "", 200},
		{"one byte", []byte("1"), "", 413},
		{"a header", nil, "x", 413},
	} {
		collection := begun(p)
		for _, label := range p.Labels[:2] {
			collection.Put(Ack{Label: label, Status: 200, Payload: half})
		}
		last := Ack{Label: "my:ack", Status: 200, Payload: c.third}
		if c.header != "" {
			last.Headers.SetString(protocol.HeaderETag, c.header)
		}
		if !collection.Put(last) || !collection.Complete() {
			t.Errorf("%s: does not count", c.name)
		}
		acks := collection.Result().Acks
		if acks[0].Status != 200 || acks[1].Status != 200 || acks[2].Status != c.want || len(acks[2].Payload) > 1000 {
			t.Errorf("%s: %d, %d, %d, want the last to be %d", c.name, acks[0].Status, acks[1].Status, acks[2].Status, c.want)
		}
	}
	// The response itself is not kept, however large it is.
	single := begun(plans["twin"])
	if !single.Put(Ack{Label: "twin-persisted", Status: 201, Payload: slices.Repeat(half, 3)}) || single.acks != nil {
		t.Error("a large response does not count, or is kept")
	}
}

// TestMostLabels answers as many labels as there can be, the last first.
func TestMostLabels(t *testing.T) {
	labels := make([]string, MaxLabels)
	for i := range labels {
		labels[i] = fmt.Sprintf("ack:%d", i)
	}
	p, err := Normalize(TwinModification, Wants{RequestedAcks: &labels}, MaxWait)
	if err != nil {
		t.Fatal(err)
	}
	c := begun(p)
	for i := range labels {
		if c.Complete() || len(missing(c)) != MaxLabels-i {
			t.Fatalf("after %d: complete %v, %d missing", i, c.Complete(), len(missing(c)))
		}
		label := labels[MaxLabels-1-i]
		if !c.Put(Ack{Label: label, Status: 200 + i}) || c.Put(Ack{Label: label, Status: 500}) {
			t.Fatalf("%s does not count, or counts twice", label)
		}
	}
	if !c.Complete() || missing(c) != nil {
		t.Errorf("complete %v, missing %q", c.Complete(), missing(c))
	}
	for i, a := range c.Result().Acks {
		if a.Label != labels[i] || a.Status != 200+MaxLabels-1-i {
			t.Errorf("%d is %s %d", i, a.Label, a.Status)
		}
	}
}

// TestWaitAllocations holds what a wait for a response, which is what most waits are for, costs.
func TestWaitAllocations(t *testing.T) {
	got := testing.AllocsPerRun(100, func() {
		p, err := Normalize(Message, Wants{}, MaxWait)
		c := begun(p)
		if err != nil || !c.Put(Ack{Label: protocol.LabelLiveResponse, Status: 200}) || c.Result().Outcome != Original {
			t.Error("no response")
		}
	})
	if got > 1 {
		t.Errorf("%v allocations", got)
	}
}

func BenchmarkResponse(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		p, _ := Normalize(Message, Wants{}, MaxWait)
		c := begun(p)
		c.Put(Ack{Label: protocol.LabelLiveResponse, Status: 200})
		_ = c.Result()
	}
}
