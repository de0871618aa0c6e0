package metrics

// MessageKind says what a text message turned out to be.
type MessageKind int

// The kinds of messages.
const (
	MessageCommand         MessageKind = iota // a command that is served
	MessageControl                            // a control message of the WebSocket binding
	MessageInvalid                            // refused before it became a command
	MessageDiscarded                          // accepted and without effect, as events sent by a client
	MessageAcknowledgement                    // an acknowledgement
	MessageMessage                            // a message to or from a thing
	MessageLiveCommand                        // a live command
	MessageLiveEvent                          // a live event
	MessageResponse                           // a response to a message or live command, positive or an error
	messageKinds
)

// String returns the label of the kind.
func (k MessageKind) String() string {
	return [...]string{
		"command", "control", "invalid", "discarded", "acknowledgement", "message", "live-command", "live-event", "response",
	}[k]
}

// LiveSignal is a kind of signal that is stored nowhere.
type LiveSignal int

// The kinds of live signals.
const (
	LiveMessage LiveSignal = iota // a message that is no claim
	LiveClaim                     // a claim message
	LiveCommand                   // a live command, also one that a smart retrieve has led to
	LiveEvent                     // a live event
	liveSignals
)

// String returns the label of the kind.
func (l LiveSignal) String() string {
	return [...]string{"message", "claim", "command", "event"}[l]
}

// SubjectStep is something that happens to an expiring or removed subject of a
// policy.
type SubjectStep int

// The steps.
const (
	SubjectAnnounced    SubjectStep = iota // an announcement was sent
	SubjectAcknowledged                    // an announcement was acknowledged, or need not be
	SubjectAbandoned                       // an announcement was given up
	SubjectExpired                         // a subject was removed because its time had come
	SubjectDeferred                        // more subjects were due than can be waited for
	SubjectFailed                          // the store failed; it is tried again
	subjectSteps
)

// String returns the label of the step.
func (s SubjectStep) String() string {
	return [...]string{"announced", "acknowledged", "abandoned", "expired", "deferred", "failed"}[s]
}

// EvaluationResult is what came of applying the filter and the extra fields of
// a subscription to an event.
type EvaluationResult int

// The results.
const (
	EvaluationMatched  EvaluationResult = iota // the event is delivered
	EvaluationFiltered                         // it is not, because the filter does not match
	EvaluationFailed                           // an error is told in its place
	evaluationResults
)

// String returns the label of the result.
func (r EvaluationResult) String() string {
	return [...]string{"matched", "filtered", "failed"}[r]
}
