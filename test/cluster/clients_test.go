package cluster

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// requestTimeout bounds what one client waits for.
const requestTimeout = 30 * time.Second

// session is a client's WebSocket.
type session struct {
	socket *websocket.Conn
	closed chan struct{} // when the last read has failed with err
	err    error
	frames chan []byte // what the gateway sent; the oldest is dropped
}

// dial opens a session.
func dial(ctx context.Context, address, user, password string) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	credentials := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	socket, _, err := websocket.Dial(ctx, "ws://"+address+"/ws/2", &websocket.DialOptions{
		HTTPHeader: http.Header{"Authorization": {"Basic " + credentials}},
	})
	if err != nil {
		return nil, err
	}
	s := &session{socket: socket, closed: make(chan struct{}), frames: make(chan []byte, 4)}
	go s.read(context.WithoutCancel(ctx))
	return s, nil
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
		select {
		case s.frames <- frame:
		default:
			<-s.frames
			s.frames <- frame
		}
	}
}

// command sends a command on a thing and returns the status of the answer.
func (s *session) command(action, thing, value string) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), requestTimeout)
	defer cancel()
	text := fmt.Sprintf(`{"topic":"e2e/%s/things/twin/commands/%s","headers":{"correlation-id":"c"},"path":"/"%s}`, thing, action, value)
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

// alive says whether the session still answers.
func (s *session) alive() bool {
	_, err := s.command("retrieve", "kept", "")
	return err == nil
}

// end returns the code with which the gateway closed the socket.
func (s *session) end(ctx context.Context) websocket.StatusCode {
	select {
	case <-s.closed:
		return websocket.CloseStatus(s.err)
	case <-ctx.Done():
		return 0
	}
}

func (s *session) close() { _ = s.socket.CloseNow() }

// mustDial opens a session, again and again until it is let in.
func mustDial(t *testing.T, address, user string) *session {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), guard)
	defer cancel()
	for {
		s, err := dial(ctx, address, user, "ditto")
		if err == nil {
			t.Cleanup(s.close)
			return s
		}
		if ctx.Err() != nil {
			t.Fatalf("%s never gets in at %s: %v", user, address, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// crowd opens many sessions.
func crowd(t *testing.T, address, user string, count int) []*session {
	t.Helper()
	const atOnce = 32
	sessions := make([]*session, count)
	errs := make([]error, count)
	var group sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range sessions {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			sessions[i], errs[i] = dial(context.Background(), address, user, "ditto")
		})
	}
	group.Wait()
	t.Cleanup(func() {
		for _, s := range sessions {
			if s != nil {
				s.close()
			}
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatalf("not all of %d clients get in: %v", count, err)
	}
	return sessions
}

// living counts the sessions that still answer.
func living(sessions []*session) int {
	alive := make(chan bool, len(sessions))
	for _, s := range sessions {
		go func() { alive <- s.alive() }()
	}
	count := 0
	for range sessions {
		if <-alive {
			count++
		}
	}
	return count
}
