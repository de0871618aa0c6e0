package wire

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// frameOf returns a frame of a client whose mask changes nothing.
func frameOf(first byte, payload string) []byte {
	f := appendHeader(nil, first, len(payload))
	f[1] |= masked
	return append(append(f, 0, 0, 0, 0), payload...)
}

// arrived returns an input that holds data in a chunk.
func arrived(data []byte) *input {
	chunk := chunks.Get().(*[chunkSize]byte)
	return &input{chunk: chunk, rest: chunk[:copy(chunk[:], data)]}
}

func TestPongsAreSkipped(t *testing.T) {
	empty, full := frameOf(finPong, ""), frameOf(finPong, strings.Repeat("x", 125))
	message := frameOf(finText, "hello")
	for name, test := range map[string]struct {
		data, rest []byte
	}{
		"one":                       {empty, nil},
		"of every size, in a row":   {slices.Concat(empty, full, empty), nil},
		"before a message":          {slices.Concat(full, empty, message), message},
		"behind a message":          {slices.Concat(message, empty), slices.Concat(message, empty)},
		"the first is not complete": {full[:len(full)-1], full[:len(full)-1]},
		"the last is not complete":  {slices.Concat(empty, full[:7]), full[:7]},
		"one byte":                  {empty[:1], empty[:1]},
		"without a mask":            {[]byte{finPong, 0, 0, 0, 0, 0}, []byte{finPong, 0, 0, 0, 0, 0}},
		"too long":                  {frameOf(finPong, strings.Repeat("x", 126)), frameOf(finPong, strings.Repeat("x", 126))},
		"fragmented":                {frameOf(finPong&^0x80, ""), frameOf(finPong&^0x80, "")},
		"with a reserved bit":       {frameOf(finPong|0x40, ""), frameOf(finPong|0x40, "")},
		"a ping":                    {frameOf(finPing, "x"), frameOf(finPing, "x")},
		"nothing":                   {nil, nil},
	} {
		i := arrived(test.data)
		only := i.skipPongs()
		if !bytes.Equal(i.rest, test.rest) || only != (len(test.rest) == 0 && len(test.data) > 0) {
			t.Errorf("%s: %x is left, and nothing else was there: %v; want %x", name, i.rest, only, test.rest)
		}
		if only && i.chunk != nil {
			t.Errorf("%s: the chunk is kept", name)
		}
	}
}

// What is wrong with a pong is for the library to say.
func TestBadPongEndsTheConnection(t *testing.T) {
	for name, frame := range map[string][]byte{
		"fragmented": frameOf(finPong&^0x80, ""), "reserved bit": frameOf(finPong|0x40, ""),
		"too long": frameOf(finPong, strings.Repeat("x", 126)), "no mask": {finPong, 0},
	} {
		c, peer := silent(t, roomy())
		if _, err := c.ReadText(); err != nil { // what came with the handshake
			t.Fatal(err)
		}
		go func() { _, _ = peer.Write(append(frame, frameOf(finText, "behind")...)) }()
		if text, err := c.ReadText(); err == nil {
			t.Errorf("%s: read %q behind it", name, text)
		}
	}
}

// Frames are the same whatever pieces they arrive in.
func TestFramesArriveInPieces(t *testing.T) {
	fragments := slices.Concat(frameOf(0x01, "o"), frameOf(finPong, "between"), frameOf(0x80, "ne"))
	big := strings.Repeat("big", chunkSize)
	stream := slices.Concat(frameOf(finPong, ""), fragments, frameOf(finPong, "x"), frameOf(finPong, "y"), frameOf(finText, ""),
		frameOf(finText, strings.Repeat("z", 200)), frameOf(finText, big), frameOf(finPing, "p"), frameOf(finText, "last"))
	for _, size := range []int{1, 2, 3, 7, 15, 16, 17, 100, chunkSize - 1, chunkSize, chunkSize + 1, len(stream)} {
		c, peer := silent(t, roomy())
		go func() {
			for piece := range slices.Chunk(stream, size) {
				if _, err := peer.Write(piece); err != nil {
					return
				}
				runtime.Gosched()
			}
		}()
		for _, want := range []string{"early", "one", "", strings.Repeat("z", 200), big, "last"} {
			if got, err := c.ReadText(); err != nil || string(got) != want {
				t.Fatalf("in pieces of %d: got %.20q (%d bytes), %v; want %.20q", size, got, len(got), err, want)
			}
		}
	}
}

// Many messages that arrive at once are in one chunk; who reads one of them
// leaves the others where they are.
func TestIdleConnectionHoldsNoBuffer(t *testing.T) {
	c, peer := silent(t, roomy())
	if _, err := c.ReadText(); err != nil { // what came with the handshake
		t.Fatal(err)
	}
	const n = 20
	if _, err := peer.Write(bytes.Repeat(frameOf(finText, strings.Repeat("m", 50)), n)); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if text, err := c.ReadText(); err != nil || len(text) != 50 {
			t.Fatalf("message %d: %q, %v", i, text, err)
		}
	}
	if c.socket.in.raw == nil || c.socket.in.chunk != nil || c.reader.Size() != readBuffer {
		t.Errorf("a connection without anything to read holds a chunk: %v, and a buffer of %d bytes", c.socket.in.chunk != nil, c.reader.Size())
	}
}

// pretending is a connection of a kind that is not known.
type pretending struct{ net.Conn }

func TestConnectionOfAnotherKindIsReadThroughABuffer(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()
	s := &socket{Conn: pretending{ours}}
	s.in.from(s.Conn)
	if got := s.readerSize(); got != plainBuffer {
		t.Errorf("the buffer has %d bytes", got)
	}
	go func() { _, _ = theirs.Write([]byte("hello")) }()
	if err := s.await(); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 10)
	if n, err := s.Read(b); err != nil || string(b[:n]) != "hello" || s.lastRead.Load() == 0 {
		t.Errorf("read %q, %v, at %d", b[:n], err, s.lastRead.Load())
	}
}

// What the library has in its buffer is neither waited for nor looked at.
func TestWhatTheLibraryHasIsNotAwaited(t *testing.T) {
	likeAPong := "?" + string(frameOf(finPong, ""))
	for _, texts := range [][]string{{"a", "b"}, {"abc", likeAPong}, {"", "", "", "", "", ""}} {
		c, peer := silent(t, roomy())
		if _, err := c.ReadText(); err != nil { // what came with the handshake
			t.Fatal(err)
		}
		var frames []byte
		for _, text := range texts {
			frames = append(frames, frameOf(finText, text)...)
		}
		if _, err := peer.Write(frames); err != nil {
			t.Fatal(err)
		}
		for _, want := range texts {
			if got, err := c.ReadText(); err != nil || string(got) != want {
				t.Fatalf("of %q: got %q, %v; want %q", texts, got, err, want)
			}
		}
	}
}

func TestEndOfInputIsTold(t *testing.T) {
	c, peer := silent(t, roomy())
	if _, err := c.ReadText(); err != nil { // what came with the handshake
		t.Fatal(err)
	}
	if err := peer.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ReadText(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
}

func TestAbortEndsAWaitForInput(t *testing.T) {
	c, _ := silent(t, roomy())
	if _, err := c.ReadText(); err != nil { // what came with the handshake
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { _, err := c.ReadText(); ended <- err }()
	c.Abort()
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got %v", err)
	}
}
