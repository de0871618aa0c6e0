package gateway_test

import (
	"fmt"
	"slices"
	"strings"
)

// kind is a kind of signal that answers are requested for.
type kind struct {
	name  string
	rules rules
	query bool
	// unheard says that nobody receives it.
	unheard bool
	// status is that of the response.
	status int
	// topic follows the name of the entity, path and value are those of the envelope; header is one of its headers.
	topic, path, value, header string
	// fresh says that each needs a thing of its own: one that is absent, or that is there.
	fresh fresh
}

type fresh int

const (
	anyThing fresh = iota
	absentThing
	presentThing
)

const liveCondition = `"live-channel-condition":"exists(thingId)"`

var kinds = []*kind{
	{name: "modify", rules: twinRules, status: 204, topic: "things/twin/commands/modify", path: "/attributes/a", value: "1"},
	{name: "create", rules: twinRules, status: 201, topic: "things/twin/commands/create", path: "/", value: "{}", fresh: absentThing},
	{name: "delete", rules: twinRules, status: 204, topic: "things/twin/commands/delete", path: "/", fresh: presentThing},
	{
		name: "merge", rules: twinRules, status: 204, topic: "things/twin/commands/merge", path: "/attributes", value: `{"a":1}`,
		header: `"content-type":"application/merge-patch+json"`,
	},
	{name: "retrieve", rules: plainRules, query: true, status: 200, topic: "things/twin/commands/retrieve", path: "/attributes/a"},
	{name: "live-modify", rules: liveRules, status: 204, topic: "things/live/commands/modify", path: "/attributes/a", value: "1"},
	{name: "live-retrieve", rules: liveRules, query: true, status: 200, topic: "things/live/commands/retrieve", path: "/attributes/a"},
	{
		name: "unheard-retrieve", rules: liveRules, query: true, unheard: true, status: 200,
		topic: "things/live/commands/retrieve", path: "/attributes/a",
	},
	{
		name: "smart-retrieve", rules: liveRules, query: true, status: 200,
		topic: "things/twin/commands/retrieve", path: "/attributes/a", header: liveCondition,
	},
	{name: "message", rules: liveRules, status: 207, topic: "things/live/messages/ask", path: "/inbox/messages/ask", value: `"aGk="`},
	{
		name: "unheard-message", rules: liveRules, unheard: true, status: 207,
		topic: "things/live/messages/ask", path: "/outbox/messages/ask", value: `"aGk="`,
	},
	{name: "claim", rules: liveRules, status: 207, topic: "things/live/messages/claim", path: "/inbox/messages/claim"},
	{name: "live-event", rules: eventRules, topic: "things/live/events/modified", path: "/attributes/a", value: `1,"revision":7`},
	{
		name: "policy-modify", rules: plainRules, status: 204, topic: "policies/commands/modify", path: "/entries/other",
		value: `{"subjects":{},"resources":{}}`,
	},
	{name: "policy-retrieve", rules: plainRules, query: true, status: 200, topic: "policies/commands/retrieve", path: "/entries/other"},
}

// Those who declare labels. A label that nobody declares is nobody's.
const (
	giver     = "given"     // gives what is requested
	bystander = "bystander" // is not subscribed
	nobody    = "nobody"
)

// giverStatus is the status of what the giver gives.
const giverStatus = 202

// label returns the label of a declarer. Each kind has its own, since labels are unique.
func (k *kind) label(declarer string) string { return k.name + ":" + declarer }

func (k *kind) namespace() string { return "answers." + strings.ReplaceAll(k.name, "-", "_") }

// smart reports whether a device may answer in place of the twin.
func (k *kind) smart() bool { return k.header == liveCondition }

// questions returns every way of asking for a kind: each response-required, each timeout, and of the six labels every
// selection of up to three. The timeout that is longer than zero is a placeholder.
func (k *kind) questions() []question {
	var all []question
	for _, required := range []string{"", "true", "false"} {
		for _, timeout := range []string{"", "0", someTimeout} {
			all = append(all, question{kind: k, required: required, timeout: timeout})
			for _, acks := range k.selections() {
				all = append(all, question{kind: k, required: required, timeout: timeout, acks: acks, askAcks: true})
			}
		}
	}
	return all
}

// someTimeout stands for a timeout that is longer than zero. How long it is depends on what there is to wait for.
const someTimeout = "some"

// chosen returns the questions with certain outcomes.
func (k *kind) chosen(which func(*outcome) bool) []question {
	var all []question
	for _, q := range k.questions() {
		if o := q.outcome(); which(&o) {
			q.timed(&o)
			all = append(all, q)
		}
	}
	return all
}

// timed decides how long a timeout is.
func (q *question) timed(o *outcome) {
	if q.timeout != someTimeout {
		return
	}
	switch waits, partly := o.waits(); {
	case partly: // long enough for what comes
		q.timeout = shortly.String()
	case waits || o.reply == silence:
		q.timeout = "300ms"
	default: // never over
		q.timeout = "50s"
	}
}

// answeredAtOnce returns the questions that get an answer before a time is over.
func (k *kind) answeredAtOnce() []question {
	return k.chosen(func(o *outcome) bool { return o.reply != silence && !o.isLate() })
}

// answeredLate returns the questions that get an answer when a time is over. What is waited for by default is configured, but
// for smart retrieves, which wait too long for a test.
func (k *kind) answeredLate() []question {
	late := k.chosen(func(o *outcome) bool { return o.isLate() })
	return slices.DeleteFunc(late, func(q question) bool { return k.smart() && q.timeout == "" })
}

// unanswered returns the questions that get no answer.
func (k *kind) unanswered() []question {
	return k.chosen(func(o *outcome) bool { return o.reply == silence })
}

func (o *outcome) isLate() bool { waits, _ := o.waits(); return waits }

// selections returns the empty list, and every one, two and three of the labels.
func (k *kind) selections() [][]string {
	labels := []string{
		twinPersisted, liveResponse, searchPersisted, k.label(giver), k.label(bystander), k.label(nobody),
	}
	all := [][]string{{}}
	for i, first := range labels {
		all = append(all, []string{first})
		for j, second := range labels[i+1:] {
			all = append(all, []string{first, second})
			for _, third := range labels[i+1:][j+1:] {
				all = append(all, []string{first, second, third})
			}
		}
	}
	return all
}

// envelope returns the text of the question about an entity. Its correlation id is the name that is unique for its kind.
func (q *question) envelope(name, id string) string {
	k := q.kind
	headers := []string{fmt.Sprintf(`"correlation-id":%q`, id)}
	if k.header != "" {
		headers = append(headers, k.header)
	}
	if q.required != "" {
		headers = append(headers, `"response-required":`+q.required)
	}
	if q.timeout != "" {
		headers = append(headers, fmt.Sprintf(`"timeout":%q`, q.timeout))
	}
	if q.askAcks {
		headers = append(headers, `"requested-acks":`+list(q.acks))
	}
	value := ""
	if k.value != "" {
		value = `,"value":` + k.value
	}
	return fmt.Sprintf(`{"topic":"%s/%s/%s","headers":{%s},"path":%q%s}`,
		k.namespace(), name, k.topic, strings.Join(headers, ","), k.path, value)
}

// list returns labels as a JSON array.
func list(labels []string) string {
	if len(labels) == 0 {
		return "[]"
	}
	return `["` + strings.Join(labels, `","`) + `"]`
}

// String describes the question.
func (q *question) String() string {
	acks := "absent"
	if q.askAcks {
		acks = list(q.acks)
	}
	return fmt.Sprintf("%s, response-required %q, requested-acks %s, timeout %q", q.kind.name, q.required, acks, q.timeout)
}
