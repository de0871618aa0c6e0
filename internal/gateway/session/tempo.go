package session

import "time"

// A goroutine's stack grows with the first message that it handles, and would
// stay as large for as long as the session waits for the next. So who is not
// busy waits with a new goroutine. That costs some microseconds for a message:
// nobody has it for more than a few without a rest between them.
const (
	rest      = 10 * time.Second
	manyBrisk = 8
)

// tempo tells whether a session is busy.
type tempo struct {
	last  time.Time // when the last message came
	brisk int       // how many came since a rest
}

// calm takes note of a message that came at that time, and reports whether it
// is among the first after a rest.
func (t *tempo) calm(came time.Time) bool {
	if came.Sub(t.last) >= rest {
		t.brisk = 0
	}
	t.last = came
	t.brisk = min(t.brisk+1, manyBrisk+1)
	return t.brisk <= manyBrisk
}
