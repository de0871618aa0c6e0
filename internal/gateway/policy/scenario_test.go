package policy

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/policy/enforcer"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// The files under testdata say what commands do. A case is a title, a policy, a command and everything that comes of it:
//
//	== title
//	policy NAME                 the policy before: one of fixtures
//	as SUBJECT...               who sends the command
//	send ACTION PATH [VALUE]    the command, on the policy ns:p
//	headers JSON                its headers
//	fields SELECTOR
//	size N                      the size limit
//	imports N                   how many imports there may be
//	lockout                     it is not prevented that nobody can change the policy
//	roots ID...                 policies that apply to all namespaces
//	refused STATUS CODE [ETAG]  the error and the entity tag that it tells
//	naming TEXT                 the error's message has it
//	answer STATUS [rev|hash]    the response and its entity tag: of the policy, or of what is at the path now
//	at PATH                     the path of response and event, if it is not that of the command
//	value JSON                  of the response
//	event ACTION [VALUE]
//	now PATH [JSON]             what is there afterwards; nothing, if there is no JSON
//	removed LABEL SUBJECT       a subject that is to be told
//	due TIME                    when something is to be done for a subject afterwards
//
// What is not said must not be: no value, no event, no change of entries or imports that are not mentioned. An empty line
// ends a case. The spelling of JSON counts, but for the white space between parts of a file's line.
type scenario struct {
	title, policy string
	subjects      []string
	action, path  string
	value         *string
	headers       map[string]json.RawMessage
	fields        *string
	settings      Settings
	refused       string
	naming        string
	answer        []string
	at            string
	response      *string
	event         []string
	now           [][]string
	removed       []string
	due           string
}

var (
	created  = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	modified = time.Date(2026, 1, 3, 3, 4, 5, 600_000_000, time.UTC)
	now      = time.Date(2026, 2, 3, 4, 5, 6, 789_000_000, time.UTC)
)

func defaultSettings() Settings {
	return Settings{
		MaxSize: DefaultMaxSize, MaxImports: DefaultMaxImports, LockoutPrevention: true,
		ExpiryGranularity: DefaultExpiryGranularity, AnnouncementGranularity: DefaultAnnouncementGranularity,
	}
}

func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			for _, s := range parseScenarios(t, string(text)) {
				t.Run(s.title, s.run)
			}
		})
	}
}

// neighbours are the other policies that there are, and who asks about them.
type neighbours struct{ subjects []string }

func (n neighbours) Policy(id string) (*model.Policy, bool) {
	text, ok := others[id]
	if !ok {
		return nil, false
	}
	p, err := model.Load([]byte(text))
	return p, err == nil
}

func (n neighbours) Rights(id string) *enforcer.Rights {
	p, ok := n.Policy(id)
	if !ok {
		return nil
	}
	return Enforcer(p, n, nil, "ns").Everywhere(n.subjects)
}

// requester returns somebody with the rights that the policy gives.
func requester(t testing.TB, st *State, subjects []string, roots model.RootPolicies) Requester {
	t.Helper()
	who := Requester{Subjects: subjects, Directory: neighbours{subjects}}
	if st.Exists() {
		p, err := st.Policy()
		if err != nil {
			t.Fatalf("damaged state %s: %v", st.Doc, err)
		}
		who.Rights = Enforcer(p, who.Directory, roots, "ns").Everywhere(subjects)
	}
	return who
}

func (s *scenario) run(t *testing.T) {
	before, ok := fixtures[s.policy]
	if !ok {
		t.Fatalf("no policy called %q", s.policy)
	}
	text := docOf(before)
	outcome, err := s.decide(t, before)
	if docOf(before) != text {
		t.Fatal("the state before was modified")
	}
	if s.refused != "" {
		s.checkRefusal(t, outcome, err)
		return
	}
	if err != nil {
		t.Fatalf("refused with %d %s: %s %s", err.Status, err.Code, err.Message, err.Description)
	}
	after := before
	s.checkEvent(t, outcome)
	if outcome.State != nil {
		after = outcome.State
		s.checkState(t, before, after)
	}
	s.checkParts(t, before, after)
	s.checkRemoved(t, outcome)
	s.checkResponse(t, outcome.Response, after)
}

// decide does with the command what a server does.
func (s *scenario) decide(t *testing.T, before *State) (Outcome, *protocol.Error) {
	var env protocol.Envelope
	if err := protocol.Decode(s.frame(), &env); err != nil {
		return Outcome{}, err
	}
	c, err := NewCommand(&env)
	if err != nil {
		return Outcome{}, err
	}
	who := requester(t, before, s.subjects, s.settings.Roots)
	return Decide(before, c, who, now.In(time.FixedZone("elsewhere", 3600)), s.settings)
}

func (s *scenario) checkRefusal(t *testing.T, outcome Outcome, err *protocol.Error) {
	t.Helper()
	if err == nil {
		t.Fatalf("was not refused: %+v %s", outcome.Response, outcome.Response.Value)
	}
	if outcome.State != nil || outcome.Event != nil || outcome.Removed != nil {
		t.Error("was refused, but has an effect")
	}
	got := strconv.Itoa(err.Status) + " " + err.Code
	if err.ETag != "" {
		got += " " + err.ETag
	}
	want := strings.Replace(s.refused, " rev", ` "rev:7"`, 1)
	if before, found := strings.CutSuffix(want, " hash"); found {
		value, _ := fixtures[s.policy].part(path(t, s.path))
		want = before + " " + protocol.HashTag(value)
	}
	if got != want {
		t.Errorf("refused with %s (%s %s), want %s", got, err.Message, err.Description, want)
	}
	if !strings.Contains(err.Message, s.naming) {
		t.Errorf("refused with %q, which does not name %q", err.Message, s.naming)
	}
	if err.Policy != strings.HasPrefix(err.Code, "policies:") {
		t.Errorf("%s is reported in the group of policies: %t", err.Code, err.Policy)
	}
}

// where is the path of response and event.
func (s *scenario) where() string {
	if s.at != "" {
		return s.at
	}
	return s.path
}

func (s *scenario) checkEvent(t *testing.T, outcome Outcome) {
	t.Helper()
	if (outcome.Event == nil) != (s.event == nil) || (outcome.State == nil) != (s.event == nil) {
		t.Fatalf("event %+v and state %+v, want event %q", outcome.Event, outcome.State, s.event)
	}
	if s.event == nil {
		return
	}
	got := []string{outcome.Event.Action.String()}
	if outcome.Event.Value != nil {
		got = append(got, string(outcome.Event.Value))
	}
	if diff := cmp.Diff(s.event, got); diff != "" {
		t.Errorf("event (-want +got):\n%s", diff)
	}
	if got := outcome.Event.Path.String(); got != s.where() {
		t.Errorf("event at path %s, want %s", got, s.where())
	}
}

// checkState checks what holds after every change.
func (s *scenario) checkState(t *testing.T, before, after *State) {
	t.Helper()
	if want := before.revision() + 1; after.Revision != want {
		t.Errorf("revision %d, want %d", after.Revision, want)
	}
	if !after.Exists() {
		if diff := cmp.Diff(&State{Revision: after.Revision, Modified: now, Deleted: true}, after); diff != "" {
			t.Errorf("what is left of the policy (-want +got):\n%s", diff)
		}
		return
	}
	wantCreated := now
	if before.Exists() {
		wantCreated = before.Created
	}
	if after.Created != wantCreated || after.Modified != now {
		t.Errorf("created at %s and modified at %s, want %s and %s", after.Created, after.Modified, wantCreated, now)
	}
	if due := ""; !after.Due.IsZero() {
		due = after.Due.Format(time.RFC3339Nano)
		if due != s.due {
			t.Errorf("due at %s, want %q", due, s.due)
		}
	} else if s.due != "" {
		t.Errorf("never due, want %s", s.due)
	}
	checkDocument(t, after)
}

// checkDocument checks that the text of a policy is what is written of it, and says itself when it is due.
func checkDocument(t testing.TB, st *State) {
	t.Helper()
	canonical, err := document.Canonical(st.Doc)
	if err != nil || string(canonical) != string(st.Doc) {
		t.Fatalf("not canonical: %s: %v", st.Doc, err)
	}
	p, err := st.Policy()
	if err != nil {
		t.Fatalf("not a policy: %s: %v", st.Doc, err)
	}
	if got := string(p.Append(nil)); got != string(st.Doc) {
		t.Fatalf("policy %s is written as %s", st.Doc, got)
	}
	if !p.Due().Equal(st.Due) {
		t.Fatalf("due at %s, want %s", st.Due, p.Due())
	}
}

// checkParts compares the parts of the policy with what the case says. Entries and imports that it does not mention must be as
// before.
func (s *scenario) checkParts(t *testing.T, before, after *State) {
	t.Helper()
	if s.event != nil && len(s.now) == 0 {
		t.Error("the case does not say what is there now")
	}
	mentioned := map[string]bool{}
	for _, line := range s.now {
		p := path(t, line[0])
		mentioned[strings.Join(p.Pointer[:min(2, len(p.Pointer))], "/")] = true
		want := ""
		if len(line) == 2 {
			want = line[1]
		}
		if got := get(after, p.Pointer); got != want {
			t.Errorf("now at %s: %s, want %s", line[0], got, want)
		}
	}
	if mentioned[""] {
		return
	}
	for _, group := range []string{"entries", "imports"} {
		if mentioned[group] {
			continue
		}
		for _, name := range names(before, after, group) {
			old, got := get(before, document.Pointer{group, name}), get(after, document.Pointer{group, name})
			if !mentioned[group+"/"+name] && old != got {
				t.Errorf("%s/%s changed from %s to %s", group, name, old, got)
			}
		}
	}
}

// get returns what a policy has at a pointer, "" for nothing.
func get(st *State, p document.Pointer) string {
	if !st.Exists() {
		return ""
	}
	raw, _ := document.Get(st.Doc, p)
	return string(raw)
}

// names returns the names in a group of both states.
func names(before, after *State, group string) (all []string) {
	for _, st := range []*State{before, after} {
		for name := range document.Members([]byte(get(st, document.Pointer{group}))) {
			all = append(all, name)
		}
	}
	return all
}

func (s *scenario) checkRemoved(t *testing.T, outcome Outcome) {
	t.Helper()
	var got []string
	for _, r := range outcome.Removed {
		got = append(got, r.Label+" "+r.Subject.ID)
		if a := r.Subject.Announcement; a == nil || !a.WhenDeleted {
			t.Errorf("%s does not want to be told", r.Subject.ID)
		}
	}
	if diff := cmp.Diff(s.removed, got); diff != "" {
		t.Errorf("removed (-want +got):\n%s", diff)
	}
}

func (s *scenario) checkResponse(t *testing.T, r Response, after *State) {
	t.Helper()
	if len(s.answer) == 0 {
		t.Fatalf("the case has no answer: %d", r.Status)
	}
	got := []string{strconv.Itoa(r.Status)}
	if r.ETag != "" {
		got = append(got, r.ETag)
	}
	want := slices.Clone(s.answer)
	if len(want) == 2 {
		value := []byte(nil)
		if after.Exists() {
			value, _ = after.part(path(t, s.where()))
		}
		if tag, ok := map[string]string{"rev": protocol.RevisionTag(after.Revision), "hash": protocol.HashTag(value)}[want[1]]; ok {
			want[1] = tag
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if r.Action.String() != s.action || r.Path.String() != s.where() {
		t.Errorf("answer to %s at %s, want %s at %s", r.Action, r.Path, s.action, s.where())
	}
	if r.Revision != after.Revision {
		t.Errorf("answer tells revision %d, want %d", r.Revision, after.Revision)
	}
	if s.response == nil && r.Value != nil || s.response != nil && string(r.Value) != *s.response {
		t.Errorf("answer has value %s", r.Value)
	}
}

func path(t testing.TB, text string) protocol.Path {
	t.Helper()
	p, err := protocol.ParsePolicyPath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func docOf(st *State) string {
	if st == nil {
		return ""
	}
	return string(st.Doc)
}
