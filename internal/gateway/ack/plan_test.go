package ack

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

var kindNames = map[Kind]string{
	TwinModification: "twin modification", TwinQuery: "twin query", PolicyCommand: "policy command",
	PolicyQuery: "policy query", LiveCommand: "live command", LiveQuery: "live query", SmartRetrieve: "smart retrieve",
	Message: "message", Event: "event",
}

// The rules of the protocol, written down once more: naively, and without a look at the code.

// specified is what the rules say of a message.
type specified struct {
	fault  string // the code of the error and the header it is about
	labels []string
	// answer is "nothing", "response" or "acks".
	answer string
	wait   time.Duration
}

// specify goes through the rules in the order in which they are written. Required, acks and timeout are nil if absent.
func specify(kind string, required *bool, acks *[]string, timeout *time.Duration) specified {
	const twin, live, search = "twin-persisted", "live-response", "search-persisted"
	tz := timeout != nil && *timeout == 0
	rr := true
	if required != nil {
		rr = *required
	}
	query := strings.HasSuffix(kind, "query") || kind == "smart retrieve"
	device := strings.HasPrefix(kind, "live") || kind == "smart retrieve" || kind == "message"

	var a []string
	if acks != nil {
		for _, label := range *acks {
			if count(a, label) == 0 {
				a = append(a, label)
			}
		}
	}
	given := a
	switch {
	case kind == "twin modification" && acks == nil:
		if rr && !tz {
			a = []string{twin}
		}
	case kind == "twin modification":
		a = minus(a, live)
	case device && acks == nil:
		if rr && !tz {
			a = []string{live}
		}
	case device:
		if rr && len(a) > 0 && count(a, live) == 0 {
			a = append(minus(a), live)
		}
		if !rr {
			a = minus(a, live)
		}
		if count(given, twin)+count(given, search) > 0 {
			a = minus(minus(given, twin), search)
		}
	}

	// Queries that only the server answers are not touched, and events never have a response.
	if required == nil && kind != "twin query" && kind != "policy query" {
		rr = !tz
	}
	if kind == "event" {
		rr = false
	}

	effective := kind == "twin modification" && len(minus(a, live)) > 0 || device && len(minus(a, twin)) > 0
	switch {
	case query && !rr:
		return specified{fault: "command.headers.invalid response-required"}
	case tz && (rr || len(a) > 0):
		return specified{fault: "header.invalid timeout"}
	case effective && !rr:
		return specified{fault: "header.invalid requested-acks"}
	}

	s := specified{answer: "response", labels: a}
	switch {
	case kind == "event":
		s.answer = "nothing"
	case !effective:
		s.labels = nil
		if !rr {
			s.answer = "nothing"
		}
	case len(a) == 1 && (a[0] == twin || a[0] == live):
	default:
		s.answer = "acks"
	}

	s.wait = 65 * time.Second
	if timeout != nil && *timeout < s.wait {
		s.wait = *timeout
	}
	if kind == "smart retrieve" {
		s.wait = 60 * time.Second
		if timeout != nil {
			s.wait = *timeout
		}
	}
	return s
}

func count(labels []string, label string) int {
	n := 0
	for _, l := range labels {
		if l == label {
			n++
		}
	}
	return n
}

func minus(labels []string, label ...string) []string {
	var rest []string
	for _, l := range labels {
		if len(label) == 0 || l != label[0] {
			rest = append(rest, l)
		}
	}
	return rest
}

// combination is what a message may want.
type combination struct {
	kind Kind
	Wants
}

func (c combination) String() string {
	text := kindNames[c.kind]
	if c.ResponseRequired != nil {
		text += fmt.Sprintf(", response-required %v", *c.ResponseRequired)
	}
	if c.RequestedAcks != nil {
		text += fmt.Sprintf(", requested-acks %q", *c.RequestedAcks)
	}
	if c.Timeout != nil {
		text += fmt.Sprintf(", timeout %v", *c.Timeout)
	}
	return text
}

// combinations calls f for every combination of kind, response-required, requested-acks and timeout. Lists of labels are all
// sets of built-in and custom ones, in two orders, and some with repetitions.
func combinations(f func(combination)) {
	universe := []string{"twin-persisted", "live-response", "search-persisted", "my:ack", "your:ack"}
	lists := []*[]string{nil, {"my:ack", "my:ack"}, {"live-response", "live-response"}, {"my:ack", "twin-persisted", "my:ack"}}
	for set := range 1 << len(universe) {
		list := []string{}
		for i, label := range universe {
			if set&(1<<i) != 0 {
				list = append(list, label)
			}
		}
		reversed := slices.Clone(list)
		slices.Reverse(reversed)
		lists = append(lists, &list, &reversed)
	}
	timeouts := []*time.Duration{nil}
	for _, timeout := range []time.Duration{0, time.Millisecond, 10 * time.Second, 65 * time.Second, time.Hour} {
		timeouts = append(timeouts, &timeout)
	}
	yes, no := true, false
	for kind := TwinModification; kind <= Event; kind++ {
		for _, required := range []*bool{nil, &yes, &no} {
			for _, list := range lists {
				for _, timeout := range timeouts {
					f(combination{kind, Wants{ResponseRequired: required, RequestedAcks: list, Timeout: timeout}})
				}
			}
		}
	}
}

// told brings a plan into the words of the rules.
func told(p Plan, err *protocol.Error) specified {
	if err != nil {
		_, header, _ := strings.Cut(err.Message+err.Description, `"`)
		header, _, _ = strings.Cut(header, `"`)
		return specified{fault: err.Code + " " + header}
	}
	answer := map[Reply]string{Silent: "nothing", Response: "response", Aggregate: "acks"}[p.Reply]
	return specified{labels: p.Labels, answer: answer, wait: p.Wait}
}

// TestNormalizeEverything compares every combination with the rules.
func TestNormalizeEverything(t *testing.T) {
	tried := map[string]int{}
	combinations(func(c combination) {
		want := specify(kindNames[c.kind], c.ResponseRequired, c.RequestedAcks, c.Timeout)
		p, err := Normalize(c.kind, c.Wants, 65*time.Second)
		got := told(p, err)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(specified{})); diff != "" {
			t.Errorf("%v: -want +got\n%s", c, diff)
		}
		if err == nil && p.ResponseRequired != (p.Reply != Silent) {
			t.Errorf("%v: response required %v, reply %v", c, p.ResponseRequired, p.Reply)
		}
		tried[got.answer+got.fault]++
	})
	for _, outcome := range []string{
		"nothing", "response", "acks", "header.invalid timeout", "header.invalid requested-acks",
		"command.headers.invalid response-required",
	} {
		if tried[outcome] == 0 {
			t.Errorf("no combination came to %s", outcome)
		}
	}
}

// TestNormalizeTable is the table of results for modifications, live commands and messages, row by row.
func TestNormalizeTable(t *testing.T) {
	const (
		response   = "response"
		silent     = "silent"
		acks       = "acks"
		zero       = "header.invalid timeout"
		noResponse = "header.invalid requested-acks"
	)
	for _, c := range []struct {
		required string
		labels   string // separated by blanks; "-" if absent
		// what comes of it without a timeout, with one, and with one of zero, for a modification and for the others
		none, some, zero             string
		liveNone, liveSome, liveZero string
	}{
		{"", "-", response, response, silent, response, response, silent},
		{"", "", response, response, silent, response, response, silent},
		{"", "my:ack", acks + " my:ack", acks + " my:ack", zero,
			acks + " my:ack live-response", acks + " my:ack live-response", zero},
		{"", "twin-persisted", response, response, zero, response, response, silent},
		{"", "live-response", response, response, silent, response, response, zero},
		{"", "search-persisted", acks + " search-persisted", acks + " search-persisted", zero, response, response, silent},
		{"", "twin-persisted my:ack", acks + " twin-persisted my:ack", acks + " twin-persisted my:ack", zero,
			acks + " my:ack", acks + " my:ack", zero},
		{"", "live-response my:ack", acks + " my:ack", acks + " my:ack", zero,
			acks + " live-response my:ack", acks + " live-response my:ack", zero},

		{"false", "-", silent, silent, silent, silent, silent, silent},
		{"false", "", silent, silent, silent, silent, silent, silent},
		{"false", "my:ack", noResponse, noResponse, zero, noResponse, noResponse, zero},
		{"false", "twin-persisted", noResponse, noResponse, zero, silent, silent, silent},
		{"false", "live-response", silent, silent, silent, silent, silent, silent},
		// Asking for what a device does not do brings back a label that would have been removed.
		{"false", "live-response twin-persisted", noResponse, noResponse, zero, noResponse, noResponse, zero},
		{"false", "live-response search-persisted", noResponse, noResponse, zero, noResponse, noResponse, zero},

		{"true", "-", response, response, zero, response, response, zero},
		{"true", "", response, response, zero, response, response, zero},
		{"true", "my:ack", acks + " my:ack", acks + " my:ack", zero,
			acks + " my:ack live-response", acks + " my:ack live-response", zero},
		{"true", "twin-persisted", response, response, zero, response, response, zero},
		{"true", "live-response", response, response, zero, response, response, zero},
		{"true", "live-response search-persisted", acks + " search-persisted", acks + " search-persisted", zero,
			response, response, zero},
		{"true", "search-persisted my:ack", acks + " search-persisted my:ack", acks + " search-persisted my:ack", zero,
			acks + " my:ack", acks + " my:ack", zero},
	} {
		for timeout, want := range map[string][2]string{
			"": {c.none, c.liveNone}, "10s": {c.some, c.liveSome}, "0": {c.zero, c.liveZero},
		} {
			w := wantsOf(t, c.required, c.labels, timeout)
			for kind, want := range map[Kind]string{
				TwinModification: want[0], LiveCommand: want[1], Message: want[1],
			} {
				if got := line(Normalize(kind, w, MaxWait)); got != want {
					t.Errorf("%v: %s, want %s", combination{kind, w}, got, want)
				}
			}
		}
	}
}

// line says in one line what was returned.
func line(p Plan, err *protocol.Error) string {
	s := told(p, err)
	switch {
	case err != nil:
		return s.fault
	case p.Reply == Silent:
		return strings.TrimSpace("silent " + strings.Join(p.Labels, " "))
	case p.Reply == Aggregate:
		return "acks " + strings.Join(p.Labels, " ")
	}
	return "response"
}

func wantsOf(t *testing.T, required, labels, timeout string) Wants {
	t.Helper()
	var h protocol.Headers
	if required != "" {
		h.Set(protocol.HeaderResponseRequired, []byte(required))
	}
	if labels != "-" {
		list := []string{}
		for label := range strings.FieldsSeq(labels) {
			list = append(list, `"`+label+`"`)
		}
		h.Set(protocol.HeaderRequestedAcks, []byte("["+strings.Join(list, ",")+"]"))
	}
	if timeout != "" {
		h.SetString(protocol.HeaderTimeout, timeout)
	}
	w, err := new(said).read(&h)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// TestQueries goes through what queries may want of a response and a timeout. Which acknowledgements matters only to a device.
func TestQueries(t *testing.T) {
	const (
		refused = "command.headers.invalid response-required"
		zero    = "header.invalid timeout"
		plain   = "response"
	)
	for _, c := range []struct{ required, timeout, server, device string }{
		{"", "", plain, plain},
		{"", "5s", plain, plain},
		{"", "0", zero, refused},
		{"true", "", plain, plain},
		{"true", "5s", plain, plain},
		{"true", "0", zero, zero},
		{"false", "", refused, refused},
		{"false", "5s", refused, refused},
		{"false", "0", refused, refused},
	} {
		w := wantsOf(t, c.required, "-", c.timeout)
		for kind, want := range map[Kind]string{TwinQuery: c.server, PolicyQuery: c.server, LiveQuery: c.device, SmartRetrieve: c.device} {
			if got := line(Normalize(kind, w, MaxWait)); got != want {
				t.Errorf("%v: %s, want %s", combination{kind, w}, got, want)
			}
		}
	}
}

func TestReadWants(t *testing.T) {
	w := wantsOf(t, "", "-", "")
	if w.ResponseRequired != nil || w.RequestedAcks != nil || w.Timeout != nil {
		t.Errorf("nothing is read as %+v", w)
	}
	w = wantsOf(t, "false", "", "7ms")
	if w.ResponseRequired == nil || *w.ResponseRequired || w.RequestedAcks == nil || len(*w.RequestedAcks) != 0 ||
		w.Timeout == nil || *w.Timeout != 7*time.Millisecond {
		t.Errorf("read %+v", w)
	}
	var h protocol.Headers
	h.SetString(protocol.HeaderTimeout, "soon")
	if _, err := new(said).read(&h); err == nil || err.Code != "timeout.invalid" {
		t.Errorf("refused with %v", err)
	}
}

func TestWait(t *testing.T) {
	for _, c := range []struct {
		kind    Kind
		timeout time.Duration // negative: absent
		longest time.Duration
		want    time.Duration
	}{
		{TwinModification, -1, 0, MaxWait},
		{TwinModification, -1, -5, MaxWait},
		{TwinModification, -1, 3 * time.Second, 3 * time.Second},
		{Message, 2 * time.Second, 3 * time.Second, 2 * time.Second},
		{Message, math.MaxInt64, 3 * time.Second, 3 * time.Second},
		{SmartRetrieve, -1, 3 * time.Second, 60 * time.Second},
		{SmartRetrieve, time.Second, 3 * time.Second, time.Second},
		{SmartRetrieve, 100 * time.Second, 3 * time.Second, 100 * time.Second},
		{SmartRetrieve, math.MaxInt64, 3 * time.Second, math.MaxInt64},
	} {
		var w Wants
		if c.timeout >= 0 {
			w.Timeout = &c.timeout
		}
		if p, err := Normalize(c.kind, w, c.longest); err != nil || p.Wait != c.want {
			t.Errorf("%v: %v, %v, want %v", combination{c.kind, w}, p.Wait, err, c.want)
		}
	}
}

// TestTooManyLabels checks the bound, which is on the labels in effect: repetitions do not count, what is added does.
func TestTooManyLabels(t *testing.T) {
	list := func(n int, more ...string) *[]string {
		labels := more
		for i := range n {
			labels = append(labels, fmt.Sprintf("ack:%d", i), fmt.Sprintf("ack:%d", i))
		}
		return &labels
	}
	for _, c := range []struct {
		kind   Kind
		labels *[]string
		want   int // 0: refused
	}{
		{TwinModification, list(MaxLabels), MaxLabels},
		{TwinModification, list(MaxLabels + 1), 0},
		{TwinModification, list(100_000), 0},
		{TwinModification, list(MaxLabels, "live-response"), MaxLabels},
		{LiveCommand, list(MaxLabels), 0},
		{LiveCommand, list(MaxLabels - 1), MaxLabels},
		{LiveCommand, list(MaxLabels, "twin-persisted"), MaxLabels},
		{Event, list(MaxLabels + 1), 0},
	} {
		p, err := Normalize(c.kind, Wants{RequestedAcks: c.labels}, MaxWait)
		if (err == nil) != (c.want > 0) || len(p.Labels) != c.want {
			t.Errorf("%s with %d: %d labels, %v", kindNames[c.kind], len(*c.labels), len(p.Labels), err)
		}
		if err != nil && err.Code != "header.invalid" {
			t.Errorf("refused with %v", err)
		}
	}
}

// TestNormalizeKeepsWants checks that the lists of a client are left alone: they may be those of its whole session.
func TestNormalizeKeepsWants(t *testing.T) {
	given := []string{"my:ack", "twin-persisted", "live-response"}
	spare := append(make([]string, 0, 10), "my:ack")
	for kind := TwinModification; kind <= Event; kind++ {
		_, _ = Normalize(kind, Wants{RequestedAcks: &given}, MaxWait)
		_, _ = Normalize(kind, Wants{RequestedAcks: &spare}, MaxWait)
	}
	if !slices.Equal(given, []string{"my:ack", "twin-persisted", "live-response"}) || spare[:2][1] != "" {
		t.Errorf("the lists are %q and %q now", given, spare[:2])
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add(uint8(4), uint8(2), "live-response twin-persisted", int64(-1))
	f.Add(uint8(0), uint8(0), "my:ack my:ack", int64(0))
	f.Fuzz(func(t *testing.T, kind, required uint8, labels string, timeout int64) {
		k := Kind(kind % uint8(len(kindNames)))
		var w Wants
		if required%3 > 0 {
			yes := required%3 == 1
			w.ResponseRequired = &yes
		}
		if labels != "-" {
			list := strings.Fields(labels)
			w.RequestedAcks = &list
		}
		if timeout >= 0 {
			d := time.Duration(timeout)
			w.Timeout = &d
		}
		p, err := Normalize(k, w, MaxWait)
		if err != nil && strings.Contains(err.Message, "too many") {
			return
		}
		want := specify(kindNames[k], w.ResponseRequired, w.RequestedAcks, w.Timeout)
		if diff := cmp.Diff(want, told(p, err), cmp.AllowUnexported(specified{})); diff != "" {
			t.Errorf("%v: -want +got\n%s", combination{k, w}, diff)
		}
		if len(p.Labels) > MaxLabels {
			t.Errorf("%d labels", len(p.Labels))
		}
	})
}
