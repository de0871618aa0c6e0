package soak

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// The outcomes of a request, as they are counted.
const (
	answered  = "answered"  // by the device, wholly
	missing   = "missing"   // in part at least
	weak      = "weak"      // answered, by the gateway for somebody at least
	instead   = "instead"   // answered by the twin
	silent    = "silent"    // as it should be
	abandoned = "abandoned" // the application has left
)

// request is one that an application has sent.
type request struct {
	id, correlationID string
	kind              *kind
	task              task
	target, neighbour *device
	timeout           time.Duration
	sent              time.Time

	mu sync.Mutex
	// given is what the device has answered, by label.
	given map[string]bool
	// known are those of given that the gateway has read before the time was over.
	known map[string]bool
	// forsaken says that nobody waits for an outcome any more.
	forsaken bool
	// unanswered has the labels that nobody answered in the outcome, or the gateway did, weakly.
	unanswered []string
	// answerLate gives the answer that nobody waits for any more.
	answerLate func()
}

// mayShare reports whether the request may have the correlation id of another one. Of those that are told more than they wait
// for, the next one would get what is too much.
func (r *request) mayShare() bool {
	return len(r.kind.labels) > 0 && (r.task == answer || r.task == fail || r.task == never)
}

// label returns the label that one of the kind's labels stands for.
func (r *request) label(l string) string {
	switch l {
	case own:
		return r.target.label()
	case neighbour:
		return r.neighbour.label()
	}
	return l
}

func (r *request) labels(of []string) (labels []string) {
	for _, l := range of {
		labels = append(labels, r.label(l))
	}
	return labels
}

// envelope returns what is sent.
func (r *request) envelope() *envelope {
	e := &envelope{
		Topic: r.target.topic(r.kind.topic), Path: r.kind.path,
		Headers: headers{
			CorrelationID: r.correlationID, ContentType: "application/json", Timeout: fmt.Sprintf("%dms", r.timeout.Milliseconds()),
			RequestedAcks: r.labels(r.kind.requested), Request: r.id, Task: string(r.task),
		},
	}
	if r.kind.valued {
		e.Value = echo{ID: r.id}.encode()
	}
	if r.kind.smart {
		e.Headers.Condition, e.Headers.Strategy = "exists(attributes/last)", "use-twin"
	}
	if len(r.kind.labels) == 0 {
		no := false
		e.Headers.ResponseRequired = &no
	}
	return e
}

// status returns that with which the device answers for a label.
func (r *request) status(label string) int {
	switch {
	case label == twinPersisted:
		return http.StatusNoContent
	case r.task == fail:
		return failure
	case label == liveResponse:
		return r.kind.status
	}
	return http.StatusOK
}

// note takes down that the device has answered for a label.
func (r *request) note(label string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.given == nil {
		r.given = map[string]bool{}
	}
	r.given[label] = true
}

// confirm takes down that the gateway has read what the device has said, now at the latest. What was said in time and is
// missing all the same is an error.
func (r *request) confirm() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.sent) < r.timeout {
		r.known = r.given
	}
	return r.lost()
}

// end takes down the outcome, without those labels. The error is that of confirm.
func (r *request) end(without []string) (answerLate func(), err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unanswered = without
	return r.answerLate, r.lost()
}

// forsake takes down that the application has left.
func (r *request) forsake() (answerLate func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forsaken = true
	return r.answerLate
}

// lost is an error if the device has answered in time and that was lost. The mutex is held.
func (r *request) lost() error {
	for _, label := range r.unanswered {
		if r.known[label] {
			return fmt.Errorf("%s: %s was given in time and is missing", r, label)
		}
	}
	return nil
}

// over reports whether the request has ended without all that was waited for.
func (r *request) over() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.forsaken || len(r.unanswered) > 0
}

// String says what the request is, for messages.
func (r *request) String() string {
	return fmt.Sprintf("%s (%s to %s, to %s, timeout %s, correlation id %s)", r.id, r.kind.name, r.target.namespace(), r.task, r.timeout, r.correlationID)
}

// verdict gathers what an outcome consists of.
type verdict struct {
	w *world
	r *request
	// without are the labels that are not answered, or weakly.
	without  []string
	statuses []int
	// word is as what the outcome is counted.
	word string
}

// outcome judges the answer to a request, and returns what it comes to.
func (w *world) outcome(r *request, e *envelope) (v *verdict, err error) {
	v = &verdict{w: w, r: r, word: answered}
	if len(r.kind.labels) == 0 {
		return v, fmt.Errorf("nobody asked for an answer")
	}
	if r.kind.single() {
		return v, v.response(e)
	}
	return v, v.acks(e)
}

// lacks takes down that a label is not answered.
func (v *verdict) lacks(label, word string) {
	v.without = append(v.without, label)
	if v.word != missing {
		v.word = word
	}
}

// response judges an outcome that is the response itself.
func (v *verdict) response(e *envelope) error {
	label := v.r.kind.labels[0]
	switch {
	case isError(e):
		return v.error(label, e)
	case v.r.kind.smart && e.Headers.Channel == "twin":
		v.lacks(label, instead)
		if e.Status != http.StatusOK {
			return fmt.Errorf("the twin answers %d", e.Status)
		}
		return nil
	}
	return v.genuine(label, e.Status, e.Value)
}

// error judges an outcome that is an error in place of a response.
func (v *verdict) error(label string, e *envelope) error {
	var p problem
	if err := json.Unmarshal(e.Value, &p); err != nil {
		return err
	}
	switch {
	case p.Error == "command.timeout" && p.Status == http.StatusRequestTimeout:
		v.lacks(label, missing)
		return nil
	case p.Error == refused:
		return v.genuine(label, e.Status, e.Value)
	}
	return fmt.Errorf("it is refused: %s", e.Value)
}

// single is an acknowledgement among others.
type single struct {
	Status  int             `json:"status"`
	Payload json.RawMessage `json:"payload"`
	Headers headers         `json:"headers"`
}

// acks judges an outcome of aggregated acknowledgements.
func (v *verdict) acks(e *envelope) error {
	if !strings.HasSuffix(e.Topic, "/acks") {
		return fmt.Errorf("instead of acknowledgements there is %s with %s", e.Topic, e.Value)
	}
	var all map[string]single
	if err := json.Unmarshal(e.Value, &all); err != nil {
		return err
	}
	labels := v.r.kind.labels
	if len(all) != len(labels) {
		return fmt.Errorf("there are %d labels, not %d: %s", len(all), len(labels), e.Value)
	}
	for _, label := range labels {
		a, ok := all[v.r.label(label)]
		if !ok {
			return fmt.Errorf("the label %s is missing", v.r.label(label))
		}
		if err := v.ack(label, a); err != nil {
			return fmt.Errorf("the label %s: %w", v.r.label(label), err)
		}
	}
	if want := v.status(); e.Status != want {
		return fmt.Errorf("the status is %d, not %d: %s", e.Status, want, e.Value)
	}
	return nil
}

func (v *verdict) ack(label string, a single) error {
	v.statuses = append(v.statuses, a.Status)
	switch {
	case a.Headers.WeakAck:
		if label == liveResponse || label == twinPersisted || a.Status != http.StatusOK {
			return fmt.Errorf("it is weak, with the status %d", a.Status)
		}
		v.lacks(label, weak)
		return nil
	case a.Status == http.StatusRequestTimeout:
		v.lacks(label, missing)
		var p problem
		if err := json.Unmarshal(a.Payload, &p); err != nil || p.Error != "acknowledgement:request.timeout" {
			return fmt.Errorf("nobody gave it, but it says %s", a.Payload)
		}
		return nil
	}
	return v.genuine(label, a.Status, a.Payload)
}

// status returns what that of all of them must be.
func (v *verdict) status() int {
	if len(v.statuses) == 1 {
		return v.statuses[0]
	}
	for _, status := range v.statuses {
		if status/100 != 2 {
			return http.StatusFailedDependency
		}
	}
	return http.StatusOK
}

// genuine judges what somebody has said: it must be what the device was to say to this very request.
func (v *verdict) genuine(label string, status int, payload json.RawMessage) error {
	if label == twinPersisted {
		if status != http.StatusNoContent {
			return fmt.Errorf("the status is %d: %s", status, payload)
		}
		return nil
	}
	said, err := v.r.said(label, payload)
	if err != nil {
		return fmt.Errorf("%w in %s", err, payload)
	}
	if said.ID != v.r.id {
		return v.mistaken(said.ID)
	}
	switch want := v.r.status(label); {
	case label == neighbour || !v.r.task.gives(label):
		return fmt.Errorf("somebody gives it who was not to: %s", payload)
	case said.N != 1:
		return fmt.Errorf("the second answer counts, not the first")
	case status != want:
		return fmt.Errorf("the status is %d, not %d", status, want)
	}
	return nil
}

// said reads what a device has said for a label.
func (r *request) said(label string, payload json.RawMessage) (e echo, err error) {
	if label == liveResponse && r.task == fail && !r.kind.isMessage() {
		var p problem
		err = json.Unmarshal(payload, &p)
		return echo{ID: p.Message, N: 1}, err
	}
	err = json.Unmarshal(payload, &e)
	return e, err
}

// mistaken judges an answer to another request. It may be taken for the answer to this one if both have the same correlation
// id, and the other was over by then. Whether it was shows when all outcomes are known.
func (v *verdict) mistaken(id string) error {
	other, ok := v.w.shared.Load(id)
	if !ok || other.(*request).correlationID != v.r.correlationID {
		return fmt.Errorf("it is the answer to %s", id)
	}
	v.w.suspect(v.r, other.(*request))
	return nil
}
