package persisted

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
	"github.com/twinway/twinway/internal/gateway/stream"
)

// annals is a store that has the history of one thing.
type annals struct {
	store.Store
	events []store.Event
	last   *store.Record
	err    error
}

// History implements store.Store. What is yielded is gone after the call.
func (a *annals) History(_ store.Key, from, to int64, yield func(store.Event) bool) error {
	for _, e := range a.events {
		if e.Revision < from || e.Revision > to {
			continue
		}
		lent := append([]byte(nil), e.Payload...)
		e.Payload = lent
		more := yield(e)
		clear(lent)
		if !more {
			break
		}
	}
	return a.err
}

var began = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// record makes a history of a thing that is created and then gets, one a second, the values of an attribute.
func record(values ...string) *annals {
	a := &annals{}
	for i, value := range append([]string{`{"thingId":"ns:t"}`}, values...) {
		next := &store.Record{
			Revision: int64(i + 1), Created: began, Modified: began.Add(time.Duration(i) * time.Second),
			Doc: fmt.Appendf(nil, `{"thingId":"ns:t","attributes":{"a":%s}}`, value),
		}
		action, path := protocol.Modified, protocol.Path{Kind: protocol.Attribute, Pointer: []string{"attributes", "a"}}
		if i == 0 {
			action, path, next.Doc = protocol.Created, protocol.Path{}, []byte(value)
		}
		payload := journal.AppendChange(nil, action, path, []byte(value), a.last, next)
		a.events = append(a.events, store.Event{Revision: next.Revision, Time: next.Modified, Payload: payload})
		a.last = next
	}
	return a
}

// read returns a reading of the history of which everything is wanted.
func (a *annals) read(t testing.TB, value string) *reading {
	t.Helper()
	q, err := newQuery([]byte(value))
	if err != nil {
		t.Fatal(err)
	}
	topic := protocol.Topic{Namespace: "ns", Name: "t", Group: protocol.Things, Channel: protocol.Twin, Criterion: protocol.Events}
	r := &reading{
		service: NewService(Options{History: history.New(a)}), entity: &things, query: &q,
		key:   store.Key{Kind: store.Thing, ID: "ns:t"},
		items: encoder{topic: topic, path: things.path, clock: time.Now, filter: q.filter, id: []byte(`{"thingId":"ns:t"}`)},
	}
	if err := r.begin(a.last); err != nil {
		t.Fatal(err)
	}
	return r
}

func numbers(n int) (values []string) {
	for i := range n {
		values = append(values, fmt.Sprint(i+2))
	}
	return values
}

// revisions returns those of the items in a portion.
func (r *reading) revisions(t *testing.T) (all []int64) {
	t.Helper()
	for _, item := range r.portion {
		var e struct {
			Revision int64
			Value    json.RawMessage
		}
		if err := json.Unmarshal(item, &e); err != nil {
			t.Fatalf("%v in %s", err, item)
		}
		if e.Revision > 1 && string(e.Value) != fmt.Sprint(e.Revision) && !strings.HasPrefix(string(e.Value), `"`) {
			t.Errorf("revision %d has the value %s", e.Revision, e.Value)
		}
		all = append(all, e.Revision)
	}
	return all
}

// A portion has what is wanted, or as much as may be in memory, and the next goes on behind it.
func TestPortions(t *testing.T) {
	large := make([]string, 20)
	for i := range large {
		large[i] = `"` + strings.Repeat("x", 100<<10) + `"`
	}
	for name, tc := range map[string]struct {
		history *annals
		query   string
		want    int
		shape   string // how many items each portion has
	}{
		"one by one":                  {record(numbers(3)...), `{}`, 1, "1 1 1 1"},
		"several":                     {record(numbers(9)...), `{}`, 4, "4 4 2"},
		"just what is wanted":         {record(numbers(3)...), `{}`, 4, "4"},
		"large ones":                  {record(large...), `{}`, 64, "2 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"},
		"few of many":                 {record(numbers(999)...), `{"filter":"in(attributes/a,3,500,998)"}`, 64, "1 1 0 1"},
		"none of many":                {record(numbers(999)...), `{"filter":"eq(attributes/a,0)"}`, 64, "0 0 0 0"},
		"those up to a revision":      {record(numbers(9)...), `{"toHistoricalRevision":3}`, 64, "3"},
		"those from a revision":       {record(numbers(9)...), `{"fromHistoricalRevision":9}`, 64, "2"},
		"those between revisions":     {record(numbers(9)...), `{"fromHistoricalRevision":5,"toHistoricalRevision":5}`, 64, "1"},
		"nothing between revisions":   {record(numbers(9)...), `{"fromHistoricalRevision":5,"toHistoricalRevision":4}`, 64, ""},
		"those before a time":         {record(numbers(9)...), `{"toHistoricalTimestamp":"2026-01-01T00:00:04Z"}`, 64, "4"},
		"those after a time":          {record(numbers(9)...), `{"fromHistoricalTimestamp":"2026-01-01T00:00:04Z"}`, 64, "5"},
		"nothing from the far future": {record(numbers(9)...), `{"fromHistoricalRevision":9223372036854775807}`, 64, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := tc.history.read(t, tc.query)
			var shape []string
			last := int64(0)
			for r.next <= r.to {
				if err := r.collect(tc.want); err != nil {
					t.Fatal(err)
				}
				revisions := r.revisions(t)
				shape = append(shape, fmt.Sprint(len(revisions)))
				for _, revision := range revisions {
					if revision <= last {
						t.Errorf("revision %d follows %d", revision, last)
					}
					last = revision
				}
			}
			if got := strings.Join(shape, " "); got != tc.shape {
				t.Errorf("portions of %q, want %q", got, tc.shape)
			}
		})
	}
}

// That there is one more is found out by reading it, but what nobody has requested is not kept: it is read again, and who may
// read it is looked at again, when it is.
func TestWhatIsNotRequestedIsNotKept(t *testing.T) {
	r := record(numbers(9)...).read(t, `{"filter":"in(attributes/a,4,7)"}`)
	for _, want := range []string{"[4]", "[7]"} {
		if err := r.collect(1); err != nil {
			t.Fatal(err)
		}
		if dst, step, err := r.advance(t.Context(), nil, 0); len(dst) != 0 || step != stream.More || err != nil {
			t.Errorf("without demand there is %s, %v, %v", dst, step, err)
		}
		if len(r.portion) != 0 {
			t.Errorf("%s is kept", r.portion)
		}
		if err := r.collect(1); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.revisions(t)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// What retention takes away meanwhile is left out, and if that is all there was, the stream ends.
func TestRetentionWhileReading(t *testing.T) {
	a := record(numbers(99)...)
	r := a.read(t, `{}`)
	if err := r.collect(3); err != nil {
		t.Fatal(err)
	}
	a.events = a.events[64:]
	if err := r.collect(2); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.revisions(t)); got != "[65 66]" {
		t.Errorf("behind the gap come %s", got)
	}
	a.events = nil
	if err := r.collect(2); err != nil || len(r.portion) != 0 || r.next <= r.to {
		t.Errorf("of nothing there are %d and more: %v", len(r.portion), err)
	}
}

// Events that are appended while a client reads are none of its business.
func TestReadingEndsWhereItBegan(t *testing.T) {
	a := record(numbers(3)...)
	r := a.read(t, `{}`)
	more := record(numbers(9)...)
	a.events, a.last = more.events, more.last
	if err := r.begin(a.last); err != nil {
		t.Fatal(err)
	}
	if err := r.collect(64); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(r.revisions(t)); got != "[1 2 3 4]" || r.next <= r.to {
		t.Errorf("got %s, next is %d of %d", got, r.next, r.to)
	}
}

func TestDamagedHistory(t *testing.T) {
	a := record(numbers(3)...)
	r := a.read(t, `{}`)
	a.err = store.ErrCorrupt
	if err := r.collect(64); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("got %v", err)
	}
	if err := (&reading{service: r.service, query: r.query, key: r.key}).begin(a.last); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("at the beginning: %v", err)
	}
}

// BenchmarkItem reads an event of a thing from its record and makes an item of it, with and without a filter that lets it pass.
func BenchmarkItem(b *testing.B) {
	for name, query := range map[string]string{"all": `{}`, "filter": `{"filter":"and(gt(attributes/a,0),eq(topic:action,'modified'))"}`} {
		b.Run(name, func(b *testing.B) {
			a := record(numbers(63)...)
			b.ReportAllocs()
			for items := 0; items < b.N; {
				b.StopTimer()
				r := a.read(b, query)
				b.StartTimer()
				if err := r.collect(maxItems); err != nil {
					b.Fatal(err)
				}
				items += len(r.portion)
			}
		})
	}
}
