package protocol

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestMilliseconds(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:         "0ms",
		0:                    "0ms",
		time.Microsecond:     "0ms",
		7 * time.Millisecond: "7ms", 42 * time.Millisecond: "42ms", 999 * time.Millisecond: "999ms",
		time.Second: "1,000ms", 65 * time.Second: "65,000ms", 100*time.Second + 1: "100,000ms",
		1234567 * time.Millisecond: "1,234,567ms",
		math.MaxInt64:              "9,223,372,036,854ms",
	} {
		if got := milliseconds(d); got != want {
			t.Errorf("%d is %q, want %q", d, got, want)
		}
	}
}

// TestAckErrors checks errors about what is waited for.
func TestAckErrors(t *testing.T) {
	for _, c := range []struct {
		err    *Error
		status int
		code   string
		text   string
	}{
		{ErrCommandTimeout(65 * time.Second), 408, "command.timeout", "timeout of 65,000ms."},
		{ErrCommandMismatch(65*time.Second, "Its path differs."), 408, "command.timeout", "timeout of 65,000ms."},
		{ErrCommandMismatch(time.Second, "Its path differs."), 408, "command.timeout", "Its path differs."},
		{ErrCommandMismatch(time.Second, strings.Repeat("x", 999)), 408, "command.timeout", "xxx…"},
		{ErrAckTimeout("my:ack", 65*time.Second), 408, "acknowledgement:request.timeout", `"my:ack" did not come within 65,000ms.`},
		{ErrAckTooLarge("my:ack"), 413, "messages:payload.toolarge", `"my:ack"`},
		{ErrTooManyWaits(), 429, "too.many.requests", "waiting"},
		{ErrAckUnavailable("my:ack"), 503, "gateway:service.unavailable", `"my:ack"`},
		{ErrAckDuplicateCorrelationID("c#1"), 409, "acknowledgement:request.duplicate.correlation-id", `"c#1"`},
		{ErrTooManyAcks(64), 400, "header.invalid", `"requested-acks"`},
		{ErrTooManyAcks(64), 400, "header.invalid", "64"},
	} {
		if c.err.Status != c.status || c.err.Code != c.code || c.err.Unaddressed {
			t.Errorf("%v: %+v, want %d %s", c.err, c.err, c.status, c.code)
		}
		if text := c.err.Message + c.err.Description; !strings.Contains(text, c.text) {
			t.Errorf("%s says %q, want %q in it", c.code, text, c.text)
		}
	}
}
