package wire

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// socket is the connection's TCP side, with the lock that keeps frames whole.
type socket struct {
	net.Conn
	in input

	mu        sync.Mutex
	closeSent atomic.Bool // set under mu, before the frame goes out

	lastRead     atomic.Int64 // when bytes last arrived, Unix nanoseconds
	writingSince atomic.Int64 // when the write under way began, 0 if none is
}

// Write takes one control frame from the library.
func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closeSent.Load() {
		return len(p), nil
	}
	s.closeSent.Store(len(p) > 0 && p[0] == finClose)
	return s.Conn.Write(p)
}

// Close implements net.Conn. Over TLS it says nothing of it to the peer, to whom
// the close frame said more: saying it could wait for a peer that takes nothing.
func (s *socket) Close() error {
	if c, ok := s.Conn.(*tls.Conn); ok {
		_ = c.NetConn().Close()
	}
	return s.Conn.Close()
}

// piece is how much is written between two signs of progress, in bytes.
const piece = 256 << 10

// writeFrames writes whole frames, the last of which may be a close frame.
// After a close frame, whoever wrote it, it writes nothing.
func (s *socket) writeFrames(frames net.Buffers, closing bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closeSent.Load() {
		return net.ErrClosed
	}
	s.closeSent.Store(closing)
	defer s.writingSince.Store(0)
	for len(frames) > 0 {
		s.writingSince.Store(time.Now().UnixNano())
		var next net.Buffers
		if next, frames = cutPiece(frames); len(next) == 1 {
			if _, err := s.Conn.Write(next[0]); err != nil {
				return err
			}
		} else if _, err := next.WriteTo(s.Conn); err != nil {
			return err
		}
	}
	return nil
}

// cutPiece splits frames behind about a piece. It does not modify them.
func cutPiece(frames net.Buffers) (next, rest net.Buffers) {
	size := 0
	for i, f := range frames {
		if size+len(f) <= piece {
			size += len(f)
			continue
		}
		if i > 0 {
			return frames[:i:i], frames[i:]
		}
		rest = append(net.Buffers{f[piece:]}, frames[1:]...)
		return net.Buffers{f[:piece]}, rest
	}
	return frames, nil
}
