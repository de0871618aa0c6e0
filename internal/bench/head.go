package bench

import (
	"bytes"
	"fmt"
	"strconv"
)

// head is what matters of the head of an answer over HTTP/1.1.
type head struct {
	status  int
	length  int    // of the body, -1 if it is not said
	chunked bool   // the body says it itself
	close   bool   // no other answer follows on this connection
	accept  string // the answer to the key of a handshake
}

// readHead reads the head of an answer. Those that only announce another one are passed over.
func (l *link) readHead() (head, error) {
	for {
		h, err := l.readOneHead()
		if err != nil || h.status == 101 || h.status >= 200 {
			return h, err
		}
	}
}

func (l *link) readOneHead() (head, error) {
	line, err := l.in.ReadSlice('\n')
	if err != nil {
		return head{}, unexpected(err)
	}
	const before = len("HTTP/1.1 ")
	if len(line) < before+3 || !bytes.HasPrefix(line, []byte("HTTP/1.")) {
		return head{}, fmt.Errorf("%.40q is no answer of HTTP/1.1", line)
	}
	h := head{length: -1, close: line[before-2] == '0'}
	if h.status, err = strconv.Atoi(string(line[before : before+3])); err != nil {
		return head{}, fmt.Errorf("%.40q has no status", line)
	}
	for {
		line, err := l.in.ReadSlice('\n')
		if err != nil {
			return head{}, unexpected(err)
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			return h, nil
		}
		if err := h.add(line); err != nil {
			return head{}, err
		}
	}
}

// add takes what matters from a line.
func (h *head) add(line []byte) (err error) {
	name, value, _ := bytes.Cut(line, []byte{':'})
	value = bytes.TrimSpace(value)
	switch len(name) {
	case len("connection"):
		if bytes.EqualFold(name, []byte("connection")) {
			h.close = h.closes(value)
		}
	case len("content-length"):
		if bytes.EqualFold(name, []byte("content-length")) {
			if h.length, err = strconv.Atoi(string(value)); err != nil || h.length < 0 || h.length > maxMessage {
				return fmt.Errorf("an answer of %.20q bytes", value)
			}
		}
	case len("transfer-encoding"):
		if bytes.EqualFold(name, []byte("transfer-encoding")) {
			h.chunked = true
		}
	case len("sec-websocket-accept"):
		if bytes.EqualFold(name, []byte("sec-websocket-accept")) {
			h.accept = string(value)
		}
	}
	return nil
}

// closes reports whether the connection ends behind the answer, given the options of it (RFC 9112 section 9.3).
func (h *head) closes(options []byte) bool {
	for option := range bytes.SplitSeq(options, []byte{','}) {
		switch option = bytes.TrimSpace(option); {
		case bytes.EqualFold(option, []byte("close")):
			return true
		case bytes.EqualFold(option, []byte("keep-alive")):
			return false
		}
	}
	return h.close
}

// body reads the body behind a head. It is valid until the next read.
func (l *link) body(h head) ([]byte, error) {
	switch {
	case h.status == 204 || h.status == 304:
		return nil, nil
	case h.chunked:
		return l.chunks()
	case h.length < 0:
		return nil, fmt.Errorf("an answer with status %d does not say how long it is", h.status)
	}
	return l.take(h.length)
}

// chunks reads a body in parts (RFC 9112 section 7.1).
func (l *link) chunks() ([]byte, error) {
	var all []byte
	for {
		line, err := l.in.ReadSlice('\n')
		if err != nil {
			return nil, unexpected(err)
		}
		size, _, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte{';'})
		n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 32)
		if err != nil || int(n)+len(all) > maxMessage {
			return nil, fmt.Errorf("%.20q is not how long a part may be", size)
		}
		if n == 0 {
			return all, l.skipTrailer()
		}
		part, err := l.take(int(n))
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
		if _, err := l.take(len("\r\n")); err != nil {
			return nil, err
		}
	}
}

// skipTrailer passes over what stands behind the last part of a body.
func (l *link) skipTrailer() error {
	for {
		line, err := l.in.ReadSlice('\n')
		if err != nil {
			return unexpected(err)
		}
		if len(bytes.TrimRight(line, "\r\n")) == 0 {
			return nil
		}
	}
}
