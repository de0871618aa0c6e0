package soak

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Stand-ins in the labels of a kind for those of devices.
const (
	own       = "own"       // that of the device whose thing it is
	neighbour = "neighbour" // that of another device, which never sees the signal
)

// The labels of the server.
const (
	liveResponse  = "live-response"
	twinPersisted = "twin-persisted"
)

// kind is a kind of request.
type kind struct {
	name string
	// topic is what follows the thing in the topic.
	topic, path string
	valued      bool
	// requested are the labels requested, nil to request none.
	requested []string
	// labels are those that make up the outcome; none if there is to be no outcome.
	labels []string
	// status is that of a response without error.
	status int
	smart  bool
}

const (
	message  = "live/messages/ask"
	modify   = "commands/modify"
	retrieve = "commands/retrieve"
	inbox    = "/inbox/messages/ask"
	last     = "/attributes/last"
)

var kinds = []*kind{
	{name: "message", topic: message, path: inbox, valued: true, labels: []string{liveResponse}, status: 200},
	{name: "message, no answer required", topic: message, path: inbox, valued: true},
	{
		name: "message with acknowledgement", topic: message, path: inbox, valued: true, status: 200,
		requested: []string{own}, labels: []string{own, liveResponse},
	},
	{
		name: "message with acknowledgements of two", topic: message, path: inbox, valued: true, status: 200,
		requested: []string{neighbour, liveResponse, own}, labels: []string{neighbour, liveResponse, own},
	},
	{name: "modification", topic: "twin/" + modify, path: last, valued: true, labels: []string{twinPersisted}, status: 204},
	{
		name: "modification with acknowledgement", topic: "twin/" + modify, path: last, valued: true, status: 204,
		requested: []string{twinPersisted, own}, labels: []string{twinPersisted, own},
	},
	{
		name: "modification with acknowledgements of two", topic: "twin/" + modify, path: last, valued: true,
		requested: []string{own, neighbour}, labels: []string{own, neighbour},
	},
	{
		name: "modification with acknowledgement of another", topic: "twin/" + modify, path: last, valued: true,
		requested: []string{neighbour}, labels: []string{neighbour},
	},
	{name: "live modification", topic: "live/" + modify, path: last, valued: true, labels: []string{liveResponse}, status: 201},
	{
		name: "live retrieve with acknowledgement", topic: "live/" + retrieve, path: last, status: 200,
		requested: []string{own}, labels: []string{own, liveResponse},
	},
	{name: "retrieve by either way", topic: "twin/" + retrieve, path: last, labels: []string{liveResponse}, status: 200, smart: true},
}

// expected returns the outcomes that some requests of the kind must have, or the test tests nothing.
func (k *kind) expected() []string {
	switch {
	case len(k.labels) == 0:
		return []string{silent}
	case slices.Equal(k.labels, []string{twinPersisted}):
		return []string{answered}
	case slices.Equal(k.labels, []string{neighbour}):
		return []string{weak}
	case slices.Contains(k.labels, neighbour):
		return []string{weak, missing}
	case k.smart:
		return []string{answered, instead}
	}
	return []string{answered, missing}
}

// single reports whether the outcome is the response itself.
func (k *kind) single() bool {
	return len(k.labels) == 1 && (k.labels[0] == liveResponse || k.labels[0] == twinPersisted)
}

// isMessage reports whether it is a message, and not a command.
func (k *kind) isMessage() bool { return k.topic == message }

// task is what a device does with a request.
type task string

// What devices do.
const (
	answer    task = "answer"    // at once
	twice     task = "twice"     // at once, and then something else
	fail      task = "fail"      // at once, as an error
	partly    task = "partly"    // the response, no acknowledgement
	elsewhere task = "elsewhere" // by way of the session of another device
	late      task = "late"      // when the application has its outcome
	strange   task = "strange"   // what does not fit
	never     task = "never"
	die       task = "die" // leave, owing it
)

// tasks are chosen from with equal chances.
var tasks = []task{
	answer, answer, answer, answer, answer, answer, answer, answer, answer, answer, answer, answer,
	twice, twice, fail, fail, partly, elsewhere, late, strange, never, die,
}

// gives reports whether the task leads to an answer for a label, in time.
func (t task) gives(label string) bool {
	switch t {
	case answer, twice, fail:
		return true
	case partly, elsewhere:
		return label == liveResponse
	}
	return false
}

// failure is the status of everything that a device fails to do.
const failure = 507

// echo is the payload of every answer.
type echo struct {
	ID string `json:"id"`
	// N is 1 in the answer that counts.
	N int `json:"n"`
}

func (e echo) encode() json.RawMessage { return fmt.Appendf(nil, `{"id":%q,"n":%d}`, e.ID, e.N) }

// problem is the value of an error.
type problem struct {
	Status  int    `json:"status"`
	Error   string `json:"error"`
	Message string `json:"message"`
}

// refused is the code with which devices refuse commands; the message is the id of the request.
const refused = "soak:refused"

func isError(e *envelope) bool { return strings.HasSuffix(e.Topic, "/errors") }
