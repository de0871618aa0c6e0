package crash

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/coder/websocket"
)

// envelope is what the clients read of an envelope.
type envelope struct {
	Topic   string `json:"topic"`
	Headers struct {
		CorrelationID string `json:"correlation-id"`
		Revision      int64  `json:"entity-revision"`
	} `json:"headers"`
	Value    json.RawMessage `json:"value"`
	Status   int             `json:"status"`
	Revision int64           `json:"revision"`
}

// thing returns the name in the envelope's topic.
func (e envelope) thing() string {
	return strings.SplitN(e.Topic, "/", 3)[1]
}

// client is a WebSocket session.
type client struct{ ws *websocket.Conn }

func dial(ctx context.Context, address string) (*client, error) {
	credentials := base64.StdEncoding.EncodeToString([]byte("ditto:ditto"))
	ws, _, err := websocket.Dial(ctx, "ws://"+address+"/ws/2", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Basic " + credentials}},
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1)
	return &client{ws}, nil
}

// send sends a command on a thing.
func (c *client) send(ctx context.Context, thing, action, path, correlation, members string) error {
	text := fmt.Sprintf(`{"topic":"test.crash/%s/things/twin/commands/%s","headers":{"correlation-id":%q},"path":%q%s}`,
		thing, action, correlation, path, members)
	return c.write(ctx, text)
}

func (c *client) write(ctx context.Context, text string) error {
	return c.ws.Write(ctx, websocket.MessageText, []byte(text))
}

// receive returns the next envelope.
func (c *client) receive(ctx context.Context) (envelope, error) {
	_, text, err := c.ws.Read(ctx)
	if err != nil {
		return envelope{}, err
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return envelope{}, fmt.Errorf("%w in %s", err, text)
	}
	return e, nil
}

// subscribe asks for events and waits until they are sure to come.
func (c *client) subscribe(ctx context.Context) error {
	if err := c.ws.Write(ctx, websocket.MessageText, []byte("START-SEND-EVENTS")); err != nil {
		return err
	}
	_, text, err := c.ws.Read(ctx)
	if err == nil && string(text) != "START-SEND-EVENTS:ACK" {
		return fmt.Errorf("unexpected answer to START-SEND-EVENTS: %s", text)
	}
	return err
}

func (c *client) close() { _ = c.ws.CloseNow() }
