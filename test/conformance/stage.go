package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fixturePrefix starts the correlation ids of the commands that the steps thing and policy send. Frames caused by them
// are ignored on other sessions, where they may come before or after a subscription is in place.
const fixturePrefix = "fixture-"

// fixtures is the name of the session that makes things and policies; no session of a scenario can have it.
const fixtures = "(fixtures)"

var (
	errNoSession  = errors.New("there is no such session")
	errSecond     = errors.New("this session is open already")
	errRefused    = errors.New("the handshake was refused")
	errNotRefused = errors.New("the handshake was accepted")
)

// stage is where one scenario is played: its sessions and what it has learnt.
type stage struct {
	ctx      context.Context
	target   Target
	known    bindings
	sessions map[string]*session
	refusals map[string]*refusal
	people   map[string]endpoint // who sends requests under which name, if not the target's user
	asked    map[string]*asked   // requests whose answers are still to be looked at
	own      map[string][]string // correlation ids of what sessions asked for by HTTP, and are not told
	entity   string              // addressed last, by any session; see entityOf
	count    int                 // for correlation ids of the player's own commands
	log      []string
}

func newStage(ctx context.Context, target Target, namespace string) *stage {
	return &stage{
		ctx: ctx, target: target,
		known:    bindings{namespace: namespace, kept: map[string]string{}},
		sessions: map[string]*session{},
		refusals: map[string]*refusal{},
		people:   map[string]endpoint{},
		asked:    map[string]*asked{},
		own:      map[string][]string{},
		entity:   namespace + "/marker/things/twin",
	}
}

// play runs the steps and then wants every open session to have nothing left. The error says where and what.
func (s Scenario) play(st *stage) error {
	for _, step := range s.steps {
		if err := step.act.play(st); err != nil {
			return fmt.Errorf("%s:%d: %w", s.File, step.line, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(st.refusals)) {
		if r := st.refusals[name]; r != nil {
			return fmt.Errorf("%s:%d: %s: %w with %d %s", s.File, s.Line, name, errRefused, r.status, r.body)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(st.asked)) {
		return fmt.Errorf("%s:%d: at the end of the scenario: %s: %w", s.File, s.Line, name, errUnanswered)
	}
	for _, name := range slices.Sorted(maps.Keys(st.sessions)) {
		if st.sessions[name].gone {
			continue
		}
		if err := (&nothing{name}).play(st); err != nil {
			return fmt.Errorf("%s:%d: at the end of the scenario: %w", s.File, s.Line, err)
		}
	}
	return nil
}

// close ends all sessions.
func (st *stage) close() error {
	var failed error
	for name, s := range st.sessions {
		if err := s.leave(); err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s could not leave: %w", name, err))
		}
	}
	return failed
}

func (st *stage) session(name string) (*session, error) {
	if s, ok := st.sessions[name]; ok {
		return s, nil
	}
	if r := st.refusals[name]; r != nil {
		return nil, fmt.Errorf("%s: %w with %d %s", name, errRefused, r.status, r.body)
	}
	return nil, fmt.Errorf("%s: %w", name, errNoSession)
}

// open dials the session of this name.
func (st *stage) open(name string, to endpoint) error {
	if _, ok := st.sessions[name]; ok {
		return fmt.Errorf("%s: %w", name, errSecond)
	}
	st.people[name] = to
	to, err := to.expanded(st.known)
	if err != nil {
		return err
	}
	s, r, err := dial(st.ctx, st.target.url(to), st.target.headers(to))
	if err != nil {
		return fmt.Errorf("%s could not connect: %w", name, err)
	}
	if s != nil {
		st.sessions[name] = s
	}
	st.refusals[name] = r
	return nil
}

// send sends text and remembers which entity it addresses.
func (st *stage) send(name, text string, binary bool) error {
	s, err := st.session(name)
	if err != nil {
		return err
	}
	if entity := entityOf(text); entity != "" {
		s.entity, st.entity = entity, entity
	}
	st.note(name, ">", text)
	return s.send(st.ctx, text, binary)
}

// next returns the next text frame of a session.
func (st *stage) next(name string) ([]byte, error) {
	f, err := st.nextFrame(name)
	switch {
	case err != nil:
		return nil, err
	case f.err != nil:
		return nil, fmt.Errorf("%s: the connection ended: %w", name, f.err)
	case f.binary:
		return nil, fmt.Errorf("%s: got a binary frame: %x", name, f.text)
	}
	return f.text, nil
}

func (st *stage) nextFrame(name string) (frame, error) {
	s, err := st.session(name)
	if err != nil {
		return frame{}, err
	}
	f, err := s.next(st.ctx, func(text []byte) bool { return st.ignores(text) || st.isOwn(name, text) })
	if err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	if f.err != nil {
		s.gone = true
		st.note(name, "<", f.err.Error())
		return f, nil
	}
	st.note(name, "<", string(f.text))
	return f, nil
}

// address is what the player itself reads of an envelope.
type address struct {
	Topic   string `json:"topic"`
	Status  int    `json:"status"`
	Headers struct {
		CorrelationID string `json:"correlation-id"`
	} `json:"headers"`
}

func addressOf(text []byte) (a address) {
	if json.Unmarshal(text, &a) != nil {
		return address{}
	}
	return a
}

// ignores tells whether a frame is none of this scenario's business: caused by a fixture, or a signal about another
// namespace, where other scenarios or other clients are at work. What has a status is an answer to this session.
func (st *stage) ignores(text []byte) bool {
	a := addressOf(text)
	twin, live := strings.Contains(a.Topic, "/things/twin/events/"), strings.Contains(a.Topic, "/things/live/")
	if !twin && !live || a.Status != 0 {
		return false
	}
	if twin && strings.HasPrefix(a.Headers.CorrelationID, fixturePrefix) {
		return true
	}
	namespace, _, _ := strings.Cut(a.Topic, "/")
	return namespace != st.known.namespace && !strings.HasPrefix(namespace, st.known.namespace+".")
}

// isOwn tells whether a frame is a signal that a session would not have been told if it had not asked for it by HTTP.
func (st *stage) isOwn(name string, text []byte) bool {
	if len(st.own[name]) == 0 {
		return false
	}
	a := addressOf(text)
	return a.Status == 0 && slices.ContainsFunc(st.own[name], func(id string) bool {
		return a.Headers.CorrelationID == id || strings.HasPrefix(a.Headers.CorrelationID, id+"_") || strings.HasPrefix(a.Headers.CorrelationID, id+"#")
	})
}

// entityOf returns the beginning of the topics of the thing or policy that an envelope addresses, as in
// "namespace/name/policies".
func entityOf(text string) string {
	segments := strings.Split(addressOf([]byte(text)).Topic, "/")
	if len(segments) < 3 || segments[0] == "" || segments[0] == "_" || segments[1] == "_" {
		return ""
	}
	switch entity := segments[0] + "/" + segments[1]; segments[2] {
	case "things":
		return entity + "/things/twin"
	case "policies":
		return entity + "/policies"
	}
	return ""
}

// correlation returns an id of the player's own, unique on this stage.
func (st *stage) correlation(prefix string) string {
	st.count++
	return fmt.Sprintf("%s%d", prefix, st.count)
}

// note keeps a line for the transcript. The namespace is shortened to its placeholder.
func (st *stage) note(name, direction, text string) {
	st.log = append(st.log, name+direction+" "+st.shorten(text))
}

func (st *stage) shorten(text string) string {
	const most = 1500
	text = strings.ReplaceAll(text, st.known.namespace, "<ns>")
	if len(text) > most {
		text = text[:most] + "… (" + fmt.Sprint(len(text)) + " bytes)"
	}
	return text
}
