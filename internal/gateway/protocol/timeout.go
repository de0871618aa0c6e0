package protocol

import (
	"math"
	"strconv"
	"strings"
	"time"
)

const day = 24 * time.Hour

// timeoutUnit returns a unit of timeouts by its name, 0 if there is none. Months and years are average ones.
func timeoutUnit(name string) time.Duration {
	switch name {
	case "ms":
		return time.Millisecond
	case "", "s":
		return time.Second
	case "m":
		return time.Minute
	case "h":
		return time.Hour
	case "d":
		return day
	case "w":
		return 7 * day
	case "mo":
		return 365 * day / 12
	case "y":
		return 365 * day
	}
	return 0
}

// maxTimeoutDigits bounds the number, before it is read.
const maxTimeoutDigits = 18

// Timeout returns the value of the header timeout, and whether there is one: a whole number that is not negative, and one of the
// units ms, s, m, h, d, w, mo and y, or s without. One that is too long for a Duration is the longest. The error is
// timeout.invalid.
func (h *Headers) Timeout() (d time.Duration, ok bool, err *Error) {
	raw, ok := h.Get(HeaderTimeout)
	if !ok {
		return 0, false, nil
	}
	if d, ok = readTimeout(string(bytesOf(raw))); !ok {
		return 0, false, ErrTimeoutInvalid(textOf(raw))
	}
	return d, true, nil
}

func readTimeout(s string) (d time.Duration, ok bool) {
	name := strings.TrimLeft(s, "0123456789")
	digits := s[:len(s)-len(name)]
	unit := timeoutUnit(name)
	if unit == 0 || len(digits) > maxTimeoutDigits {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return 0, false
	}
	if n > math.MaxInt64/int64(unit) {
		return math.MaxInt64, true
	}
	return time.Duration(n) * unit, true
}
