package protocol

import (
	"math"
	"testing"
	"time"
)

func TestTimeout(t *testing.T) {
	of := func(text string) (time.Duration, bool, *Error) {
		var h Headers
		h.SetString(HeaderTimeout, text)
		return h.Timeout()
	}
	if got, given, err := new(Headers).Timeout(); got != 0 || given || err != nil {
		t.Errorf("without the header: %v, %t, %v", got, given, err)
	}
	for text, want := range map[string]time.Duration{
		"0": 0, "0ms": 0, "42": 42 * time.Second, "42s": 42 * time.Second, "250ms": 250 * time.Millisecond, "1m": time.Minute,
		"2h": 2 * time.Hour, "3d": 72 * time.Hour, "1w": 168 * time.Hour, "12mo": 365 * 24 * time.Hour, "1y": 365 * 24 * time.Hour,
		"007": 7 * time.Second, "999999999999999999y": math.MaxInt64, "9223372036": 9223372036 * time.Second,
		"9223372037": math.MaxInt64,
	} {
		got, given, err := of(text)
		if err != nil || got != want || !given {
			t.Errorf("%q is %v, %t (%v), want %v", text, got, given, err, want)
		}
	}
	for _, text := range []string{
		"", "s", "-1", "+1", "1.5s", " 1", "1 s", "1S", "1MS", "1min", "ms", "1e3", "1ss", "0x1", "١", "1234567890123456789",
	} {
		if _, _, err := of(text); err == nil || err.Code != "timeout.invalid" || err.Status != 400 {
			t.Errorf("%q: refused with %v", text, err)
		}
	}
}
