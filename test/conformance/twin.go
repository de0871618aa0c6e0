package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Twin is a scenario of which the sessions ask by HTTP: each command that a request can say is one, and its answer is what the
// envelope would have told. Everything else remains as it is, events above all.
type Twin struct {
	Scenario
	// Requests is how many commands became requests.
	Requests int
	// Left says why others did not, one entry for each.
	Left []string
}

// Twin returns the HTTP twin of a scenario.
func (s Scenario) Twin() Twin {
	p := pairing{
		scenario: s, twin: Twin{Scenario: Scenario{File: s.File, Line: s.Line, Name: s.Name}},
		people: map[string]endpoint{}, claimed: map[place]*answer{}, listens: map[string]bool{}, shared: map[string]bool{},
	}
	for i, st := range s.steps {
		p.add(i, st)
	}
	return p.twin
}

// place is a pattern of a step.
type place struct{ step, pattern int }

// pairing makes a twin.
type pairing struct {
	scenario Scenario
	twin     Twin
	people   map[string]endpoint
	listens  map[string]bool // sessions that issue acknowledgements
	shared   map[string]bool // correlation ids of several messages at once
	messages []string        // correlation ids of messages sent by HTTP
	// claimed are the expectations that are about answers to requests. Nil: it is already met when its step is reached.
	claimed map[place]*answer
	// unsettled says that the step before was sent by WebSocket and has no answer yet.
	unsettled bool
}

func (p *pairing) add(i int, st step) {
	switch a := st.act.(type) {
	case *connect:
		p.meet(a.session, a.to)
	case *watch:
		p.meet(a.session, a.to)
	case *send:
		p.send(i, st, a)
		return
	case *expect:
		p.expect(i, st, a)
		return
	}
	p.keep(st)
}

func (p *pairing) keep(st step) {
	p.unsettled = false
	p.twin.steps = append(p.twin.steps, st)
}

func (p *pairing) meet(session string, to endpoint) {
	p.people[session] = to
	p.listens[session] = strings.Contains(to.query, "declared-acks") || to.header.Get("declared-acks") != ""
}

// send makes a request of what a session sends, if that is possible.
func (p *pairing) send(i int, st step, s *send) {
	r, reason := p.request(i, s)
	if reason != "" {
		p.leave(st, s, reason)
		return
	}
	found, at, ok := p.answerTo(i, s)
	if found != nil && found.status == http.StatusCreated && !found.acks && !r.message {
		path, _, _ := strings.Cut(r.target, "?")
		found.header = append(found.header, headerLine{name: "location", value: path})
	}
	wait := mayWait(r)
	switch {
	case !ok && !r.silent():
		p.leave(st, s, "has no answer in the scenario")
		return
	case ok && found == nil:
		p.leave(st, s, "is answered by what no response is")
		return
	case ok && (p.shared[correlationOf(s.text)] || p.sharesID(i, at.step, s)):
		p.shared[correlationOf(s.text)] = true
		p.leave(st, s, "shares its correlation id with another")
		return
	case strings.Contains(s.text, "/commands/create") && (found == nil || found.onlyOfCreate(s.text)):
		p.leave(st, s, "creates what is there, which PUT replaces")
		return
	case p.unsettled || wait && p.sends(i+1):
		p.leave(st, s, "waits among others")
		return
	}
	p.twin.Requests++
	p.unsettled = false
	name := fmt.Sprintf("%s:%d", s.session, i)
	r.name, r.who = name, s.session
	r.own = !p.expectsOwn(s)
	if r.message && !r.has("timeout") {
		p.messages = append(p.messages, correlationOf(s.text))
	}
	p.twin.steps = append(p.twin.steps, step{st.line, r})
	switch {
	case !ok:
		p.twin.steps = append(p.twin.steps, step{st.line, &quietly{name}})
	case wait:
		found.name = name
		p.claimed[at] = found
	default:
		found.name = name
		p.claimed[at] = nil
		p.twin.steps = append(p.twin.steps, step{p.scenario.steps[at.step].line, found})
	}
}

// onlyOfCreate reports whether an answer is one to a create that what HTTP has in its place is not given.
func (a *answer) onlyOfCreate(text string) bool {
	failed, _ := a.body.tree.(object)
	return a.status == http.StatusConflict || failed["error"] == "things:thing.notcreatable" && a.status == http.StatusBadRequest ||
		strings.Contains(text, `"condition"`) || strings.Contains(text, `"_metadata"`)
}

// leave keeps what is sent on its session.
func (p *pairing) leave(st step, s *send, reason string) {
	p.keep(st)
	if s.json {
		p.twin.Left = append(p.twin.Left, reason)
		p.unsettled = true
	}
}

// sends reports whether something is sent in a step.
func (p *pairing) sends(i int) bool {
	if i >= len(p.scenario.steps) {
		return false
	}
	switch p.scenario.steps[i].act.(type) {
	case *send, *sendRaw, *leaves:
		return true
	}
	return false
}

// expect keeps what is expected of a session, and has answers where they were.
func (p *pairing) expect(i int, st step, e *expect) {
	remains := &expect{session: e.session, anyOrder: e.anyOrder}
	var answers []*answer
	for n, pattern := range e.patterns {
		a, claimed := p.claimed[place{i, n}]
		switch {
		case !claimed && slices.ContainsFunc(p.messages, func(id string) bool { return signals(pattern, id) }):
			remains.patterns = append(remains.patterns, timed(pattern))
		case !claimed:
			remains.patterns = append(remains.patterns, pattern)
		case a != nil:
			answers = append(answers, a)
		}
	}
	if len(remains.patterns) > 0 {
		p.keep(step{st.line, remains})
	}
	for _, a := range answers {
		p.keep(step{st.line, a})
	}
}

// answerTo returns the answer that is expected to what is sent in a step, and where. An answer that a response to a request cannot
// be is nil.
func (p *pairing) answerTo(i int, s *send) (a *answer, at place, ok bool) {
	id := correlationOf(s.text)
	for n := i + 1; n < len(p.scenario.steps); n++ {
		e, is := p.scenario.steps[n].act.(*expect)
		if !is || e.session != s.session {
			continue
		}
		for k, pattern := range e.patterns {
			at := place{n, k}
			if _, taken := p.claimed[at]; taken || !answersTo(pattern, id, p.sentBetween(i, n, s.session, "")) {
				continue
			}
			return answerLike(pattern), at, true
		}
	}
	return nil, place{}, false
}

// answersTo reports whether a pattern is of an answer to what was sent with a correlation id. One that does not say to what is of
// what was sent last.
func answersTo(p pattern, id string, notLast bool) bool {
	tree, _ := p.tree.(object)
	if tree["status"] == nil {
		return false
	}
	headers, _ := tree["headers"].(object)
	got, _ := headers["correlation-id"].(string)
	if id != "" && got != "" && !anyID(got) {
		return got == id
	}
	return !notLast
}

// sharesID reports whether a session sends something else with the same correlation id before the answer.
func (p *pairing) sharesID(i, answered int, s *send) bool {
	return p.sentBetween(i, answered, s.session, correlationOf(s.text))
}

// sentBetween reports whether a session sends something between two steps, with a correlation id if there is one.
func (p *pairing) sentBetween(i, n int, session, id string) bool {
	return slices.ContainsFunc(p.scenario.steps[i+1:n], func(st step) bool {
		s, is := st.act.(*send)
		return is && s.session == session && s.json && (id == "" || correlationOf(s.text) == id)
	})
}

func anyID(text string) bool {
	return strings.HasPrefix(text, "<text") || strings.HasPrefix(text, "<id")
}

// expectsOwn reports whether a session is told what it caused itself.
func (p *pairing) expectsOwn(s *send) bool {
	id := correlationOf(s.text)
	for _, st := range p.scenario.steps {
		e, is := st.act.(*expect)
		if !is || e.session != s.session {
			continue
		}
		if slices.ContainsFunc(e.patterns, func(p pattern) bool { return signals(p, id) }) {
			return true
		}
	}
	return false
}

// signals reports whether a pattern is of a signal with a correlation id.
func signals(p pattern, id string) bool {
	tree, _ := p.tree.(object)
	headers, _ := tree["headers"].(object)
	got, _ := headers["correlation-id"].(string)
	return tree != nil && tree["status"] == nil && strings.HasPrefix(got, id)
}

// correlationOf returns the correlation id of what is sent, as it is written.
func correlationOf(text string) string {
	var e struct {
		Headers map[string]json.RawMessage `json:"headers"`
	}
	if json.Unmarshal([]byte(text), &e) != nil {
		return ""
	}
	for name, raw := range e.Headers {
		var id string
		if strings.EqualFold(name, "correlation-id") && json.Unmarshal(raw, &id) == nil {
			return id
		}
	}
	return ""
}

// quietly wants a request that wants no response to be accepted, or its failure to be told.
type quietly struct{ name string }

func (a *quietly) play(st *stage) error {
	q := st.asked[a.name]
	if q == nil {
		return fmt.Errorf("%s: %w", a.name, errNotAsked)
	}
	delete(st.asked, a.name)
	got, err := q.wait(st.ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", a.name, err)
	}
	st.note(a.name, "<", got.String())
	if got.status != 202 && got.status < 400 || got.status == 202 && len(got.body) > 0 {
		return fmt.Errorf("%s: wants no response and got %s", a.name, got)
	}
	return nil
}
