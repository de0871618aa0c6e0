package gateway_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/test/gatewaytest"
)

// signal is what an actor receives.
type signal struct {
	Topic, Path string
	Headers     struct {
		CorrelationID    string   `json:"correlation-id"`
		ResponseRequired bool     `json:"response-required"`
		RequestedAcks    []string `json:"requested-acks"`
	}
	Status int
}

// cast opens the sessions that take part in a kind beside the requester. They answer at once until the test ends.
func (k *kind) cast(t *testing.T, g *gateway.Gateway) {
	t.Helper()
	act(t, g, "/ws/2?declared-acks="+k.label(bystander), "", nil, k.give)
	var device, all []string
	if !k.unheard {
		device, all = []string{"LIVE-COMMANDS", "MESSAGES"}, []string{"EVENTS", "LIVE-COMMANDS", "LIVE-EVENTS", "MESSAGES"}
	}
	act(t, g, "/ws/2?declared-acks="+k.label(giver), k.namespace(), all, k.give)
	act(t, g, "/ws/2", k.namespace(), device, k.respond)
}

// actor is a session that answers what it receives.
type actor struct {
	t    *testing.T
	ws   *websocket.Conn
	does func(signal) []string
}

// act opens a session that is subscribed to the types of signals of a namespace, and answers them until the test ends.
func act(t *testing.T, g *gateway.Gateway, target, namespace string, types []string, does func(signal) []string) {
	t.Helper()
	c := dialWith(t, g, target, authorization(gatewaytest.User, gatewaytest.Password))
	for _, kind := range types {
		c.mustSubscribe("START-SEND-" + kind + "?namespaces=" + namespace)
	}
	a, done := &actor{t, c.ws, does}, make(chan struct{})
	go func() {
		defer close(done)
		a.serve()
	}()
	t.Cleanup(func() { <-done })
}

// serve answers until the test ends.
func (a *actor) serve() {
	for {
		_, text, err := a.ws.Read(a.t.Context())
		if err != nil {
			if a.t.Context().Err() == nil {
				a.t.Errorf("an actor lost its session: %v", err)
			}
			return
		}
		a.receive(text)
	}
}

func (a *actor) receive(text []byte) {
	var s signal
	if err := json.Unmarshal(text, &s); err != nil || strings.HasSuffix(s.Topic, "/errors") {
		a.t.Errorf("an actor got %s (%v)", text, err)
		return
	}
	for _, answer := range a.does(s) {
		if err := a.ws.Write(a.t.Context(), websocket.MessageText, []byte(answer)); err != nil && a.t.Context().Err() == nil {
			a.t.Errorf("an actor could not answer: %v", err)
		}
	}
}

// give acknowledges what is requested.
func (k *kind) give(s signal) []string {
	var acks []string
	for _, label := range s.Headers.RequestedAcks {
		topic := strings.Join(strings.Split(s.Topic, "/")[:4], "/")
		acks = append(acks, fmt.Sprintf(`{"topic":"%s/acks/%s","headers":{"correlation-id":%q},"path":"/","status":%d}`,
			topic, label, s.Headers.CorrelationID, giverStatus))
	}
	return acks
}

// respond responds to what wants a response.
func (k *kind) respond(s signal) []string {
	if !s.Headers.ResponseRequired {
		return nil
	}
	value := ""
	if k.status != 204 {
		value = `,"value":1`
	}
	return []string{fmt.Sprintf(`{"topic":%q,"headers":{"correlation-id":%q,"content-type":"application/json"},"path":%q,"status":%d%s}`,
		s.Topic, s.Headers.CorrelationID, s.Path, k.status, value)}
}
