package wire

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// socket is the connection's TCP side, with the lock that keeps frames whole.
type socket struct {
	net.Conn
	early []byte // what the HTTP server had read; consumed by the first Read

	mu        sync.Mutex
	closeSent bool

	lastRead     atomic.Int64 // when bytes last arrived, Unix nanoseconds
	writingSince atomic.Int64 // when the write under way began, 0 if none is
}

// Read implements net.Conn.
func (s *socket) Read(p []byte) (int, error) {
	if len(s.early) > 0 {
		n := copy(p, s.early)
		s.early = s.early[n:]
		return n, nil
	}
	n, err := s.Conn.Read(p)
	if n > 0 {
		s.lastRead.Store(time.Now().UnixNano())
	}
	return n, err
}

// Write takes one control frame from the library.
func (s *socket) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closeSent {
		return len(p), nil
	}
	s.closeSent = len(p) > 0 && p[0] == finClose
	return s.Conn.Write(p)
}

// writeFrames writes whole frames, the last of which may be a close frame.
// After a close frame, whoever wrote it, it writes nothing.
func (s *socket) writeFrames(frames []byte, closing bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(closing); err != nil {
		return err
	}
	defer s.writingSince.Store(0)
	_, err := s.Conn.Write(frames)
	return err
}

// writeVector is writeFrames for frames that lie in several places.
func (s *socket) writeVector(frames net.Buffers, closing bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.begin(closing); err != nil {
		return err
	}
	defer s.writingSince.Store(0)
	_, err := frames.WriteTo(s.Conn)
	return err
}

func (s *socket) begin(closing bool) error {
	if s.closeSent {
		return net.ErrClosed
	}
	s.closeSent = closing
	s.writingSince.Store(time.Now().UnixNano())
	return nil
}
