package rql

import (
	"strconv"
	"time"
)

// The times that there are. What would be before or after them is one of them, so that as text they are in order.
var (
	firstTime = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
)

// At returns what t stands for at a time: a timestamp in UTC as RFC 3339 has it, or a number of milliseconds since 1970.
func (t *Time) At(now time.Time) string { return string(t.AppendAt(nil, now)) }

// AppendAt appends what At returns.
func (t *Time) AppendAt(dst []byte, now time.Time) []byte {
	at := within(t.Truncate.truncated(within(t.Unit.added(within(now.UTC()), t.Offset))))
	if t.Millis {
		return strconv.AppendInt(dst, at.UnixMilli(), 10)
	}
	return at.AppendFormat(dst, time.RFC3339Nano)
}

func within(at time.Time) time.Time {
	switch {
	case at.Before(firstTime):
		return firstTime
	case at.After(lastTime):
		return lastTime
	}
	return at
}

const (
	day           = 24 * time.Hour
	week          = 7 * day
	daysPerWeek   = 7
	monthsPerYear = 12
	// maxYears is how many years no two times are apart.
	maxYears = 10_001
)

// lengths holds the units that are always equally long.
var lengths = map[TimeUnit]time.Duration{
	"ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": day, "w": week,
}

// added adds n units to a time. Months and years are those of the calendar.
func (u TimeUnit) added(at time.Time, n int64) time.Time {
	switch u {
	case "mo":
		return addMonths(at, bounded(n, maxYears*monthsPerYear))
	case "y":
		return addMonths(at, bounded(n, maxYears)*monthsPerYear)
	}
	unit := lengths[u].Milliseconds()
	if unit == 0 {
		return at
	}
	millis := bounded(n, maxYears*366*day.Milliseconds()/unit) * unit
	return time.Unix(at.Unix()+millis/1000, int64(at.Nanosecond())+millis%1000*int64(time.Millisecond)).UTC()
}

// bounded returns n, or the number from -limit to limit that is nearest.
func bounded(n, limit int64) int64 { return max(-limit, min(n, limit)) }

// addMonths adds months to a time. Where a month has no such day it is its last one.
func addMonths(at time.Time, months int64) time.Time {
	year, month, date := at.Date()
	months += int64(month) - 1
	first := time.Date(year, time.Month(1+months), 1, at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	lastDate := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(date, lastDate)-1)
}

// truncated returns the beginning of the unit that a time is in.
func (u TimeUnit) truncated(at time.Time) time.Time {
	year, month, date := at.Date()
	switch u {
	case "ms", "s", "m", "h":
		return at.Truncate(lengths[u])
	case "d":
	case "w":
		sinceMonday := (int(at.Weekday()) + daysPerWeek - int(time.Monday)) % daysPerWeek
		date -= sinceMonday
	case "mo":
		date = 1
	case "y":
		month, date = time.January, 1
	default:
		return at
	}
	return time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
}
