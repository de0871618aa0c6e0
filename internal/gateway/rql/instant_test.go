package rql

import (
	"math"
	"testing"
	"time"
)

func TestTimes(t *testing.T) {
	const now = "2024-02-29T12:30:15.123456789Z" // a Thursday
	tests := []struct{ now, name, want string }{
		{now, "now", now},
		{now, "now_epoch_millis", "1709209815123"},
		{"2024-02-29T14:30:15.5+02:00", "now", "2024-02-29T12:30:15.5Z"},
		{now, "now+1ms", "2024-02-29T12:30:15.124456789Z"},
		{now, "now-1500ms", "2024-02-29T12:30:13.623456789Z"},
		{now, "now-16", "2024-02-29T12:29:59.123456789Z"},
		{now, "now-16s", "2024-02-29T12:29:59.123456789Z"},
		{now, "now+30m", "2024-02-29T13:00:15.123456789Z"},
		{now, "now-13h", "2024-02-28T23:30:15.123456789Z"},
		{now, "now+1d", "2024-03-01T12:30:15.123456789Z"},
		{now, "now-1w", "2024-02-22T12:30:15.123456789Z"},
		{now, "now-1h[ms]", "2024-02-29T11:30:15.123Z"},
		{now, "now[s]", "2024-02-29T12:30:15Z"},
		{now, "now[m]", "2024-02-29T12:30:00Z"},
		{now, "now[h]", "2024-02-29T12:00:00Z"},
		{now, "now[d]", "2024-02-29T00:00:00Z"},
		{now, "now[w]", "2024-02-26T00:00:00Z"},
		{now, "now[mo]", "2024-02-01T00:00:00Z"},
		{now, "now[y]", "2024-01-01T00:00:00Z"},
		{now, "now_epoch_millis-2d[d]", "1708992000000"},
		{now, "now-2d[d]", "2024-02-27T00:00:00Z"}, // moved before it is truncated
		{now, "now-4d[w]", "2024-02-19T00:00:00Z"},

		// Weeks begin on Monday.
		{"2024-02-26T00:00:00Z", "now[w]", "2024-02-26T00:00:00Z"},
		{"2024-03-03T23:59:59Z", "now[w]", "2024-02-26T00:00:00Z"},
		{"2024-03-01T00:00:00Z", "now[w]", "2024-02-26T00:00:00Z"},

		// Months and years are those of the calendar. A day that a month does not have is its last one.
		{now, "now+1mo", "2024-03-29T12:30:15.123456789Z"},
		{now, "now+12mo", "2025-02-28T12:30:15.123456789Z"},
		{now, "now+1y", "2025-02-28T12:30:15.123456789Z"},
		{now, "now-4y", "2020-02-29T12:30:15.123456789Z"},
		{"2024-03-31T00:00:00Z", "now-1mo", "2024-02-29T00:00:00Z"},
		{"2024-01-31T00:00:00Z", "now+1mo", "2024-02-29T00:00:00Z"},
		{"2024-01-31T00:00:00Z", "now-2mo", "2023-11-30T00:00:00Z"},
		{"2024-01-15T00:00:00Z", "now-13mo", "2022-12-15T00:00:00Z"},

		// Before 1970.
		{"1969-12-31T23:59:59.9Z", "now[s]", "1969-12-31T23:59:59Z"},
		{"1969-12-31T23:59:59.9Z", "now_epoch_millis", "-100"},
		{"0000-06-15T12:30:15.5Z", "now[h]", "0000-06-15T12:00:00Z"},

		// There is nothing before and after the times that have four digits for the year.
		{now, "now+999999999999999w", "9999-12-31T23:59:59.999999999Z"},
		{now, "now-999999999999999w", "0000-01-01T00:00:00Z"},
		{now, "now+999999999999999ms", "9999-12-31T23:59:59.999999999Z"},
		{now, "now-999999999999999ms", "0000-01-01T00:00:00Z"},
		{now, "now+999999999999999y", "9999-12-31T23:59:59.999999999Z"},
		{now, "now-999999999999999mo", "0000-01-01T00:00:00Z"},
		{now, "now+999999999999999d[y]", "9999-01-01T00:00:00Z"},
		{now, "now-999999999999999s[w]", "0000-01-01T00:00:00Z"},
		{now, "now_epoch_millis-999999999999999h", "-62167219200000"},
	}
	for _, tt := range tests {
		at, err := time.Parse(time.RFC3339Nano, tt.now)
		if err != nil {
			t.Fatal(err)
		}
		parsed, ok := ParseTime(tt.name)
		if got := parsed.At(at); !ok || got != tt.want {
			t.Errorf("%s at %s is %s instead of %s", tt.name, tt.now, got, tt.want)
		}
	}
}

func TestTimesAreCompared(t *testing.T) {
	s := thing(`{"_modified":"2024-02-29T12:00:00Z","attributes":{"at":1709208000000,"text":"1709208000000"}}`)
	s.Now = time.Date(2024, 2, 29, 12, 30, 0, 0, time.UTC)
	for text, want := range map[string]bool{
		`gt(_modified,time:now-1h)`: true, `gt(_modified,time:now-10m)`: false, `eq(_modified,time:now[h])`: true,
		`ge(_modified,time:now[d])`: true, `like(_modified,"2024-*")`: true, `in(_modified,time:now,time:now-30m)`: true,
		// Milliseconds are text, which is compared with a number as the number that it stands for.
		`gt(attributes/at,time:now_epoch_millis-1h)`: true, `eq(attributes/at,time:now_epoch_millis-30m)`: true,
		`lt(attributes/at,time:now_epoch_millis-1h)`: false, `eq(attributes/text,time:now_epoch_millis-30m)`: true,
		`gt(attributes/at,time:now)`: false, `ne(attributes/at,time:now)`: true,
	} {
		if got := matches(t, text, s); got != want {
			t.Errorf("%s is %t", text, got)
		}
	}
}

// FuzzTimes: any offset at any time gives a time.
func FuzzTimes(f *testing.F) {
	f.Add(int64(0), int64(math.MaxInt64), uint8(0))
	f.Add(int64(math.MinInt64), int64(math.MinInt64), uint8(13))
	units := []TimeUnit{"ms", "s", "m", "h", "d", "w", "mo", "y", ""}
	f.Fuzz(func(t *testing.T, now, offset int64, unit uint8) {
		for _, truncate := range units {
			v := Time{Offset: offset, Unit: units[int(unit)%len(units)], Truncate: truncate}
			text := v.At(time.Unix(now, 0))
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil || at.Format(time.RFC3339Nano) != text {
				t.Fatalf("%+v at %d is %s: %v", v, now, text, err)
			}
		}
	})
}
