package model

import (
	"math/rand/v2"
	"testing"
	"time"
)

func at(s string) time.Time {
	t, ok := parseInstant(s)
	if !ok {
		panic("no time: " + s)
	}
	return t
}

func TestRoundUp(t *testing.T) {
	for _, c := range []struct {
		granularity time.Duration
		time, want  string
	}{
		{time.Hour, "2026-08-18T10:00:00Z", "2026-08-18T10:00:00Z"},
		{time.Hour, "2026-08-18T10:00:00.001Z", "2026-08-18T11:00:00Z"},
		{time.Hour, "2026-08-18T10:59:59Z", "2026-08-18T11:00:00Z"},
		{time.Hour, "2026-12-31T23:00:01Z", "2027-01-01T00:00:00Z"},
		{time.Hour, "2026-08-18T10:30:00+05:30", "2026-08-18T05:00:00Z"},
		{15 * time.Minute, "2026-08-18T10:15:00Z", "2026-08-18T10:15:00Z"},
		{15 * time.Minute, "2026-08-18T10:15:01Z", "2026-08-18T10:30:00Z"},
		{15 * time.Minute, "2026-08-18T10:59:00Z", "2026-08-18T11:00:00Z"},
		// Counted from the start of the hour, not from any other.
		{25 * time.Minute, "2026-08-18T10:20:00Z", "2026-08-18T10:25:00Z"},
		{25 * time.Minute, "2026-08-18T10:51:00Z", "2026-08-18T11:00:00Z"},
		{25 * time.Minute, "2026-08-18T11:00:00Z", "2026-08-18T11:00:00Z"},
		{90 * time.Minute, "2026-08-18T01:00:00Z", "2026-08-18T01:30:00Z"},
		{7 * time.Hour, "2026-08-18T01:00:00Z", "2026-08-18T07:00:00Z"},
		{7 * time.Hour, "2026-08-18T14:00:00Z", "2026-08-18T14:00:00Z"},
		{7 * time.Hour, "2026-08-18T21:00:01Z", "2026-08-19T00:00:00Z"},
		{12 * time.Hour, "2026-08-18T12:00:01Z", "2026-08-19T00:00:00Z"},
		{day, "2026-08-18T00:00:00Z", "2026-08-18T00:00:00Z"},
		{day, "2026-08-31T00:00:01Z", "2026-09-01T00:00:00Z"},
		{15 * day, "2026-08-02T00:00:00Z", "2026-08-16T00:00:00Z"},
		{15 * day, "2026-08-16T00:00:00Z", "2026-08-16T00:00:00Z"},
		{15 * day, "2026-02-17T00:00:00Z", "2026-03-01T00:00:00Z"},
		{100 * day, "2026-02-17T00:00:00Z", "2026-03-01T00:00:00Z"},
		{30 * time.Second, "2026-08-18T10:00:31Z", "2026-08-18T10:01:00Z"},
		{time.Second, "2026-08-18T10:00:31.5Z", "2026-08-18T10:00:32Z"},
		{250 * time.Millisecond, "2026-08-18T10:00:31.6Z", "2026-08-18T10:00:31.75Z"},
		{300 * time.Millisecond, "2026-08-18T10:00:31.95Z", "2026-08-18T10:00:32Z"},
		{0, "2026-08-18T10:00:31.123456789Z", "2026-08-18T10:00:31.123456789Z"},
	} {
		if got := RoundUp(at(c.time), c.granularity); !got.Equal(at(c.want)) || got.Location() != time.UTC {
			t.Errorf("%s to %s: got %s, want %s", c.time, c.granularity, got.Format(time.RFC3339Nano), c.want)
		}
	}
}

// TestRoundUpStays checks that rounding never goes back, never too far, and changes nothing the second time: what a client
// reads and writes again must stay the same.
func TestRoundUpStays(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		moment := time.Unix(random.Int64N(4e9), random.Int64N(1e9))
		granularity := time.Duration(random.Int64N(int64(time.Second) << random.IntN(23)))
		once := RoundUp(moment, granularity)
		if once.Before(moment) || once.Sub(moment) > granularity {
			t.Fatalf("%s to %s became %s", moment, granularity, once)
		}
		if twice := RoundUp(once, granularity); !twice.Equal(once) {
			t.Fatalf("%s to %s became %s, and then %s", moment, granularity, once, twice)
		}
	}
}

func announced(id string, before, spread time.Duration) Subject {
	return Subject{ID: id, Expiry: at("2026-09-01T00:00:00Z"), Announcement: &Announcement{
		BeforeExpiry: before, HasBeforeExpiry: true, Randomization: spread, HasRandomization: true,
	}}
}

func TestAnnounceAt(t *testing.T) {
	s := announced("a:b", time.Hour, 0)
	if got, ok := s.AnnounceAt("ns:p"); !ok || !got.Equal(at("2026-08-31T23:00:00Z")) {
		t.Errorf("not spread: at %s, %t", got, ok)
	}
	for what, silent := range map[string]Subject{
		"no announcement":  {ID: "a:b", Expiry: s.Expiry},
		"no expiry":        {ID: "a:b", Announcement: s.Announcement},
		"no time before":   {ID: "a:b", Expiry: s.Expiry, Announcement: &Announcement{WhenDeleted: true}},
		"nothing whatever": {ID: "a:b"},
	} {
		if got, ok := silent.AnnounceAt("ns:p"); ok {
			t.Errorf("%s: at %s", what, got)
		}
	}
}

// TestAnnounceAtIsSpread checks that announcements to many subjects spread over the whole span before they are due, and that
// each has a time of its own that stays.
func TestAnnounceAtIsSpread(t *testing.T) {
	for _, c := range []struct {
		written bool
		span    time.Duration
	}{{false, 5 * time.Minute}, {true, 2 * time.Hour}, {true, 10 * time.Millisecond}} {
		latest := at("2026-08-31T23:00:00Z")
		first, last := latest, latest.Add(-c.span)
		for i := range 1000 {
			s := announced("a:"+time.Duration(i).String(), time.Hour, c.span)
			s.Announcement.HasRandomization = c.written
			got, _ := s.AnnounceAt("ns:p")
			if again, _ := s.AnnounceAt("ns:p"); !again.Equal(got) {
				t.Fatalf("%s and then %s", got, again)
			}
			if got.After(latest) || got.Before(latest.Add(-c.span)) {
				t.Fatalf("%s is not in the %s before %s", got, c.span, latest)
			}
			if got.Before(first) {
				first = got
			}
			if got.After(last) {
				last = got
			}
		}
		if last.Sub(first) < c.span*9/10 {
			t.Errorf("a span of %s is used from %s to %s", c.span, first, last)
		}
	}
	s := announced("a:b", time.Hour, time.Hour)
	one, _ := s.AnnounceAt("ns:p")
	if other, _ := s.AnnounceAt("ns:q"); other.Equal(one) {
		t.Errorf("the same time in different policies")
	}
}

func TestDue(t *testing.T) {
	p := &Policy{ID: "ns:p", Entries: []Entry{
		{Label: "a", Subjects: []Subject{{ID: "a:forever"}, {ID: "a:late", Expiry: at("2026-10-01T00:00:00Z")}}},
		{Label: "b", Subjects: []Subject{announced("a:b", time.Hour, 0)}},
	}}
	var got []string
	for due := p.Due(); !due.IsZero(); due = p.DueAfter(due) {
		got = append(got, due.Format(time.RFC3339))
	}
	want := []string{"2026-08-31T23:00:00Z", "2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if due := (&Policy{ID: "ns:p", Entries: p.Entries[:0]}).Due(); !due.IsZero() {
		t.Errorf("nothing is due at %s", due)
	}
}
