package operator_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

// session is a client's WebSocket.
type session struct {
	socket *websocket.Conn
	closed chan struct{} // when the last read has failed with err
	err    error
	frames chan []byte
}

// dial opens a session of a user whose password is "ditto".
func dial(ctx context.Context, address, user string) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, guard)
	defer cancel()
	credentials := base64.StdEncoding.EncodeToString([]byte(user + ":ditto"))
	socket, response, err := websocket.Dial(ctx, "ws://"+address+"/ws/2", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Basic " + credentials}},
	})
	if err != nil {
		return nil, errors.Join(err, statusError(response))
	}
	s := &session{socket: socket, closed: make(chan struct{}), frames: make(chan []byte, 1)}
	go s.read(context.WithoutCancel(ctx))
	return s, nil
}

func statusError(response *http.Response) error {
	if response == nil {
		return nil
	}
	return fmt.Errorf("answered %d", response.StatusCode)
}

// read ends with the socket.
func (s *session) read(ctx context.Context) {
	defer close(s.closed)
	for {
		_, frame, err := s.socket.Read(ctx)
		if err != nil {
			s.err = err
			return
		}
		s.frames <- frame
	}
}

// command sends a command on a thing and returns the status of the answer.
func (s *session) command(action, thing, value string) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	text := fmt.Sprintf(`{"topic":"test/%s/things/twin/commands/%s","headers":{"correlation-id":"c"},"path":"/"%s}`, thing, action, value)
	if err := s.socket.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		return 0, err
	}
	select {
	case frame := <-s.frames:
		var answer struct{ Status int }
		err := json.Unmarshal(frame, &answer)
		return answer.Status, err
	case <-s.closed:
		return 0, s.err
	case <-ctx.Done():
		return 0, errors.New("no answer")
	}
}

// session opens a session with a pod, again and again until it is let in. It is
// closed with the test.
func (w *world) session(pod, user string) *session {
	w.Helper()
	for end := time.Now().Add(guard); ; time.Sleep(poll) {
		s, err := dial(w.ctx, w.pods.Address(w, pod, "clients"), user)
		if err == nil {
			w.Cleanup(func() { _ = s.socket.CloseNow() })
			return s
		}
		if time.Now().After(end) {
			w.Fatalf("%s never gets in: %v", user, err)
		}
	}
}

// mustBeOpen checks that a session still answers.
func (w *world) mustBeOpen(s *session) {
	w.Helper()
	if _, err := s.command("retrieve", "none", ""); err != nil {
		w.Fatalf("the session does not answer any more: %v", err)
	}
}

// mustAnswer checks how a command is answered.
func (w *world) mustAnswer(s *session, status int, action, thing, value string) {
	w.Helper()
	if got, err := s.command(action, thing, value); got != status {
		w.Fatalf("%s of %s is answered %d, %v, not %d", action, thing, got, err, status)
	}
}

// code returns with what the gateway closed a session.
func (w *world) code(s *session) websocket.StatusCode {
	w.Helper()
	select {
	case <-s.closed:
		return websocket.CloseStatus(s.err)
	case <-time.After(guard):
		w.Fatal("the session is not closed")
		return 0
	}
}
