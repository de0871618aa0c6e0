package nats

import (
	"bytes"
	"errors"
	"net"
	"strconv"
)

// Bounds of what a server may say, in bytes.
const (
	// maxMessage is how long a message may be, with its headers: servers can be told to take as much.
	maxMessage = 64 << 20
	// maxLine is how long a line may be; in some there are the addresses of all servers.
	maxLine = 1 << 20
)

var (
	errTooMuch   = errors.New("the server announces a message that is longer than any may be")
	errMalformed = errors.New("the server sends what no server may send")
)

// guard is a connection to a server that lets nothing through for which the library would take memory without bound: it makes room for a
// message as soon as its length is announced, whatever that is, and panics if there is no such number of bytes. It sees what is read
// without TLS.
type guard struct {
	net.Conn
	// ahead was read already.
	ahead []byte
	// line is the beginning of a line, of which the end was not read yet.
	line []byte
	// left is how much of a message was not read yet, with the end of its line.
	left int
}

// Read implements net.Conn.
func (g *guard) Read(b []byte) (int, error) {
	n, err := g.read(b)
	if err := g.check(b[:n]); err != nil {
		return 0, err
	}
	return n, err
}

func (g *guard) read(b []byte) (int, error) {
	if len(g.ahead) == 0 {
		return g.Conn.Read(b)
	}
	n := copy(b, g.ahead)
	g.ahead = g.ahead[n:]
	return n, nil
}

// check follows what is read.
func (g *guard) check(b []byte) error {
	for len(b) > 0 {
		var err error
		if g.left > 0 {
			b, err = g.pass(b)
		} else {
			b, err = g.take(b)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// pass passes over what belongs to a message, and returns the rest. The library takes whatever there is between a message and the end of
// its line: what both see would no longer be the same.
func (g *guard) pass(b []byte) ([]byte, error) {
	const end = "\n\r" // by how much is left after it
	n := min(len(b), max(g.left-len(end), 0))
	b, g.left = b[n:], g.left-n
	for len(b) > 0 && 0 < g.left && g.left <= len(end) {
		if b[0] != end[g.left-1] {
			return nil, errMalformed
		}
		b, g.left = b[1:], g.left-1
	}
	return b, nil
}

// take takes a line, or what there is of it, and returns the rest.
func (g *guard) take(b []byte) ([]byte, error) {
	line, rest, ok := bytes.Cut(b, []byte("\n"))
	if !ok {
		g.line = append(g.line, b...)
		if len(g.line) > maxLine {
			return nil, errMalformed
		}
		return nil, nil
	}
	if len(g.line) > 0 {
		line = append(g.line, line...)
		g.line = nil
	}
	return rest, g.begin(line)
}

// begin begins what follows a line: nothing, unless it announces a message.
func (g *guard) begin(line []byte) error {
	line, ok := bytes.CutSuffix(line, []byte("\r"))
	if !ok || bytes.IndexByte(line, '\r') >= 0 {
		return errMalformed
	}
	if len(line) == 0 || bytes.IndexByte([]byte("MmHh"), line[0]) < 0 {
		return nil
	}
	// Protocol rule: the last word is the length.
	length, err := strconv.ParseUint(string(line[bytes.LastIndexAny(line, " \t")+1:]), 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && length > maxMessage:
		return errTooMuch
	case err != nil:
		return errMalformed
	}
	g.left = int(length) + len("\r\n")
	return nil
}
