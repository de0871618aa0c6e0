package history_test

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/history"
	"github.com/twinway/twinway/internal/gateway/journal"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/store"
)

// lives is a store of one entity with several lives, of which what comes before a revision is not kept.
type lives struct {
	store.Store
	events  []store.Event
	current *store.Record
	kept    int64
	reads   int
	err     error
}

// History implements store.Store.
func (l *lives) History(_ store.Key, from, to int64, yield func(store.Event) bool) error {
	l.reads++
	for _, e := range l.events {
		if e.Revision >= max(from, l.kept) && e.Revision <= to && !yield(e) {
			break
		}
	}
	return l.err
}

var born = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// live makes an entity of a text in which c creates it, m changes it and d deletes it, one a second.
func live(text string) *lives {
	l := &lives{}
	for i, c := range text {
		next := store.Record{Revision: int64(i + 1), Modified: born.Add(time.Duration(i) * time.Second)}
		action := protocol.Modified
		switch c {
		case 'c':
			action, next.Created = protocol.Created, next.Modified
		case 'd':
			action, next.Deleted = protocol.Deleted, true
		default:
			next.Created = l.current.Created
		}
		if !next.Deleted {
			next.Doc = fmt.Appendf(nil, `{"thingId":"a:b","attributes":{"some":"text of some length","n":%d}}`, i+1)
		}
		payload := journal.AppendChange(nil, action, protocol.Path{}, next.Doc, l.current, &next)
		l.events = append(l.events, store.Event{Revision: next.Revision, Time: next.Modified, Payload: payload})
		l.current = &next
	}
	return l
}

var lifeKey = store.Key{Kind: store.Thing, ID: "a:b"}

// What was is only what there was of the present life, up to the present, as far as it is kept.
func TestFormer(t *testing.T) {
	for text, want := range map[string]string{ // by revision: + known, . not
		"cmmm":                  "++++",
		"cmd":                   "...",
		"cmdc":                  "...+",
		"cmdcmm":                "...+++",
		"cdcdcm":                "....++",
		"cmmmmmmmmmmmmmmmmmdcm": "...................++",
	} {
		l := live(text)
		r := history.New(l)
		for i := range want {
			known := want[i] == '+'
			revision := int64(i + 1)
			for name, m := range map[string]protocol.Moment{
				"revision": {Revision: revision}, "time": {Time: l.events[i].Time}, "later": {Time: l.events[i].Time.Add(time.Second - 1)},
			} {
				got, err := r.Former(lifeKey, m, l.current)
				switch {
				case known && (err != nil || got.Revision != revision || got.Deleted):
					t.Errorf("%s: %s %d: %v, %v", text, name, revision, got, err)
				case !known && !errors.Is(err, history.ErrNotKept):
					t.Errorf("%s: %s %d: %v, %v", text, name, revision, got, err)
				}
			}
		}
	}
}

// What is later than what the caller knows of is not shown, though it may be there: it is perhaps not durable.
func TestFormerKnowsNoFuture(t *testing.T) {
	l := live("cmmm")
	earlier := &store.Record{Revision: 2, Created: born, Modified: born.Add(time.Second)}
	for _, m := range []protocol.Moment{{Revision: 3}, {Revision: 9}, {Revision: -1}} {
		if got, err := history.New(l).Former(lifeKey, m, earlier); !errors.Is(err, history.ErrNotKept) {
			t.Errorf("%v: %v, %v", m, got, err)
		}
	}
	got, err := history.New(l).Former(lifeKey, protocol.Moment{Time: born.Add(time.Hour)}, earlier)
	if err != nil || got.Revision != 2 {
		t.Errorf("late: %v, %v", got, err)
	}
	if _, err := history.New(l).Former(lifeKey, protocol.Moment{Revision: 1}, nil); !errors.Is(err, history.ErrNotKept) {
		t.Errorf("what never was has a past: %v", err)
	}
}

func TestBegin(t *testing.T) {
	for _, tc := range []struct {
		text       string
		kept, from int64
		want       int64 // 0: nothing
	}{
		{"cmmm", 0, 0, 1}, {"cmmm", 0, -9, 1}, {"cmmm", 0, math.MinInt64, 1}, {"cmmm", 0, 3, 3}, {"cmmm", 0, 4, 4}, {"cmmm", 0, 5, 0},
		{"cmdcmm", 0, 1, 4}, {"cmdcmm", 0, 4, 4}, {"cmdcmm", 0, 6, 6},
		{"cmd", 0, 1, 0}, {"cdcdcd", 0, 1, 0}, {"cdcdc", 0, 1, 5},
		{"cmmmmmmmmmmmmmmmmmmmmm", 17, 1, 17}, {"cmmmmmmmmmmmmmmmmmmmmm", 17, 20, 20},
		{"cdcmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm", 33, 0, 33},
	} {
		l := live(tc.text)
		l.kept = tc.kept
		got, err := history.New(l).Begin(lifeKey, tc.from, l.current)
		if tc.want == 0 && !errors.Is(err, history.ErrNotKept) || tc.want != 0 && (err != nil || got != tc.want) {
			t.Errorf("%s, kept from %d, from %d: %d, %v; want %d", tc.text, tc.kept, tc.from, got, err, tc.want)
		}
	}
}

// A binary search does not read every revision.
func TestBeginIsBounded(t *testing.T) {
	text := []byte("cd" + "c")
	for range 10_000 {
		text = append(text, 'm')
	}
	l := live(string(text))
	if got, err := history.New(l).Begin(lifeKey, 0, l.current); err != nil || got != 3 {
		t.Errorf("got %d, %v", got, err)
	}
	if l.reads > 20 {
		t.Errorf("it took %d reads", l.reads)
	}
}

func TestDamagedLives(t *testing.T) {
	l := live("cmmm")
	l.err = store.ErrCorrupt
	r := history.New(l)
	if _, err := r.Former(lifeKey, protocol.Moment{Revision: 2}, l.current); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a former state: %v", err)
	}
	if _, err := r.Begin(lifeKey, 1, l.current); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("the beginning: %v", err)
	}
}
