package expiry_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/twinway/twinway/internal/gateway/expiry"
	"github.com/twinway/twinway/internal/gateway/policy"
	"github.com/twinway/twinway/internal/gateway/policy/model"
	"github.com/twinway/twinway/internal/gateway/pubsub"
	"github.com/twinway/twinway/internal/gateway/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// world is a custodian and what is around it, in a bubble of synctest: a store
// in memory, a session that receives announcements and acknowledges them, and a
// journal of what happens.
type world struct {
	*expiry.Custodian
	t        *testing.T
	start    time.Time
	options  expiry.Options
	audience pubsub.Audience
	// answer is called for each announcement, on a goroutine of its own.
	answer func(told)
	// deaf: changes are not reported to the custodian.
	deaf bool

	stop func()

	one       sync.Mutex // held while a policy is changed
	mu        sync.Mutex
	records   map[string]store.Record
	log       []string
	received  []told
	counts    map[string]int
	expire    func(ctx context.Context) error // nil: works
	broken    error                           // of loading, nil: works
	underWay  int                             // removals
	mostAtOne int                             // removals at once
}

// told is an announcement as the session received it.
type told struct {
	topic, correlationID, subject, timeout string
	at, deleteAt                           time.Duration // since the start
	acks                                   []string
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, start: time.Now(), records: map[string]store.Record{}, counts: map[string]int{}}
	w.audience = pubsub.Audience{Subjects: []string{"s:a", "s:b", "s:c"}, Acks: []string{"my:ack", "other:ack"}}
	w.options = expiry.Options{Store: w, Remover: w, Publisher: w, Hooks: w, Random: func() float64 { return 0 }}
	return w
}

// run starts the custodian, which ends with the test at the latest.
func (w *world) run() {
	w.Custodian = expiry.New(w.options)
	w.begin()
}

func (w *world) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			w.t.Errorf("Run ended with %v", err)
		}
	})
	synctest.Wait()
}

// until lets time pass up to an instant, and all that happens at it.
func (w *world) until(d time.Duration) {
	time.Sleep(time.Until(w.start.Add(d)))
	synctest.Wait()
}

func (w *world) now() time.Duration { return time.Since(w.start) }

func (w *world) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, fmt.Sprint(w.now())+": "+fmt.Sprintf(format, args...))
}

// happened returns what was noted since the last time.
func (w *world) happened() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	log := w.log
	w.log = nil
	return log
}

// subject is a subject of a policy that a test writes.
type subject struct {
	entry, id    string
	expiry       time.Duration // since the start; 0: never
	announcement string        // JSON, "" for none
}

// policy writes a policy with the subjects, and reports it. Their entries must
// come together.
func (w *world) policy(id string, subjects ...subject) {
	w.t.Helper()
	doc := `{"policyId":"` + id + `","entries":{`
	entry := ""
	for _, s := range subjects {
		if s.entry != entry {
			if entry != "" {
				doc += `},"resources":{},"importable":"implicit"},`
			}
			entry = s.entry
			doc += `"` + entry + `":{"subjects":{`
		} else {
			doc += ","
		}
		doc += `"` + s.id + `":{"type":"t"`
		if s.expiry != 0 {
			doc += `,"expiry":"` + w.start.Add(s.expiry).UTC().Format(time.RFC3339Nano) + `"`
		}
		if s.announcement != "" {
			doc += `,"announcement":` + s.announcement
		}
		doc += `}`
	}
	if entry != "" {
		doc += `},"resources":{},"importable":"implicit"}`
	}
	w.write(id, []byte(doc+`}}`))
}

func (w *world) write(id string, doc []byte) {
	w.t.Helper()
	p, err := model.Load(doc)
	if err != nil {
		w.t.Fatal(err, string(doc))
	}
	w.one.Lock()
	defer w.one.Unlock()
	w.put(id, store.Record{Due: p.Due(), Doc: doc})
}

func (w *world) put(id string, r store.Record) {
	w.mu.Lock()
	r.Revision = w.records[id].Revision + 1
	w.records[id] = r
	w.mu.Unlock()
	if w.Custodian != nil && !w.deaf {
		w.Changed(id, r.Due, r.Deleted)
	}
}

// remove writes a policy as a command does that removed subjects which want to
// be told.
func (w *world) remove(id string, removed []subject, rest ...subject) {
	w.t.Helper()
	w.policy(id, rest...)
	w.tellRemoved(id, removed...)
}

func (w *world) tellRemoved(id string, removed ...subject) {
	w.t.Helper()
	other := newWorld(w.t)
	other.start = w.start
	other.policy(id, removed...)
	p, err := model.Load(other.records[id].Doc)
	if err != nil {
		w.t.Fatal(err)
	}
	var list []policy.Removed
	for i := range p.Entries {
		for _, s := range p.Entries[i].Subjects {
			list = append(list, policy.Removed{Label: p.Entries[i].Label, Subject: s})
		}
	}
	w.Removed(id, list)
}

// Load implements expiry.Store.
func (w *world) Load(key store.Key) (store.Record, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts["loaded"]++
	if w.broken != nil {
		return store.Record{}, w.broken
	}
	r, ok := w.records[key.ID]
	if !ok || key.Kind != store.Policy {
		return store.Record{}, store.ErrNotFound
	}
	return r, nil
}

// Due implements expiry.Store.
func (w *world) Due(after, until time.Time, limit int, yield func(store.Key, time.Time) bool) error {
	w.mu.Lock()
	type entry struct {
		id  string
		due time.Time
	}
	var all []entry
	for id, r := range w.records {
		if !r.Due.IsZero() && !r.Due.After(until) && (after.IsZero() || r.Due.After(after)) {
			all = append(all, entry{id, r.Due})
		}
	}
	err := w.broken
	w.counts["index"]++
	w.mu.Unlock()
	slices.SortFunc(all, func(a, b entry) int {
		if c := a.due.Compare(b.due); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
	for _, e := range all[:min(len(all), limit)] {
		if !yield(store.Key{Kind: store.Policy, ID: e.id}, e.due) {
			break
		}
	}
	return err
}

// Expire implements expiry.Remover.
func (w *world) Expire(ctx context.Context, policyID, label, subjectID string, expiry time.Time) error {
	w.mu.Lock()
	w.underWay++
	w.mostAtOne = max(w.mostAtOne, w.underWay)
	expire := w.expire
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.underWay--
		w.mu.Unlock()
	}()
	if expire != nil {
		if err := expire(ctx); err != nil {
			return err
		}
	}
	w.one.Lock() // policies change one after the other
	defer w.one.Unlock()
	w.mu.Lock()
	st := policy.State(w.records[policyID])
	w.mu.Unlock()
	if !st.Exists() {
		return nil
	}
	p, err := st.Policy()
	if err != nil {
		return err
	}
	if e := p.Entry(label); e == nil || e.Subject(subjectID) == nil || !e.Subject(subjectID).Expiry.Equal(expiry) {
		return nil
	}
	out := policy.Expire(&st, label, subjectID, time.Now())
	if out.State == nil {
		w.t.Errorf("%s is to be removed %v too early", subjectID, time.Until(expiry))
		return nil
	}
	w.note("%s of %s in %s removed", subjectID, label, policyID)
	w.put(policyID, store.Record(*out.State))
	return nil
}

// Publish implements expiry.Publisher.
func (w *world) Publish(signals []*pubsub.Signal) {
	for _, s := range signals {
		view := s.Body.View(&w.audience, nil)
		if view == nil {
			continue
		}
		text, ok := s.Body.AppendSignal(nil, view, nil)
		if !ok {
			w.t.Errorf("an announcement with a view that is not told")
		}
		a := w.parse(text)
		w.note("%s told, deleted at %v", a.subject, a.deleteAt)
		w.mu.Lock()
		w.received = append(w.received, a)
		w.mu.Unlock()
		if w.answer != nil {
			go w.answer(a)
		}
	}
}

func (w *world) parse(text []byte) told {
	var e struct {
		Topic   string
		Headers struct {
			CorrelationID string   `json:"correlation-id"`
			RequestedAcks []string `json:"requested-acks"`
			Timeout       string
		}
		Value struct {
			DeleteAt   time.Time
			SubjectIDs []string `json:"subjectIds"`
		}
	}
	if err := json.Unmarshal(text, &e); err != nil || len(e.Value.SubjectIDs) != 1 {
		w.t.Errorf("announcement %s: %v", text, err)
		return told{}
	}
	return told{
		topic: e.Topic, correlationID: e.Headers.CorrelationID, acks: e.Headers.RequestedAcks, timeout: e.Headers.Timeout,
		subject: e.Value.SubjectIDs[0], at: w.now(), deleteAt: e.Value.DeleteAt.Sub(w.start),
	}
}

// acknowledge answers with a status for each requested label, after a while.
func (w *world) acknowledge(a told, after time.Duration, statuses ...int) {
	time.Sleep(after)
	for i, status := range statuses {
		id := strings.SplitN(strings.SplitN(a.topic, "/policies", 2)[0], "/", 2)
		ack := expiry.Ack{
			PolicyID: id[0] + ":" + id[1], CorrelationID: a.correlationID, Label: a.acks[i], Status: status, Audience: &w.audience,
		}
		if !w.Acknowledge(ack) {
			w.note("an acknowledgement was not waited for")
		}
	}
}

// always answers every announcement alike.
func (w *world) always(statuses ...int) func(told) {
	return func(a told) { w.acknowledge(a, 0, statuses...) }
}

// Announced and the others implement expiry.Hooks.
func (w *world) Announced()    { w.count("announced") }
func (w *world) Acknowledged() { w.count("acknowledged") }
func (w *world) Abandoned()    { w.count("abandoned") }
func (w *world) Expired()      { w.count("expired") }
func (w *world) Deferred()     { w.count("deferred") }
func (w *world) Failed(error)  { w.count("failed") }

func (w *world) count(name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[name]++
}

func (w *world) counted(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts[name]
}

// play runs a test in a world of its own.
func play(t *testing.T, name string, f func(t *testing.T, w *world)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			defer func() {
				if w.stop != nil {
					w.stop()
				}
			}()
			f(t, w)
		})
	})
}

// sorted returns lines in the order of their text, for what happens at once.
func sorted(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return lines
}

func contains(line, part string) bool { return strings.Contains(line, part) }
