package wire

import (
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// chunkSize is how much one system call takes of small messages that have
// arrived, in bytes.
const chunkSize = 4 << 10

// chunks are what sockets read into. A socket has one only while there is
// something in it that was not taken yet: an idle connection holds none.
var chunks = sync.Pool{New: func() any { return new([chunkSize]byte) }}

// input is what a socket has read and nobody has taken yet. It belongs to who
// reads the connection.
type input struct {
	raw    syscall.RawConn       // nil where reading cannot be awaited without a buffer
	arrive func(fd uintptr) bool // take, made once
	rest   []byte
	chunk  *[chunkSize]byte // what rest is in, nil if it is in something else
	err    error            // of what take has read
}

// from has the input come from a connection, by way of the system if it is a
// socket. TLS has a buffer of its own.
func (i *input) from(conn net.Conn) {
	if s, ok := conn.(syscall.Conn); ok && readsNow {
		i.raw, _ = s.SyscallConn() // nil with an error
		i.arrive = i.take
	}
}

// await waits until there is something, or an error.
func (i *input) await() error {
	if len(i.rest) > 0 {
		return nil
	}
	if err := i.raw.Read(i.arrive); err != nil {
		return err
	}
	return i.err
}

// take takes what has arrived from the system without waiting, and reports
// whether there was something, the end or an error among that.
func (i *input) take(fd uintptr) bool {
	chunk := chunks.Get().(*[chunkSize]byte)
	n, later, err := readNow(fd, chunk[:])
	if n > 0 {
		i.chunk, i.rest = chunk, chunk[:n]
		return true
	}
	chunks.Put(chunk)
	switch {
	case later:
		return false
	case err == nil:
		i.err = io.EOF
	default:
		i.err = &net.OpError{Op: "read", Net: "tcp", Err: err}
	}
	return true
}

// copy moves the first of what there is to p.
func (i *input) copy(p []byte) int {
	n := copy(p, i.rest)
	i.drop(n)
	return n
}

// drop gives up the first n bytes of what there is, and the chunk with the last.
func (i *input) drop(n int) {
	i.rest = i.rest[n:]
	if len(i.rest) > 0 {
		return
	}
	i.rest = nil
	if i.chunk != nil {
		chunks.Put(i.chunk)
		i.chunk = nil
	}
}

// skipPongs gives up whole pong frames that are the first of what there is, and
// reports whether nothing else was there.
func (i *input) skipPongs() bool {
	for n := pongSize(i.rest); n > 0; n = pongSize(i.rest) {
		i.drop(n)
		if len(i.rest) == 0 {
			return true
		}
	}
	return false
}

// await waits until Read has something to return, or an error: without a buffer,
// and with little on the stack, which is most of what an idle connection costs.
// Where that cannot be had it returns at once.
func (s *socket) await() error {
	if s.in.raw == nil || len(s.in.rest) > 0 {
		return nil
	}
	err := s.in.await()
	if err == nil {
		s.lastRead.Store(time.Now().UnixNano())
	}
	return err
}

// Read implements net.Conn. Small pieces come out of a chunk.
func (s *socket) Read(p []byte) (int, error) {
	if len(s.in.rest) == 0 && (s.in.raw == nil || len(p) >= chunkSize) {
		n, err := s.Conn.Read(p)
		if n > 0 {
			s.lastRead.Store(time.Now().UnixNano())
		}
		return n, err
	}
	if err := s.await(); err != nil {
		return 0, err
	}
	return s.in.copy(p), nil
}
