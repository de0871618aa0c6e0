package broker

// End is how a wait has ended.
type End string

// The ways in which waits end.
const (
	Answered  End = "answered"  // everything that was waited for has come
	TimedOut  End = "timed-out" // not everything has come in time
	Failed    End = "failed"    // the signal could not be processed
	Abandoned End = "abandoned" // who waited is gone
	Refused   End = "refused"   // there was no room for the wait
)

// Lost is why an answer has no effect.
type Lost string

// The reasons for which answers have no effect.
const (
	// Unknown: nothing is waited for under its correlation id, (not) any more.
	Unknown Lost = "unknown"
	// Mismatched: it does not fit what it answers.
	Mismatched Lost = "mismatched"
	// Repeated: it was answered before, or was not asked for.
	Repeated Lost = "repeated"
)

// counted is the answer that was not lost.
const counted Lost = ""

// Hooks are told what happens, to be counted. They must not block. They are called without locks.
type Hooks interface {
	// WaitEnded is told that a wait has ended.
	WaitEnded(End)
	// AnswerLost is told of an answer without effect.
	AnswerLost(Lost)
	// WeaklyAcknowledged is told of an acknowledgement that was given for somebody who does not receive a signal.
	WeaklyAcknowledged()
}

// deaf are the hooks of nobody.
type deaf struct{}

func (deaf) WaitEnded(End)       {}
func (deaf) AnswerLost(Lost)     {}
func (deaf) WeaklyAcknowledged() {}
