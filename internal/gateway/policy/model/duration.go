package model

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// units are those in which durations are written.
var units = map[string]time.Duration{
	"": time.Second, "ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": day,
}

// maxDuration is the longest that can be written, so that sums of durations do not overflow.
const maxDuration = 36500 * day

// parseDuration reads a whole number with one of the units, which are seconds if there is none.
func parseDuration(s string, allowed ...string) (time.Duration, bool) {
	name := strings.TrimLeft(s, "0123456789")
	if name != "" && !slices.Contains(allowed, name) {
		return 0, false
	}
	n, err := strconv.ParseInt(s[:len(s)-len(name)], 10, 64)
	if err != nil || n > int64(maxDuration/units[name]) {
		return 0, false
	}
	return time.Duration(n) * units[name], true
}
