package finder

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/authority"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/query"
	"github.com/twinway/twinway/internal/gateway/thing"
)

// told returns the ids in a page, with what it says of what is behind it.
func (p *Page) told() string {
	items := bytes.Join(p.Items, []byte(" "))
	if !p.More {
		return string(items)
	}
	return fmt.Sprintf("%s … behind %s, %d passed", items, p.Last.ID, p.Passed)
}

// TestPage asks for pages at offsets and behind positions. Nothing is held between them.
func TestPage(t *testing.T) {
	s := newStand(t)
	s.things(t, "a", 6)
	for _, tc := range []struct {
		filter       string
		size, offset int
		after        string
		want         string
	}{
		{"", 3, 0, "", "a:t0000 a:t0001 a:t0002 … behind a:t0002, 3 passed"},
		{"", 3, 0, "a:t0002", "a:t0003 a:t0004 a:t0005"},
		{"", 2, 0, "a:t0001x", "a:t0002 a:t0003 … behind a:t0003, 2 passed"},
		{"", 2, 3, "", "a:t0003 a:t0004 … behind a:t0004, 5 passed"},
		{"", 3, 3, "", "a:t0003 a:t0004 a:t0005"},
		{"", 3, 5, "", "a:t0005"},
		{"", 3, 6, "", ""},
		{"", 3, 1 << 30, "", ""},
		{"gt(attributes/n,2)", 2, 0, "", "a:t0003 a:t0004 … behind a:t0004, 2 passed"},
		{"gt(attributes/n,2)", 2, 1, "", "a:t0004 a:t0005"},
		{"gt(attributes/n,9)", 2, 0, "", ""},
		{"", 2, 0, "b", ""},
	} {
		q := about(t, tc.filter)
		q.Size, q.Offset = tc.size, tc.offset
		if tc.after != "" {
			q.After = &query.Position{ID: tc.after}
		}
		p, err := s.service.Page(t.Context(), user("s:a"), q)
		if got := p.told(); err != nil || got != tc.want {
			t.Errorf("%+v: %q, %v", tc, got, err)
		}
	}
	q := about(t, "exists(attributes/n)")
	q.Offset, q.After = 3, &query.Position{ID: "a:t0003"}
	if n, err := s.service.Count(t.Context(), user("s:a"), q); err != nil || n != 6 {
		t.Errorf("%d are counted, %v: a page makes no difference", n, err)
	}
	if open, _ := s.service.Open(); open > 0 {
		t.Errorf("%d views are open", open)
	}
}

// readerOf is a Reader that says what things are, nil for what is gone.
type readerOf func(id string) []byte

func (r readerOf) Read(_ context.Context, _ authority.Subject, things *thing.RetrieveThings, _ time.Duration) (parts [][]byte, _ *protocol.Error) {
	for _, id := range things.IDs {
		parts = append(parts, r(id))
	}
	return parts, nil
}

// TestPageOfThingsThatAreGone fills a page up with what comes behind what is gone, which is passed over nevertheless.
func TestPageOfThingsThatAreGone(t *testing.T) {
	s := newStand(t)
	s.things(t, "a", 9)
	s.service.options.Reader = readerOf(func(id string) []byte {
		if id[len(id)-1]%2 == 0 {
			return nil
		}
		return []byte(id)
	})
	q := about(t, "")
	q.Size = 3
	p, err := s.service.Page(t.Context(), user("s:a"), q)
	if got := p.told(); err != nil || got != "a:t0001 a:t0003 a:t0005 … behind a:t0005, 6 passed" {
		t.Errorf("%q, %v", got, err)
	}
	q.After = &p.Last
	p, err = s.service.Page(t.Context(), user("s:a"), q)
	if got := p.told(); err != nil || got != "a:t0007" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestPageOfLargeThings goes through things that are too large for the pages that are wanted: these end sooner, and none is left out.
func TestPageOfLargeThings(t *testing.T) {
	s := newStand(t)
	s.things(t, "a", 100)
	large := bytes.Repeat([]byte("x"), 100<<10)
	s.service.options.Reader = readerOf(func(id string) []byte { return append([]byte(id), large...) })
	q := about(t, "")
	q.Size = query.MaxSize
	var got []string
	pages := 0
	for more := true; more; pages++ {
		p, err := s.service.Page(t.Context(), user("s:a"), q)
		if err != nil {
			t.Fatal(err.Message)
		}
		for _, item := range p.Items {
			got = append(got, string(item[:7]))
		}
		more, q.After = p.More, &p.Last
	}
	if pages < 3 || pages > 10 || len(got) != 100 || !slices.IsSorted(got) || len(slices.Compact(got)) != 100 {
		t.Errorf("%q on %d pages", got, pages)
	}
}

// TestPageInTime has time be over before a page is found, and when all of it has been found: then there may be more.
func TestPageInTime(t *testing.T) {
	s := newStand(t)
	s.things(t, "a", 1000)
	q := about(t, "not(gt(attributes/n,1))")
	for _, tc := range []struct {
		size int
		at   string // when this is looked at, time is over
		want string
	}{
		{2, "a:t0700", "a:t0000 a:t0001 … behind a:t0001, 2 passed"},
		{3, "a:t0300", "thing-search:query.time.exceeded"},
		{2, "none", "a:t0000 a:t0001"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		s.loading = func(id string) {
			if id == tc.at {
				cancel()
			}
		}
		q.Size = tc.size
		p, err := s.service.Page(ctx, user("s:a"), q)
		cancel()
		got := p.told()
		if err != nil {
			got = err.Code
		}
		if tc.at == "a:t0700" && err == nil && !p.More || got != tc.want {
			t.Errorf("%+v: %q", tc, got)
		}
	}
	s.loading = nil
	over, cancel := context.WithCancel(t.Context())
	cancel()
	q.Offset = 1
	if _, err := s.service.Page(over, user("s:a"), q); err == nil || err.Status != 408 {
		t.Error("a page is found when time is over")
	}
	if open, _ := s.service.Open(); open > 0 {
		t.Errorf("%d views are open", open)
	}
}

// TestPositionOf tells where things are, to those only who may see them.
func TestPositionOf(t *testing.T) {
	s := newStand(t)
	s.things(t, "a", 3)
	s.set(t, "a:t0002", "", created)
	q := about(t, "")
	q.Sort = []query.Key{{Property: "attributes/n", Descending: true}, {Property: "attributes/none"}, {Property: query.ByID}}
	at, ok := s.service.PositionOf(user("s:a"), q, "a:t0001")
	if !ok || at.ID != "a:t0001" || len(at.Values) != 2 || at.Values[0] == nil || at.Values[1] != nil {
		t.Errorf("%q, %v", at, ok)
	}
	q.After = &at
	if p, err := s.service.Page(t.Context(), user("s:a"), q); err != nil || p.told() != "a:t0000" {
		t.Errorf("%q, %v", p.told(), err)
	}
	for who, id := range map[string]string{"s:nobody": "a:t0001", "s:a": "a:t0002", "s:b": "a:none"} {
		if at, ok := s.service.PositionOf(user(who), q, id); ok {
			t.Errorf("%s is told that %s is at %q", who, id, at)
		}
	}
	if _, ok := s.service.PositionOf(person{subjects: []string{"s:a"}, closed: "a"}, q, "a:t0001"); ok {
		t.Error("who may not address the namespace is told")
	}
}
