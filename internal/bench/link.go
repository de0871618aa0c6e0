package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Sizes of the buffers that links read into. Busy ones are read with few calls, and of those that mostly wait there are many.
const (
	busy    = 64 << 10
	waiting = 4 << 10
)

// link is a connection. What is kept back when writing goes out, at the latest, before a read has to wait.
type link struct {
	conn net.Conn
	in   *bufio.Reader
	// large is the last part that was longer than the buffer.
	large []byte

	mu   sync.Mutex
	out  []byte
	kept atomic.Bool // something is in out
}

func newLink(conn net.Conn, buffer int) *link {
	l := &link{conn: conn}
	l.in = bufio.NewReaderSize(flushing{l}, buffer)
	return l
}

// flushing reads from the connection of a link when nothing is kept back.
type flushing struct{ *link }

func (f flushing) Read(p []byte) (int, error) {
	if f.kept.Load() {
		if err := f.flush(); err != nil {
			return 0, err
		}
	}
	return f.conn.Read(p)
}

// enough is how much is kept back at most, more or less.
const enough = 16 << 10

// write appends what add does to what is written; with later it may be kept back.
func (l *link) write(later bool, add func(b []byte) []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = add(l.out)
	if later && len(l.out) < enough {
		l.kept.Store(true)
		return nil
	}
	return l.flushLocked()
}

func (l *link) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flushLocked()
}

func (l *link) flushLocked() error {
	l.kept.Store(false)
	if len(l.out) == 0 {
		return nil
	}
	_, err := l.conn.Write(l.out)
	l.out = l.out[:0]
	return err
}

// take reads n bytes, which are valid until the next read.
func (l *link) take(n int) ([]byte, error) {
	if n > l.in.Size() {
		return l.takeLarge(n)
	}
	b, err := l.in.Peek(n)
	if err != nil {
		return nil, unexpected(err)
	}
	_, err = l.in.Discard(n)
	return b, err
}

func (l *link) takeLarge(n int) ([]byte, error) {
	if cap(l.large) < n {
		l.large = make([]byte, n)
	}
	l.large = l.large[:n]
	_, err := io.ReadFull(l.in, l.large)
	return l.large, unexpected(err)
}

// unexpected says that it is not the end of anything where the other side has gone.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// patience is how long an endpoint may take to answer when connections and sessions are opened.
const patience = 30 * time.Second

// within does something with the connection for which there is patience, and no longer than the context lives.
func (l *link) within(ctx context.Context, do func() error) error {
	if err := l.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = l.conn.SetDeadline(time.Unix(1, 0)) })
	err := do()
	switch {
	case !stop():
		return context.Cause(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("there is no answer after %v: %w", patience, err)
	case err != nil:
		return err
	}
	return l.conn.SetDeadline(time.Time{})
}

// Close implements Lane, for those that are links. It may be called more than once.
func (l *link) Close() error { return l.conn.Close() }
