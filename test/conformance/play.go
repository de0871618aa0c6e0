package conformance

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

func (a *connect) play(st *stage) error { return st.open(a.session, a.to) }

func (a *watch) play(st *stage) error {
	if _, open := st.sessions[a.session]; !open {
		if err := st.open(a.session, a.to); err != nil {
			return err
		}
	}
	if err := st.send(a.session, "START-SEND-EVENTS?namespaces="+st.known.namespace, false); err != nil {
		return err
	}
	return (&expect{session: a.session, patterns: []pattern{{source: "START-SEND-EVENTS:ACK"}}}).play(st)
}

func (a *thing) play(st *stage) error { return st.fixture(a.name, "things/twin", a.value) }

func (a *policy) play(st *stage) error { return st.fixture(a.name, "policies", a.value) }

// fixture makes an entity and wants 201, so that a broken fixture is not taken for a broken scenario. A policy need not
// be one that its maker could change.
func (st *stage) fixture(named, group, holding string) error {
	if _, open := st.sessions[fixtures]; !open {
		if err := st.open(fixtures, endpoint{}); err != nil {
			return err
		}
	}
	name, nameErr := st.known.expand(named, false)
	value, valueErr := st.known.expand(holding, true)
	if err := errors.Join(nameErr, valueErr); err != nil {
		return err
	}
	id := st.correlation(fixturePrefix)
	command := fmt.Sprintf(`{"topic":"%s/%s/%s/commands/create","headers":{"correlation-id":"%s",`+
		`"allow-policy-lockout":true},"path":"/","value":%s}`, st.known.namespace, name, group, id, value)
	if err := st.send(fixtures, command, false); err != nil {
		return err
	}
	created, err := parsePattern(fmt.Sprintf(`{"status":%d, "headers":{"correlation-id":"%s", ...}, ...}`, http.StatusCreated, id))
	if err != nil {
		return err
	}
	return (&expect{session: fixtures, patterns: []pattern{created}}).play(st)
}

func (a *send) play(st *stage) error {
	text, err := st.known.expand(a.text, a.json)
	if err != nil {
		return err
	}
	return st.send(a.session, text, false)
}

func (a *sendRaw) play(st *stage) error {
	text, err := st.known.expand(a.bytes, false)
	if err != nil {
		return err
	}
	return st.send(a.session, text, a.binary)
}

func (a *expect) play(st *stage) error {
	frames := make([][]byte, len(a.patterns))
	for i := range frames {
		text, err := st.next(a.session)
		if err != nil {
			return unmet(err, a.patterns)
		}
		frames[i] = text
	}
	if len(frames) == 1 {
		if found := a.patterns[0].match(st.known, frames[0]); len(found) > 0 {
			return different(a.session, a.patterns[0], st.shorten(string(frames[0])), found)
		}
		return nil
	}
	if !matchAny(st.known, a.patterns, frames) {
		return differentGroup(st, a, frames)
	}
	return nil
}

// play sends a marker, a retrieve of the entity addressed last, and wants its reply to come before anything else.
// Whether the retrieve succeeds does not matter.
func (a *nothing) play(st *stage) error {
	s, err := st.session(a.session)
	if err != nil {
		return err
	}
	entity := s.entity
	if entity == "" {
		entity = st.entity
	}
	id := st.correlation("marker-")
	marker := fmt.Sprintf(`{"topic":"%s/commands/retrieve","headers":{"correlation-id":"%s",`+
		`"response-required":true,"timeout":"60s","requested-acks":[]},"path":"/","fields":"thingId"}`, escape(entity), id)
	st.note(a.session, ">", marker)
	if err := s.send(st.ctx, marker, false); err != nil {
		return fmt.Errorf("%s: %w", a.session, err)
	}
	text, err := st.next(a.session)
	if err != nil {
		return err
	}
	if addressOf(text).Headers.CorrelationID != id {
		return fmt.Errorf("%s got a frame\n  want nothing\n  got  %s", a.session, st.shorten(string(text)))
	}
	return nil
}

func (a *refused) play(st *stage) error {
	r := st.refusals[a.session]
	if r == nil {
		return fmt.Errorf("%s: %w", a.session, errNotRefused)
	}
	st.refusals[a.session] = nil
	if r.status != a.status {
		return fmt.Errorf("%s: refused with status %d, want %d; body %s", a.session, r.status, a.status, r.body)
	}
	if found := a.body.match(st.known, []byte(strings.TrimSpace(string(r.body)))); len(found) > 0 {
		return different(a.session, a.body, st.shorten(string(r.body)), found)
	}
	return nil
}

func (a *closes) play(st *stage) error {
	f, err := st.nextFrame(a.session)
	switch {
	case err != nil:
		return err
	case f.err == nil:
		return fmt.Errorf("%s got a frame\n  want the server to close\n  got  %s", a.session, st.shorten(string(f.text)))
	}
	code := int(websocket.CloseStatus(f.err))
	if code < 0 || (a.code != 0 && code != a.code) {
		return fmt.Errorf("%s: the connection ended with %w, want close code %d", a.session, f.err, a.code)
	}
	return nil
}

func (a *leaves) play(st *stage) error {
	s, err := st.session(a.session)
	if err != nil {
		return err
	}
	st.note(a.session, ">", "(closes)")
	if err := s.leave(); err != nil {
		return fmt.Errorf("%s could not leave: %w", a.session, err)
	}
	return nil
}
