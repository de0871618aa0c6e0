package soak

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/test/gatewaytest"
)

// envelope is what is read and written of an envelope.
type envelope struct {
	Topic   string          `json:"topic"`
	Headers headers         `json:"headers"`
	Path    string          `json:"path"`
	Value   json.RawMessage `json:"value,omitempty"`
	Status  int             `json:"status,omitempty"`
	// control is the text of a frame that is no envelope.
	control string
}

type headers struct {
	CorrelationID    string   `json:"correlation-id,omitempty"`
	ContentType      string   `json:"content-type,omitempty"`
	Timeout          string   `json:"timeout,omitempty"`
	ResponseRequired *bool    `json:"response-required,omitempty"`
	RequestedAcks    []string `json:"requested-acks,omitempty"`
	WeakAck          bool     `json:"ditto-weak-ack,omitempty"`
	Condition        string   `json:"live-channel-condition,omitempty"`
	Strategy         string   `json:"live-channel-timeout-strategy,omitempty"`
	Channel          string   `json:"channel,omitempty"`
	// Request and Task are headers of this test: the id of a request, and what the device is to do with it.
	Request string `json:"soak-request,omitempty"`
	Task    string `json:"soak-task,omitempty"`
}

// farewell is how a session is left.
type farewell string

// The ways to leave.
const (
	politely farewell = "politely" // with a close frame
	silently farewell = "silently" // the connection is closed
	abruptly farewell = "abruptly" // the connection is reset
)

var farewells = []farewell{politely, silently, abruptly}

// session is a WebSocket session.
type session struct {
	ws   *websocket.Conn
	tcp  *net.TCPConn
	left atomic.Bool
	// write sends a text, whatever else is over by then.
	write func(text string) error
}

// newClient returns what connects. It keeps no connections.
func newClient() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if into, ok := ctx.Value(dialled{}).(*net.Conn); ok {
				*into = conn
			}
			return conn, err
		},
	}}
}

// dialled is where in a context the connection is put that is made for it.
type dialled struct{}

// dial opens a session that declares a label, unless it is empty.
func (w *world) dial(ctx context.Context, label string) (*session, error) {
	return w.dialAs(ctx, gatewaytest.User, label)
}

// dialAs is dial as another user.
func (w *world) dialAs(ctx context.Context, user, label string) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, *guard)
	defer cancel()
	var conn net.Conn
	credentials := base64.StdEncoding.EncodeToString([]byte(user + ":" + gatewaytest.Password))
	target := "ws://" + w.gateway.Address() + "/ws/2"
	if label != "" {
		target += "?declared-acks=" + url.QueryEscape(label)
	}
	ws, _, err := websocket.Dial(context.WithValue(ctx, dialled{}, &conn), target, &websocket.DialOptions{
		HTTPClient: w.client, HTTPHeader: http.Header{"Authorization": {"Basic " + credentials}},
	})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(-1)
	return &session{ws: ws, tcp: conn.(*net.TCPConn), write: func(text string) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), *guard)
		defer cancel()
		return ws.Write(ctx, websocket.MessageText, []byte(text))
	}}, nil
}

func (s *session) send(e *envelope) error {
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return s.write(string(text))
}

// receive returns the next frame.
func (s *session) receive(ctx context.Context) (*envelope, error) {
	_, text, err := s.ws.Read(ctx)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 || text[0] != '{' {
		return &envelope{control: string(text)}, nil
	}
	var e envelope
	if err := json.Unmarshal(text, &e); err != nil {
		return nil, fmt.Errorf("%w in %s", err, text)
	}
	return &e, nil
}

// leave ends the session.
func (s *session) leave(how farewell) {
	s.left.Store(true)
	switch how {
	case politely:
		_ = s.ws.Close(websocket.StatusNormalClosure, "")
	case abruptly:
		_ = s.tcp.SetLinger(0)
	}
	_ = s.ws.CloseNow()
}

// pause waits, or until the context is over.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
