package dittows

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// asked is what the other end was asked for.
type asked struct {
	turn sync.Mutex // held by Ask

	mu sync.Mutex
	// sources are the Subscriptions by what they ask for, as of now; started are the texts that have started them.
	sources map[snapshot.Signal]string
	started map[snapshot.Signal]string
	// expected is the confirmation that is waited for, "" for none; id would be that of a refusal.
	expected, id string
	answer       chan error // of the other end
}

// source returns the name of the Subscription for a signal.
func (a *asked) source(signal snapshot.Signal) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	name, ok := a.sources[signal]
	return name, ok
}

// acknowledged takes a confirmation.
func (a *asked) acknowledged(text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if text == a.expected {
		a.expected = ""
		a.answer <- nil
	}
}

// refused takes what may be an error about what is waited for. Protocol rule: some errors do not say what they are about, and are then
// about an entity that there is not.
func (a *asked) refused(f *frame) bool {
	topic := &f.env.Topic
	a.mu.Lock()
	defer a.mu.Unlock()
	about := f.id() == a.id || topic.Namespace == "unknown" && topic.Name == "unknown"
	if a.expected == "" || topic.Criterion != protocol.Errors || !about {
		return false
	}
	a.expected = ""
	a.answer <- fmt.Errorf("the other end refuses it with status %d%s", f.env.Status, inBrackets(errorCode(f.env.Value)))
	return true
}

// Ask implements link.Asker.
func (c *client) Ask(ctx context.Context, inbound []*snapshot.Subscription) error {
	c.asked.turn.Lock()
	defer c.asked.turn.Unlock()
	wanted := map[snapshot.Signal]*snapshot.Subscription{}
	for _, s := range inbound {
		wanted[s.Signal] = s
	}
	for _, signal := range slices.Sorted(maps.Keys(c.asked.started)) {
		if wanted[signal] == nil {
			if err := c.stop(ctx, signal); err != nil {
				return err
			}
		}
	}
	var refused []error
	for _, signal := range slices.Sorted(maps.Keys(wanted)) {
		err := c.start(ctx, wanted[signal])
		if _, ok := errors.AsType[*link.RefusedSubscription](err); err != nil && !ok {
			return err
		}
		refused = append(refused, err)
	}
	return errors.Join(refused...)
}

// start asks for a Subscription, unless that was done.
func (c *client) start(ctx context.Context, s *snapshot.Subscription) error {
	command, ack := controlOf(s.Signal, true)
	text := command + parameters(s)
	if c.asked.started[s.Signal] == text {
		c.asked.set(s.Signal, s.Name, text)
		return nil
	}
	// Protocol rule: signals may come before the confirmation.
	c.asked.set(s.Signal, s.Name, "")
	if s.Signal == twinEvents {
		c.gap.prepare(s)
	}
	refused, err := c.control(ctx, text, ack)
	switch {
	case err != nil:
		return err
	case refused != nil:
		// Protocol rule: what there was before would go on.
		return errors.Join(&link.RefusedSubscription{Name: s.Name, Cause: refused}, c.stop(ctx, s.Signal))
	}
	c.asked.set(s.Signal, s.Name, text)
	if s.Signal == twinEvents {
		c.gap.begin()
	}
	return nil
}

// stop has the other end send a signal no longer.
func (c *client) stop(ctx context.Context, signal snapshot.Signal) error {
	c.asked.remove(signal)
	if signal == twinEvents {
		c.gap.abandon()
	}
	text, ack := controlOf(signal, false)
	refused, err := c.control(ctx, text, ack)
	return errors.Join(refused, err)
}

// set says which Subscription a signal is for, and what has started it; "" for nothing yet.
func (a *asked) set(signal snapshot.Signal, name, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.sources == nil {
		a.sources, a.started = map[snapshot.Signal]string{}, map[snapshot.Signal]string{}
	}
	a.sources[signal], a.started[signal] = name, text
}

func (a *asked) remove(signal snapshot.Signal) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.sources, signal)
	delete(a.started, signal)
}

// control sends a control message and waits until it is confirmed, or refused.
func (c *client) control(ctx context.Context, text, ack string) (refused, err error) {
	answer := c.asked.expect(ack, "~"+strconv.FormatUint(c.numbers.Add(1), 36))
	if strings.Contains(text, "?") {
		text += "&correlation-id=" + url.QueryEscape(c.asked.id)
	}
	if err := c.send(ctx, outgoing{text: []byte(text)}); err != nil {
		return nil, err
	}
	select {
	case refused := <-answer:
		return refused, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.Lost():
		return nil, link.ErrLost
	}
}

// expect says what is waited for. What was waited for before is not.
func (a *asked) expect(ack, id string) <-chan error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.expected, a.id, a.answer = ack, id, make(chan error, 1)
	return a.answer
}

// parameters returns how a Subscription is asked for, "" if it asks for everything.
func parameters(s *snapshot.Subscription) string {
	values := []string{}
	add := func(name, value string) {
		if value != "" {
			values = append(values, name+"="+url.QueryEscape(value))
		}
	}
	add("namespaces", strings.Join(s.Namespaces, ","))
	add("filter", s.Filter)
	add("extraFields", s.ExtraFields)
	if len(values) == 0 {
		return ""
	}
	return "?" + strings.Join(values, "&")
}
