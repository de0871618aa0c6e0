package thing

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// The files under testdata say what commands do. A case is a title, a thing, a command and everything that comes of it:
//
//	== title
//	thing NAME                  the thing before: one of fixtures
//	rights PAIRS                what nginx:me may do under the thing's policy, ns:p for a new thing, instead of everything;
//	                            see policyFor
//	no policy                   the thing's policy does not exist
//	as SUBJECT                  who sends the command, instead of nginx:me
//	forbidden GROUP             the rules of the server let nobody create things, or policies
//	send ACTION PATH [VALUE]    the command, on the thing ns:t
//	headers JSON                its headers; those that a merge needs are added
//	path PATH                   its path, if that has blanks
//	fields SELECTOR
//	limit N                     the size limit
//	refused STATUS CODE [etag]  the error, and whether it tells the current entity tag of the thing
//	naming TEXT                 the error says this
//	answer STATUS ACTION [rev|hash|TAG] the response with its entity tag: of the thing, of what is at the path now, or this
//	value JSON                  of the response
//	event ACTION [VALUE]
//	now PATH JSON               what is there afterwards; nothing, if there is no JSON
//	policy JSON                 that is made together with the thing
//	metadata JSON               that the thing has afterwards; none for no metadata
//	told JSON                   of the metadata in the response
//	for the device              the answer is the device's to give
//
// What is not said must not be: no value, no event, no policy, no change of the other members of the thing and of its metadata.
// An empty line ends a case. The spelling of JSON counts, but for the white space between parts of a file's line.
type scenario struct {
	title              string
	thing              string
	action, path       string
	value              *string
	headers            map[string]json.RawMessage
	fields             *string
	refused            string
	answer             []string
	response           *string
	event              []string
	now                [][]string
	policy             *string
	sizeLimit, subject string
	rights, naming     string
	noPolicy           bool
	forbidden          []protocol.Group
	metadata, told     *string
	forDevice          bool
}

var (
	created  = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	modified = time.Date(2026, 1, 3, 3, 4, 5, 600_000_000, time.UTC)
	now      = time.Date(2026, 2, 3, 4, 5, 6, 789_000_000, time.UTC)
)

const lamp = `{"thingId":"ns:t","policyId":"ns:p","definition":"ns:d:1",` +
	`"attributes":{"a":1,"o":{"x":1,"y":2}},` +
	`"features":{"f":{"definition":["ns:fd:1"],"properties":{"p":1,"o":{"x":1,"y":2}},"desiredProperties":{"p":1,"o":{"x":1,"y":2}}}}}`

// labels are metadata of a lamp, and of other things with the same parts.
const labels = `{"by":"me","thingId":{"k":0},"definition":{"k":1},"attributes":{"k":2,"a":{"k":3,"unit":"m"},"o":{"k":4,"x":{"k":5}}},` +
	`"features":{"f":{"k":6,"definition":{"k":7},"properties":{"k":8,"p":{"k":9},"o":{"x":{"k":10}}},"desiredProperties":{"p":{"k":11}}}}}`

// fixtures are the things that cases begin with.
var fixtures = map[string]*State{
	"never":   nil,
	"deleted": {Revision: 7, Modified: modified, Deleted: true},
	"lamp":    {Revision: 7, Created: created, Modified: modified, Doc: []byte(lamp)},
	"bare":    {Revision: 7, Created: created, Modified: modified, Doc: []byte(`{"thingId":"ns:t","policyId":"ns:p"}`)},
	"nulls": {Revision: 7, Created: created, Modified: modified, Doc: []byte(
		`{"thingId":"ns:t","policyId":"ns:p","attributes":null,"features":{"f":null,"g":{"properties":null,"desiredProperties":null}}}`)},
	"empty feature": {Revision: 7, Created: created, Modified: modified, Doc: []byte(
		`{"thingId":"ns:t","policyId":"ns:p","features":{"f":{}}}`)},
	"annotated":  {Revision: 7, Created: created, Modified: modified, Doc: []byte(lamp), Meta: []byte(`{"attributes":{"a":{"unit":"m"}}}`)},
	"labelled":   {Revision: 7, Created: created, Modified: modified, Doc: []byte(lamp), Meta: []byte(labels)},
	"own policy": {Revision: 7, Created: created, Modified: modified, Doc: []byte(`{"thingId":"ns:t","policyId":"ns:t"}`)},
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
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		if !strings.HasPrefix(name, "properties") {
			runScenarios(t, name, string(text))
			continue
		}
		// Desired properties are to a feature what properties are.
		runScenarios(t, name, string(text))
		desired := strings.NewReplacer("/properties", "/desiredProperties", "feature.propert", "feature.desiredPropert",
			`{"properties"`, `{"desiredProperties"`)
		runScenarios(t, "desired_"+name, desired.Replace(string(text)))
	}
}

func runScenarios(t *testing.T, name, text string) {
	t.Run(name, func(t *testing.T) {
		for _, s := range parseScenarios(t, text) {
			t.Run(s.title, s.run)
		}
	})
}

func (s *scenario) run(t *testing.T) {
	before, ok := fixtures[s.thing]
	if !ok {
		t.Fatalf("no thing called %q", s.thing)
	}
	outcome, err := decideFrame(s.frame(), before, s.limits(t), s.world(before))
	if s.refused != "" {
		s.checkRefusal(t, outcome, err, before)
		return
	}
	if err != nil {
		t.Fatalf("refused with %d %s: %s %s", err.Status, err.Code, err.Message, err.Description)
	}
	s.checkEvent(t, outcome)
	s.checkPolicy(t, outcome, before)
	after := before
	if outcome.State != nil {
		after = outcome.State
		s.checkState(t, before, after)
	}
	s.checkParts(t, before, after)
	s.checkMetadata(t, before, after, outcome.Response.Metadata)
	s.checkResponse(t, outcome.Response, after)
	if outcome.ForDevice != s.forDevice {
		t.Errorf("the answer is the device's to give: %t, want %t", outcome.ForDevice, s.forDevice)
	}
}

// world returns what the case says of policies, given the thing before.
func (s *scenario) world(before *State) *world {
	w := newWorld(s.subject)
	w.forbidden = s.forbidden
	id := "ns:p"
	if before.Exists() {
		id = before.PolicyID()
	}
	w.permit(id, s.rights)
	if s.noPolicy {
		delete(w.policies, id)
	}
	return w
}

func (s *scenario) limits(t *testing.T) Limits {
	if s.sizeLimit == "" {
		return Limits{MaxSize: DefaultMaxSize}
	}
	limit, err := strconv.Atoi(s.sizeLimit)
	if err != nil {
		t.Fatal(err)
	}
	return Limits{MaxSize: limit}
}

// decideFrame does with a frame what a server does.
func decideFrame(frame []byte, before *State, limits Limits, who *world) (Outcome, *protocol.Error) {
	var env protocol.Envelope
	if err := protocol.Decode(frame, &env); err != nil {
		return Outcome{}, err
	}
	c, err := NewCommand(&env)
	if err != nil {
		return Outcome{}, err
	}
	c.Subject = who.subjects[0]
	return Decide(before, c, who, now.In(time.FixedZone("elsewhere", 3600)), limits)
}

func (s *scenario) checkRefusal(t *testing.T, outcome Outcome, err *protocol.Error, before *State) {
	if err == nil {
		t.Fatalf("was not refused: %+v", outcome.Response)
	}
	if diff := cmp.Diff(Outcome{}, outcome); diff != "" {
		t.Errorf("was refused, but has an effect (+got):\n%s", diff)
	}
	if s.naming != "" && !strings.Contains(err.Message+"\n"+err.Description, s.naming) {
		t.Errorf("refused with %q %q, which does not say %s", err.Message, err.Description, s.naming)
	}
	got := strconv.Itoa(err.Status) + " " + err.Code
	if err.ETag != "" {
		got += " " + err.ETag
	}
	want := strings.Replace(s.refused, " rev", ` "rev:7"`, 1)
	if hash, found := strings.CutSuffix(want, " hash"); found {
		value, _ := before.Get(pointer(t, s.path))
		want = hash + " " + protocol.HashTag(value)
	}
	if got != want {
		t.Errorf("refused with %s (%s), want %s", got, err.Description, want)
	}
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
	if path := outcome.Event.Path.String(); path != s.path {
		t.Errorf("event at path %s, want %s", path, s.path)
	}
	if merged := s.event[0] == "merged"; outcome.Event.MergePatch != merged {
		t.Errorf("event says merge patch: %t, want %t", outcome.Event.MergePatch, merged)
	}
}

// checkState checks what holds after every change.
func (s *scenario) checkState(t *testing.T, before, after *State) {
	t.Helper()
	if want := before.revision() + 1; after.Revision != want {
		t.Errorf("revision %d, want %d", after.Revision, want)
	}
	if after.Modified != now {
		t.Errorf("modified at %s, want %s", after.Modified, now)
	}
	wantCreated := now
	if before.Exists() {
		wantCreated = before.Created
	}
	if after.Exists() && after.Created != wantCreated {
		t.Errorf("created at %s, want %s", after.Created, wantCreated)
	}
	if after.Exists() {
		checkDocument(t, after.Doc)
	} else if diff := cmp.Diff(&State{Revision: after.Revision, Modified: now, Deleted: true}, after); diff != "" {
		t.Errorf("what is left of the thing (-want +got):\n%s", diff)
	}
}

// checkPolicy checks which policy was made, and whose rules apply to the event.
func (s *scenario) checkPolicy(t *testing.T, outcome Outcome, before *State) {
	t.Helper()
	want := before.PolicyID()
	if outcome.State != nil && !before.Exists() {
		want = outcome.State.PolicyID()
	}
	if outcome.State != nil && outcome.PolicyID != want {
		t.Errorf("policy %s says who may know, want %s", outcome.PolicyID, want)
	}
	made := outcome.Policy
	if s.policy == nil || made == nil {
		if s.policy != nil || made != nil {
			t.Errorf("policy made: %t, want %t", made != nil, s.policy != nil)
		}
		return
	}
	if got := string(made.State.Doc); got != *s.policy {
		t.Errorf("policy %s, want %s", got, *s.policy)
	}
	if made.State.Created != now || made.State.Modified != now || made.Event.Action != protocol.Created {
		t.Errorf("policy created %s, modified %s, event %s", made.State.Created, made.State.Modified, made.Event.Action)
	}
}

// checkParts compares the parts of the thing with what the case says. Members of the thing that it does not mention must
// be as before.
func (s *scenario) checkParts(t *testing.T, before, after *State) {
	t.Helper()
	mentioned := map[string]bool{}
	for _, line := range s.now {
		p := pointer(t, line[0])
		if len(p) == 0 {
			for _, name := range []string{"thingId", "policyId", "definition", "attributes", "features"} {
				mentioned[name] = true
			}
		} else {
			mentioned[p[0]] = true
		}
		var want, got []byte
		if len(line) == 2 {
			want = []byte(line[1])
		}
		got, _ = after.Get(p)
		if string(got) != string(want) {
			t.Errorf("now at %s: %s, want %s", line[0], got, want)
		}
	}
	for _, name := range []string{"thingId", "policyId", "definition", "attributes", "features"} {
		old, _ := before.Get(document.Pointer{name})
		got, _ := after.Get(document.Pointer{name})
		if !mentioned[name] && string(old) != string(got) {
			t.Errorf("%s changed from %s to %s", name, old, got)
		}
	}
	if s.event != nil && len(s.now) == 0 {
		t.Error("the case does not say what is there now")
	}
}

// checkMetadata compares the metadata of the thing, and what is told of it, with what the case says.
func (s *scenario) checkMetadata(t *testing.T, before, after *State, told []byte) {
	t.Helper()
	want := ""
	switch {
	case s.metadata != nil && *s.metadata != "none":
		want = *s.metadata
	case s.metadata == nil && before.Exists():
		want = string(before.Meta)
	}
	if got := metaOf(after); got != want {
		t.Errorf("metadata %s, want %s", got, want)
	}
	checkMetadata(t, after)
	if s.told == nil && told != nil || s.told != nil && string(told) != *s.told {
		t.Errorf("told %s of the metadata", told)
	}
}

func metaOf(st *State) string {
	if st == nil {
		return ""
	}
	return string(st.Meta)
}

// checkMetadata checks that the metadata of a thing is a canonical object that is not empty, or nil.
func checkMetadata(t *testing.T, st *State) {
	t.Helper()
	if st == nil || st.Meta == nil {
		return
	}
	canonical, err := document.Canonical(st.Meta)
	if err != nil || string(canonical) != string(st.Meta) || document.KindOf(st.Meta) != document.Object || len(st.Meta) == len(`{}`) {
		t.Fatalf("metadata %s: %v", st.Meta, err)
	}
	if !st.Exists() {
		t.Fatalf("a thing that is gone has metadata %s", st.Meta)
	}
}

func (s *scenario) checkResponse(t *testing.T, r Response, after *State) {
	t.Helper()
	if len(s.answer) < 2 {
		t.Fatal("the case has no answer")
	}
	got := []string{strconv.Itoa(r.Status), r.Action.String()}
	if r.ETag != "" {
		got = append(got, r.ETag)
	}
	want := append([]string(nil), s.answer...)
	if len(want) == 3 {
		value, _ := after.Get(pointer(t, s.path))
		if tag, ok := map[string]string{"rev": protocol.RevisionTag(after.Revision), "hash": protocol.HashTag(value)}[want[2]]; ok {
			want[2] = tag
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if r.Revision != after.Revision {
		t.Errorf("answer tells revision %d, want %d", r.Revision, after.Revision)
	}
	if s.response == nil && r.Value != nil || s.response != nil && string(r.Value) != *s.response {
		t.Errorf("answer has value %s", r.Value)
	}
}

func pointer(t *testing.T, path string) document.Pointer {
	t.Helper()
	p, err := document.ParsePointer(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// checkDocument checks that a thing is canonical, valid and has its members in order.
func checkDocument(t *testing.T, doc []byte) {
	t.Helper()
	canonical, err := document.Canonical(doc)
	if err != nil {
		t.Fatalf("invalid document %s: %v", doc, err)
	}
	if string(canonical) != string(doc) {
		t.Fatalf("not canonical: %s", doc)
	}
	p := split(doc)
	if err := (shape{}).thing(&p, textOf(p.thingID)); err != nil {
		t.Fatalf("not a thing: %s: %v", doc, err)
	}
	if got := p.join(); string(got) != string(doc) {
		t.Fatalf("not in shape: %s, want %s", doc, got)
	}
	if err := checkContent(1, p.attributes, p.features); err != nil {
		t.Fatalf("invalid names in %s: %v", doc, err)
	}
	if p.thingID == nil || p.policyID == nil {
		t.Fatalf("incomplete: %s", doc)
	}
}
