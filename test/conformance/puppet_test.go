package conformance

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// puppet is a server without a mind of its own: it sends what the client tells it to send. A command with the value
// {"say":[…]} gets these frames, {"tell":[…]} goes to the other sessions that subscribed, {"close":N} closes. Strings
// are sent as they are. Everything else gets an envelope with its correlation id and status 201, and creates of things
// an event for the others.
type puppet struct {
	mu    sync.Mutex
	conns map[*websocket.Conn]bool // true when subscribed
}

type order struct {
	Topic   string `json:"topic"`
	Headers struct {
		CorrelationID string `json:"correlation-id"`
	} `json:"headers"`
	Value struct {
		Say   []json.RawMessage `json:"say"`
		Tell  []json.RawMessage `json:"tell"`
		Close int               `json:"close"`
	} `json:"value"`
}

func newPuppet(t *testing.T) Target {
	t.Helper()
	server := httptest.NewServer(&puppet{conns: map[*websocket.Conn]bool{}})
	t.Cleanup(server.Close)
	return Target{URL: "ws" + strings.TrimPrefix(server.URL, "http"), User: "ditto", Password: "ditto"}
}

// say answers an HTTP request with its own body, the status that it asks for, and what its header say says.
func (p *puppet) say(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	status, err := strconv.Atoi(query.Get("status"))
	if err != nil {
		status = http.StatusInternalServerError
	}
	id := "x"
	if query.Has("correlation-id") {
		id = query.Get("correlation-id")
	}
	if id != "" {
		w.Header().Set("Correlation-Id", id)
	}
	if echo := r.Header.Get("Say"); echo != "" {
		w.Header().Set("Echo", echo)
	}
	body, err := io.ReadAll(r.Body)
	if err == nil && len(body) > 0 {
		w.Header().Set("Content-Type", "application/json")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

func (p *puppet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/say" {
		p.say(w, r)
		return
	}
	if r.URL.Path == "/who" {
		w.Header().Set("Correlation-Id", "x")
		w.Header().Set("Content-Type", "application/json")
	}
	if user, password, ok := r.BasicAuth(); !ok || user+":"+password != "ditto:ditto" || r.URL.Path != "/ws/2" {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"status":401,"query":"` + r.URL.RawQuery + `","header":"` + r.Header.Get("Greeting") +
			`","subjects":"` + r.Header.Get("X-Ditto-Pre-Authenticated") + `"}`))
		return
	}
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	p.mu.Lock()
	p.conns[conn] = false
	p.mu.Unlock()
	for {
		kind, text, err := conn.Read(r.Context())
		if err != nil {
			break
		}
		if kind == websocket.MessageText {
			p.obey(r.Context(), conn, text)
		}
	}
	p.mu.Lock()
	delete(p.conns, conn)
	p.mu.Unlock()
}

func (p *puppet) obey(ctx context.Context, conn *websocket.Conn, text []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if strings.HasPrefix(string(text), "START-SEND-EVENTS") {
		p.conns[conn] = true
		_ = conn.Write(ctx, websocket.MessageText, []byte("START-SEND-EVENTS:ACK"))
		return
	}
	var o order
	if json.Unmarshal(text, &o) != nil {
		_ = conn.Write(ctx, websocket.MessageText, []byte("no JSON: "+string(text)))
		return
	}
	if strings.HasSuffix(o.Topic, "/things/twin/commands/create") {
		event := strings.Replace(o.Topic, "commands/create", "events/created", 1)
		p.tell(ctx, conn, `{"topic":"`+event+`","headers":{"correlation-id":"`+o.Headers.CorrelationID+`"}}`)
	}
	for _, frame := range o.Value.Tell {
		p.tell(ctx, conn, plain(frame))
	}
	for _, frame := range o.Value.Say {
		_ = conn.Write(ctx, websocket.MessageText, []byte(plain(frame)))
	}
	switch {
	case o.Value.Close > 0:
		go func() { _ = conn.Close(websocket.StatusCode(o.Value.Close), "told to") }()
	case o.Value.Say == nil && o.Value.Tell == nil:
		reply := `{"headers":{"correlation-id":"` + o.Headers.CorrelationID + `"},"status":201}`
		_ = conn.Write(ctx, websocket.MessageText, []byte(reply))
	}
}

func (p *puppet) tell(ctx context.Context, from *websocket.Conn, text string) {
	for conn, subscribed := range p.conns {
		if subscribed && conn != from {
			_ = conn.Write(ctx, websocket.MessageText, []byte(text))
		}
	}
}

func plain(frame json.RawMessage) string {
	var text string
	if json.Unmarshal(frame, &text) == nil {
		return text
	}
	return string(frame)
}
