package history_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
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
	told    *int  // events
	drop    int64 // what is kept after the first read, if it is not 0
	err     error
}

// History implements store.Store.
func (l *lives) History(_ store.Key, from, to int64, yield func(store.Event) bool) error {
	if l.reads++; l.reads > 1 && l.drop > 0 {
		l.kept = l.drop
	}
	for _, e := range l.events {
		if e.Revision < max(from, l.kept) || e.Revision > to {
			continue
		}
		if l.told != nil {
			*l.told++
		}
		if !yield(e) {
			break
		}
	}
	return l.err
}

var born = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// live makes an entity of a text in which c creates it, m changes it and d deletes it, one a second.
func live(text string) *lives { return liveAt(text, strings.Repeat("012345678", 10_000)) }

// liveAt is live with changes of which those that have the same letter in when, one after the other, happen at the same time.
func liveAt(text, when string) *lives {
	l := &lives{}
	at := born
	for i, c := range text {
		if i > 0 && when[i] != when[i-1] {
			at = at.Add(time.Second)
		}
		next := store.Record{Revision: int64(i + 1), Modified: at}
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

// What is decided together happens at the same time, so that one life can begin at the moment at which another began, and ended.
func TestLivesOfTheSameMoment(t *testing.T) {
	for _, tc := range []struct{ text, when, want string }{
		{"cdc", "000", "..+"},
		{"cmdc", "0000", "...+"},
		{"cmdcm", "00000", "...++"},
		{"cdcm", "0001", "..++"},
		{"cdcdc", "00000", "....+"},
		{"cdcdc", "00111", "....+"},
		{"cdcmmd", "000000", "......"},
		{"cmm", "000", "+++"},
		{"cmmm", "0011", "++++"},
	} {
		l := liveAt(tc.text, tc.when)
		r := history.New(l)
		for i := range tc.want {
			known := tc.want[i] == '+'
			got, err := r.Former(lifeKey, protocol.Moment{Revision: int64(i + 1)}, l.current)
			if known && err != nil || !known && !errors.Is(err, history.ErrNotKept) {
				t.Errorf("%s at %s: revision %d: %v, %v", tc.text, tc.when, i+1, got, err)
			}
		}
		first := int64(strings.IndexByte(tc.want, '+') + 1)
		if got, err := r.Begin(lifeKey, 1, l.current); got != first || (err == nil) != (first > 0) {
			t.Errorf("%s at %s begins with %d, %v; want %d", tc.text, tc.when, got, err, first)
		}
	}
}

// What retention takes away while it is looked at does not make one life of two.
func TestLivesDroppedMeanwhile(t *testing.T) {
	for kept := int64(1); kept <= 5; kept++ {
		l := liveAt("cdcmm", "00001")
		l.drop = kept
		got, err := history.New(l).Former(lifeKey, protocol.Moment{Revision: 1}, l.current)
		if !errors.Is(err, history.ErrNotKept) {
			t.Errorf("kept from %d: %v, %v", kept, got, err)
		}
	}
	l := liveAt("cmm", "000")
	l.drop = 9
	if got, err := history.New(l).Former(lifeKey, protocol.Moment{Revision: 1}, l.current); !errors.Is(err, history.ErrNotKept) {
		t.Errorf("nothing kept: %v, %v", got, err)
	}
}

// A clock that was set back does not make a life's beginning cost more than that of others.
func TestSameLifeIsBounded(t *testing.T) {
	l := liveAt("c"+strings.Repeat("m", 1000), strings.Repeat("0", 1001))
	for i := range l.events[1:] {
		l.events[i+1].Time = born.Add(-time.Second)
	}
	var told int
	l.told = &told
	if _, err := history.New(l).Former(lifeKey, protocol.Moment{Revision: 1}, l.current); err != nil {
		t.Error(err)
	}
	if told > 2 {
		t.Errorf("it took %d events", told)
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
