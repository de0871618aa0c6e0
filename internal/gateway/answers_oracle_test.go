package gateway_test

import "slices"

// This file says what requesters get, from the rules of the protocol alone: it knows nothing of how the gateway plans its
// answers.

// The labels that the server issues itself.
const (
	twinPersisted   = "twin-persisted"
	searchPersisted = "search-persisted"
	liveResponse    = "live-response"
)

// rules are the group of rules that a kind of signal is answered by.
type rules int

const (
	// twinRules are those of create, modify, merge and delete of things.
	twinRules rules = iota
	// liveRules are those of messages, of commands on things on the live channel, and of smart retrieves.
	liveRules
	// plainRules are those of retrieves of the twin and of commands on policies: they never aggregate.
	plainRules
	// eventRules are those of live events, which are not responded to.
	eventRules
)

// question is one way of asking for an answer. Empty members are absent.
type question struct {
	kind     *kind
	required string // "true" or "false"
	timeout  string // "0", or what is longer
	acks     []string
	askAcks  bool // acks is present, if only as an empty list
}

// outcome is what a requester gets.
type outcome struct {
	reply reply
	// codes are those that an error may have. There is more than one if rules collide and none comes first.
	codes []string
	// acks are the aggregated acknowledgements by label.
	acks map[string]given
}

type reply string

const (
	silence    reply = "nothing"
	response   reply = "the response"
	failure    reply = "an error"
	aggregated reply = "aggregated acknowledgements"
)

// given is an acknowledgement: its status, and whether it is weak.
type given struct {
	status int
	weak   bool
}

const (
	headerInvalid  = "header.invalid"
	headersInvalid = "command.headers.invalid"
	commandTimeout = "command.timeout"
)

// outcome returns what the question leads to when everybody who is asked answers at once.
func (q *question) outcome() outcome {
	zero := q.timeout == "0"
	// Let RR = response-required (absent = true).
	required := q.required != "false"
	acks := q.normalized(required, zero)
	switch {
	case q.kind.rules == eventRules:
		// On responses and events sent by a client it is forced to false.
		required = false
	case q.required == "" && !q.kind.query:
		// RR absent: RR = not TZ. It is not rewritten for queries.
		required = !zero
	}
	var codes []string
	if q.kind.query && !required {
		// On query commands false is an error.
		codes = append(codes, headersInvalid)
	}
	if zero && (required || len(acks) > 0) {
		// Any signal: TZ and (RR or A nonempty) -> 400.
		codes = append(codes, headerInvalid)
		if q.kind.query && q.kind.rules == liveRules && q.required == "" {
			// For a plain retrieve RR is not rewritten. Those that go to a device may be another matter: then it is false.
			codes = append(codes, headersInvalid)
		}
	}
	if effective := q.kind.effective(acks); len(effective) > 0 && !required {
		// Commands with effective A: A nonempty and not RR -> 400.
		codes = append(codes, headerInvalid)
	}
	switch {
	case len(codes) > 0:
		return outcome{reply: failure, codes: codes}
	case !required:
		return outcome{reply: silence}
	}
	return q.answered(q.kind.effective(acks))
}

// answered is the completion of a signal that waits for labels.
func (q *question) answered(labels []string) outcome {
	switch {
	case len(labels) == 0, slices.Equal(labels, []string{twinPersisted}), slices.Equal(labels, []string{liveResponse}):
		// The original response envelope is sent. The same, but unanswered: 408 command.timeout. That holds for whatever
		// requires a response, also if its acknowledgements are not supervised.
		if q.kind.unheard {
			return outcome{reply: failure, codes: []string{commandTimeout}}
		}
		return outcome{reply: response}
	}
	// Otherwise aggregated acks.
	o := outcome{reply: aggregated, acks: map[string]given{}}
	for _, label := range labels {
		o.acks[label] = q.kind.acknowledged(label)
	}
	return o
}

// normalized returns A: which acknowledgements are waited for.
func (q *question) normalized(required, zero bool) []string {
	without := func(labels ...string) []string {
		return slices.DeleteFunc(slices.Clone(q.acks), func(l string) bool { return slices.Contains(labels, l) })
	}
	builtIn := map[rules]string{twinRules: twinPersisted, liveRules: liveResponse}[q.kind.rules]
	switch {
	case builtIn == "":
		return q.acks
	case !q.askAcks && required && !zero:
		// A absent: A = (RR and not TZ) ? [twin-persisted] : [], and [live-response] on the live channel.
		return []string{builtIn}
	case !q.askAcks:
		return nil
	case q.kind.rules == twinRules:
		// A present: remove live-response; keep the rest as is (twin-persisted is not added).
		return without(liveResponse)
	case slices.Contains(q.acks, twinPersisted), slices.Contains(q.acks, searchPersisted):
		// If A contained twin-persisted or search-persisted: A = given labels minus those two. This drops the
		// live-response that was just added, and leaves one that was given.
		return without(twinPersisted, searchPersisted)
	case !required:
		// Not RR -> remove live-response.
		return without(liveResponse)
	case len(q.acks) > 0:
		// RR and A nonempty -> add live-response.
		return append(without(liveResponse), liveResponse)
	}
	return nil
}

// effective returns the labels that have an effect on a kind.
func (k *kind) effective(acks []string) []string {
	switch k.rules {
	case twinRules: // Any label other than live-response.
		return slices.DeleteFunc(slices.Clone(acks), func(l string) bool { return l == liveResponse })
	case liveRules: // Any label other than twin-persisted.
		return slices.DeleteFunc(slices.Clone(acks), func(l string) bool { return l == twinPersisted })
	}
	return nil // Retrieves of the twin and commands on policies never aggregate.
}

// acknowledged returns how a label is answered.
func (k *kind) acknowledged(label string) given {
	switch label {
	case twinPersisted: // Status of the normal response.
		return given{status: k.status}
	case liveResponse: // Status of the device's response.
		if k.unheard {
			return given{status: 408}
		}
		return given{status: k.status}
	case searchPersisted: // 204 on success.
		return given{status: 204}
	case k.label(giver):
		if k.unheard {
			return given{status: 200, weak: true}
		}
		return given{status: giverStatus}
	case k.label(bystander): // Declared by a subscriber which is not subscribed -> immediate weak ack.
		return given{status: 200, weak: true}
	}
	// A requested label nobody declared -> wait until timeout -> 408.
	return given{status: 408}
}

// waits reports whether the outcome comes when a time is over, and whether something of it comes before.
func (o *outcome) waits() (waits, partly bool) {
	if o.reply == failure {
		return slices.Contains(o.codes, commandTimeout), false
	}
	for _, a := range o.acks {
		waits, partly = waits || a.status == 408, partly || a.status != 408
	}
	return waits, waits && partly
}

// status is that of aggregated acknowledgements: one label -> its status; several all 2xx -> 200; otherwise 424.
func (o *outcome) status() int {
	for _, a := range o.acks {
		if len(o.acks) == 1 {
			return a.status
		}
		if a.status/100 != 2 {
			return 424
		}
	}
	return 200
}
