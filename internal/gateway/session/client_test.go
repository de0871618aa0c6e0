package session

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/exchange"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

var _ exchange.Requester = (*Session)(nil)

// provider authenticates with a function.
type provider func(r *http.Request) (auth.Identity, error)

func (p provider) Authenticate(_ context.Context, r *http.Request) (auth.Identity, error) {
	return p(r)
}

// as lets everybody in as the identity.
func as(id auth.Identity) provider {
	return func(*http.Request) (auth.Identity, error) { return id, nil }
}

var alice = auth.Identity{Kind: auth.KindJWT, User: "acme:alice", Subjects: auth.Subjects{"acme:alice", "acme:staff"}}

// answering answers each envelope at once, with what the function says.
type answering func(from *Session, env *protocol.Envelope) string

func (a answering) Handle(_ context.Context, from *Session, env *protocol.Envelope) {
	answer := a(from, env)
	from.Reply(text(answer), 0)
}

// echo answers each envelope with "pong".
var echo = answering(func(*Session, *protocol.Envelope) string { return "pong" })

// client is the other end of a session.
type client struct {
	*websocket.Conn
	t *testing.T
}

// dial opens a session.
func dial(t *testing.T, url string, o *websocket.DialOptions) *client {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.CloseNow() })
	return &client{ws, t}
}

func (c *client) send(text string) {
	c.t.Helper()
	if err := c.Write(c.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		c.t.Fatal(err)
	}
}

// get returns the next message. It does not wait forever for it.
func (c *client) get() string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	_, text, err := c.Read(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}

// mustGet expects the next message.
func (c *client) mustGet(want string) {
	c.t.Helper()
	if got := c.get(); got != want {
		c.t.Errorf("got %s, want %s", got, want)
	}
}

// mustFail expects an error that is about no entity, and returns the envelope.
func (c *client) mustFail(status int, code string) (text string) {
	c.t.Helper()
	text = c.get()
	var envelope struct {
		Topic  string `json:"topic"`
		Status int    `json:"status"`
		Value  struct {
			Error string `json:"error"`
		} `json:"value"`
	}
	if err := json.Unmarshal([]byte(text), &envelope); err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
	if envelope.Topic != "unknown/unknown/things/twin/errors" || envelope.Status != status || envelope.Value.Error != code {
		c.t.Errorf("got %s, want the error %d %s", text, status, code)
	}
	return text
}

// isOpen expects that the session answers.
func (c *client) isOpen() {
	c.t.Helper()
	c.send(`{"topic":"n/t/things/twin/commands/retrieve","path":"/"}`)
	c.mustGet("pong")
}

// mustClose expects that the server closes the session and sends nothing
// before. The reason is returned.
func (c *client) mustClose(code websocket.StatusCode) (reason string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	_, text, err := c.Read(ctx)
	if err == nil {
		c.t.Fatalf("got %s, want a close frame", text)
	}
	if websocket.CloseStatus(err) != code {
		c.t.Errorf("the session ended with %v, want code %d", err, code)
	}
	var frame websocket.CloseError
	errors.As(err, &frame)
	return frame.Reason
}
