package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// script is a connection whose other side says what is given, and hears what is sent.
type script struct {
	net.Conn
	says  io.Reader
	heard bytes.Buffer
}

func (s *script) Read(p []byte) (int, error)  { return s.says.Read(p) }
func (s *script) Write(p []byte) (int, error) { return s.heard.Write(p) }
func (*script) SetDeadline(time.Time) error   { return nil }

func newScript(says ...[]byte) *script { return &script{says: bytes.NewReader(slices.Concat(says...))} }

func unmasked(first byte, payload string) []byte {
	n := len(payload)
	switch {
	case n < 126:
		return append([]byte{first, byte(n)}, payload...)
	case n < 1<<16:
		return append([]byte{first, 126, byte(n >> 8), byte(n)}, payload...)
	}
	return append([]byte{first, 127, 0, 0, 0, 0, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, payload...)
}

// Messages come whole, whatever frames they are in, and between pings.
func TestMessages(t *testing.T) {
	long, longer := strings.Repeat("l", 1000), strings.Repeat("x", 70_000)
	for name, test := range map[string]struct {
		says  [][]byte
		want  []string
		fails string
		pongs string
	}{
		"short, long and longer": {says: [][]byte{unmasked(0x81, "a"), unmasked(0x81, long), unmasked(0x81, longer), unmasked(0x82, "b")}, want: []string{"a", long, longer, "b"}},
		"empty":                  {says: [][]byte{unmasked(0x81, "")}, want: []string{""}},
		"fragments":              {says: [][]byte{unmasked(0x01, "a"), unmasked(0x00, long), unmasked(0x80, "c"), unmasked(0x81, "d")}, want: []string{"a" + long + "c", "d"}},
		"a ping":                 {says: [][]byte{unmasked(0x89, "p"), unmasked(0x81, "a")}, want: []string{"a"}, pongs: "\x8a\x81\x00\x00\x00\x00p"},
		"a ping in between":      {says: [][]byte{unmasked(0x01, "a"), unmasked(0x89, ""), unmasked(0x80, "b")}, want: []string{"ab"}, pongs: "\x8a\x80\x00\x00\x00\x00"},
		"a pong":                 {says: [][]byte{unmasked(0x8A, "p"), unmasked(0x81, "a")}, want: []string{"a"}},
		"closed":                 {says: [][]byte{unmasked(0x88, "\x03\xf0why")}, fails: "closed with 1008: why"},
		"closed for no reason":   {says: [][]byte{unmasked(0x88, "")}, fails: "without a reason"},
		"compressed":             {says: [][]byte{unmasked(0xC1, "a")}, fails: "extended"},
		"masked":                 {says: [][]byte{{0x81, 0x81, 0, 0, 0, 0, 'a'}}, fails: "masked"},
		"no beginning":           {says: [][]byte{unmasked(0x80, "a")}, fails: "out of order"},
		"no end":                 {says: [][]byte{unmasked(0x01, "a"), unmasked(0x81, "b")}, fails: "out of order"},
		"unknown":                {says: [][]byte{unmasked(0x83, "a")}, fails: "opcode 3"},
		"too long":               {says: [][]byte{{0x81, 127, 0xFF, 0, 0, 0, 0, 0, 0, 0}}, fails: "more than"},
		"cut in the head":        {says: [][]byte{{0x81}}, fails: io.ErrUnexpectedEOF.Error()},
		"cut in the payload":     {says: [][]byte{{0x81, 5, 'a'}}, fails: io.ErrUnexpectedEOF.Error()},
		"nothing":                {fails: io.ErrUnexpectedEOF.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			conn := newScript(test.says...)
			s := &session{newLink(conn, 64)}
			for _, want := range test.want {
				got, err := s.next()
				if err != nil || string(got) != want {
					t.Fatalf("%.50q %v, want %.50q", got, err, want)
				}
			}
			if test.fails != "" {
				if got, err := s.next(); err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("%.50q %v, want an error with %q", got, err, test.fails)
				}
			}
			if got := conn.heard.String(); got != test.pongs {
				t.Errorf("sent %q, want %q", got, test.pongs)
			}
		})
	}
}

func TestFrames(t *testing.T) {
	for n, head := range map[int]string{
		0: "\x81\x80", 125: "\x81\xfd", 126: "\x81\xfe\x00\x7e", 65535: "\x81\xfe\xff\xff", 65536: "\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00",
	} {
		payload := bytes.Repeat([]byte{'p'}, n)
		want := head + "\x00\x00\x00\x00" + string(payload)
		if got := appendFrame(nil, opText, payload); string(got) != want {
			t.Errorf("%d bytes begin with %q, want %q", n, got[:min(len(got), 14)], head)
		}
	}
}

// What may be sent later is sent before a read has to wait, together.
func TestKeptBack(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	s := &session{newLink(ours, 64)}
	for _, text := range []string{"a", "b"} {
		if err := s.send([]byte(text), true); err != nil {
			t.Fatal(err)
		}
	}
	go func() { _, _ = s.next() }()
	b := make([]byte, 100)
	n, err := theirs.Read(b)
	if want := "\x81\x81\x00\x00\x00\x00a\x81\x81\x00\x00\x00\x00b"; err != nil || string(b[:n]) != want {
		t.Errorf("%q %v, want %q", b[:n], err, want)
	}
}

func TestAnswersOverHTTP(t *testing.T) {
	for name, test := range map[string]struct {
		says, body string
		status     int
		fails      string
	}{
		"a length":       {says: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX: y\r\n\r\n{}", status: 200, body: "{}"},
		"a long body":    {says: "HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n" + strings.Repeat("b", 300), status: 200, body: strings.Repeat("b", 300)},
		"nothing":        {says: "HTTP/1.1 204 No Content\r\n\r\n", status: 204},
		"parts":          {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n02;x=y\r\nde\r\n0\r\nX: y\r\n\r\n", status: 200, body: "abcde"},
		"in a moment":    {says: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nn", status: 404, body: "n"},
		"without an end": {says: "HTTP/1.1 200 OK\r\n\r\nabc", status: 200, fails: "does not say how long"},
		"cut":            {says: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", status: 200, fails: io.ErrUnexpectedEOF.Error()},
		"a bad length":   {says: "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc", fails: `"-5" bytes`},
		"much too long":  {says: "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nabc", fails: "bytes"},
		"bad parts":      {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", status: 200, fails: "how long a part"},
		"huge parts":     {says: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n", status: 200, fails: "how long a part"},
		"something else": {says: "SSH-2.0-OpenSSH\r\n", fails: "no answer of HTTP/1.1"},
		"no status":      {says: "HTTP/1.1 abc\r\n\r\n", fails: "no status"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLink(newScript([]byte(test.says)), 64)
			h, err := l.readHead()
			var body []byte
			if err == nil {
				body, err = l.body(h)
			}
			if test.fails != "" {
				if err == nil || !strings.Contains(err.Error(), test.fails) {
					t.Errorf("%v, want an error with %q", err, test.fails)
				}
				return
			}
			if err != nil || h.status != test.status || string(body) != test.body {
				t.Errorf("%d %q %v, want %d %q", h.status, body, err, test.status, test.body)
			}
		})
	}
}

func TestHandshake(t *testing.T) {
	for name, test := range map[string]struct{ says, fails string }{
		"accepted":     {"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: " + accepted + "\r\n\r\n", ""},
		"refused":      {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\nwho", "answered 401: who"},
		"another key":  {"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\n\r\n", "knows no WebSocket"},
		"no HTTP":      {"hello\r\n", "no answer of HTTP/1.1"},
		"it is silent": {"", io.ErrUnexpectedEOF.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			e, err := NewEndpoint("http://h", Credentials{User: "a"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = e.shakeHands(newLink(newScript([]byte(test.says)), 64))
			if test.fails == "" && err != nil || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
				t.Errorf("%v, want %q", err, test.fails)
			}
		})
	}
	if got := whyRefused(fmt.Errorf("x: %w", &refused{status: 503})); got != "refused with 503" {
		t.Errorf("it is told as %q", got)
	}
}
