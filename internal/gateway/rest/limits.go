package rest

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Bounds of what is around a body. What is far beyond them is refused by the HTTP server itself, and not in the words of the
// protocol.
const (
	maxURI         = 8 << 10
	maxHeaders     = 64
	maxHeaderName  = 64
	maxHeaderValue = 16 << 10
	// maxCommandHeaders is how many bytes the headers of a command may have, as for those of a session.
	maxCommandHeaders = 5 << 10
)

// bodyPatience is how long a body may take to come.
const bodyPatience = time.Minute

// oversized returns what of a request is too much, whoever sends it.
func oversized(r *http.Request) *protocol.Error {
	if len(r.RequestURI) > maxURI {
		return protocol.ErrURITooLong(maxURI)
	}
	count := 0
	for name, values := range r.Header {
		if count += len(values); len(name) > maxHeaderName {
			return protocol.ErrHeadersTooLarge("The name of a header may have " + strconv.Itoa(maxHeaderName) + " bytes.")
		}
		for _, value := range values {
			if len(value) > maxHeaderValue {
				return protocol.ErrHeadersTooLarge("The value of a header may have " + strconv.Itoa(maxHeaderValue) + " bytes.")
			}
		}
	}
	if count > maxHeaders {
		return protocol.ErrHeadersTooLarge("There may be " + strconv.Itoa(maxHeaders) + " headers.")
	}
	return nil
}

// checkHeaders checks how large the headers of commands are.
func checkHeaders(h *protocol.Headers) *protocol.Error {
	if size := h.Size(); size > maxCommandHeaders {
		return protocol.ErrHeadersTooLarge("Those of a command may have " + strconv.Itoa(maxCommandHeaders) + " bytes, and have " + strconv.Itoa(size) + ".")
	}
	return nil
}

// checkEncoding checks that a body comes as it is: what it unpacks to would have to be bounded as well.
func checkEncoding(r *http.Request) *protocol.Error {
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return protocol.ErrContentEncodingUnsupported(encoding)
	}
	return nil
}

// unreadPatience is how long the rest of a body may take to come that nobody reads, behind which the answer is sent.
const unreadPatience = 5 * time.Second

// expect sees to it that a body comes in time, or not at all. It returns that body, nil if there is none.
func expect(w http.ResponseWriter, r *http.Request) *expected {
	if r.Body == nil || r.Body == http.NoBody {
		return nil
	}
	control := http.NewResponseController(w)
	until := time.Now().Add(bodyPatience)
	// The client may be told to go on, behind an answer to an earlier request that had a time of its own.
	_ = control.SetWriteDeadline(until)
	if control.SetReadDeadline(until) != nil {
		return nil
	}
	body := &expected{ReadCloser: r.Body, control: control}
	r.Body = body
	return body
}

// expected is a body that must come in time. When it is there, the server watches whether the client leaves, for as long as the
// answer takes.
type expected struct {
	io.ReadCloser
	control *http.ResponseController
	ended   bool
}

// leave leaves what was not read of the body to the HTTP server, before an answer is sent. It looks at what the body is: it does not
// wait for a large one, nor for one that the client only sends when it is told to go on, and passes over others first.
func (b *expected) leave(r *http.Request) {
	if b == nil || b.ended {
		return
	}
	r.Body = b.ReadCloser
	_ = b.control.SetReadDeadline(time.Now().Add(unreadPatience))
}

// Read implements io.Reader.
func (b *expected) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.ended = true
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
