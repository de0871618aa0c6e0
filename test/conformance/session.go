package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coder/websocket"
)

const (
	// patience is how long a frame that has to come may take. Nothing waits for it when all is well.
	patience = 10 * time.Second
	// maxFrame bounds what is read from the server, in bytes.
	maxFrame = 16 << 20
	// backlog is how many frames a session takes before a scenario asks for them.
	backlog = 4096
)

var errPatience = errors.New("no frame came")

// frame is what a session received: a message, or the error that ended the connection.
type frame struct {
	text   []byte
	binary bool
	err    error
}

// session is one WebSocket connection of a scenario. Its reader goroutine ends with the connection.
type session struct {
	conn   *websocket.Conn
	frames chan frame
	gone   bool   // closed by either side, and the scenario said so
	entity string // addressed last; see entityOf
}

// refusal is the HTTP answer to a handshake that failed.
type refusal struct {
	status int
	body   []byte
}

// dial opens a session; a refused handshake is returned as refusal.
func dial(ctx context.Context, url string, header http.Header) (*session, *refusal, error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, response, err := websocket.Dial(limited, url, &websocket.DialOptions{HTTPHeader: header})
	if err != nil && response != nil && response.StatusCode != http.StatusSwitchingProtocols {
		body, readErr := io.ReadAll(response.Body)
		return nil, &refusal{response.StatusCode, body}, readErr
	}
	if err != nil {
		return nil, nil, err
	}
	conn.SetReadLimit(maxFrame)
	s := &session{conn: conn, frames: make(chan frame, backlog)}
	go s.receive(ctx)
	return s, nil, nil
}

// receive passes on what comes, up to and including the error that ends the connection.
func (s *session) receive(ctx context.Context) {
	for {
		kind, text, err := s.conn.Read(ctx)
		select {
		case s.frames <- frame{text, kind == websocket.MessageBinary, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// send writes one frame.
func (s *session) send(ctx context.Context, text string, binary bool) error {
	kind := websocket.MessageText
	if binary {
		kind = websocket.MessageBinary
	}
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := s.conn.Write(limited, kind, []byte(text)); err != nil {
		return fmt.Errorf("could not send: %w", err)
	}
	return nil
}

// next returns the next frame that is not ignored.
func (s *session) next(ctx context.Context, ignore func([]byte) bool) (frame, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case f := <-s.frames:
			if f.err != nil || f.binary || !ignore(f.text) {
				return f, nil
			}
		case <-timer.C:
			return frame{}, errPatience
		case <-ctx.Done():
			return frame{}, ctx.Err()
		}
	}
}

// leave closes the connection with the closing handshake.
func (s *session) leave() error {
	if s.gone {
		return nil
	}
	s.gone = true
	return s.conn.Close(websocket.StatusNormalClosure, "")
}
