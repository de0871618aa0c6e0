package protocol

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// timeoutUnits are the units of timeouts. Months and years are average ones.
var timeoutUnits = []struct {
	name string
	unit time.Duration
}{
	// A name that ends with another one comes before it.
	{"ms", time.Millisecond},
	{"mo", 365 * day / 12},
	{"s", time.Second},
	{"m", time.Minute},
	{"h", time.Hour},
	{"d", day},
	{"w", 7 * day},
	{"y", 365 * day},
	{"", time.Second},
}

// maxTimeoutDigits bounds the number, before it is read.
const maxTimeoutDigits = 18

// ParseTimeout reads a timeout: a whole number that is not negative, and one of the units ms, s, m, h, d, w, mo and y, or s
// without. One that is too long for a Duration is the longest. The error is timeout.invalid.
func ParseTimeout(s string) (time.Duration, *Error) {
	d, ok := readTimeout(s)
	if !ok {
		return 0, ErrTimeoutInvalid(s)
	}
	return d, nil
}

func readTimeout(s string) (d time.Duration, ok bool) {
	for _, u := range timeoutUnits {
		digits, found := strings.CutSuffix(s, u.name)
		if !found {
			continue
		}
		n, ok := parseDigits(digits)
		if !ok {
			return 0, false
		}
		if n > math.MaxInt64/int64(u.unit) {
			return math.MaxInt64, true
		}
		return time.Duration(n) * u.unit, true
	}
	return 0, false
}

// parseDigits reads a number without a sign.
func parseDigits(s string) (int64, bool) {
	if s == "" || len(s) > maxTimeoutDigits || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}
