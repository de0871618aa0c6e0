package rql

import (
	"regexp"
	"strconv"
)

// timePrefix begins placeholders of times.
const timePrefix = "time:"

// TimeUnit is a unit of time: ms, s, m, h, d, w, mo or y.
type TimeUnit string

// Time is what stands for a time that depends on when it is looked at.
type Time struct {
	// Millis says that it is the number of milliseconds since 1970 instead of a timestamp.
	Millis bool
	// Offset is added to the time, in Unit; it may be below zero.
	Offset int64
	Unit   TimeUnit
	// Truncate is the unit that the time is rounded down to; empty for none.
	Truncate TimeUnit
}

var timeSyntax = regexp.MustCompile(`^now(_epoch_millis)?(?:([+-][0-9]{1,15})(ms|s|mo|m|h|d|w|y)?)?(?:\[(ms|s|mo|m|h|d|w|y)\])?$`)

// ParseTime reads the name of a placeholder with the prefix time: now or now_epoch_millis, and after it what is added, such
// as -1h, and what is rounded down to, such as [d]. Without a unit seconds are added.
func ParseTime(name string) (Time, bool) {
	m := timeSyntax.FindStringSubmatch(name)
	if m == nil {
		return Time{}, false
	}
	t := Time{Millis: m[1] != "", Unit: TimeUnit(m[3]), Truncate: TimeUnit(m[4])}
	if t.Unit == "" {
		t.Unit = "s"
	}
	if m[2] != "" {
		t.Offset, _ = strconv.ParseInt(m[2], 10, 64) // at most 15 digits
	}
	return t, true
}
