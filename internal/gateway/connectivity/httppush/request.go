package httppush

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

var (
	errHeaderName  = errors.New("a header has a name that is none of HTTP")
	errHeaderValue = errors.New("a header has a value that HTTP cannot carry")
)

// request makes the request for a message, without credentials, and returns its body, too. Errors are what is wrong with the message.
func (c *client) request(ctx context.Context, m *external.Message) (*http.Request, []byte, error) {
	method, at, err := target(c.base, m)
	if err != nil {
		return nil, nil, err
	}
	header, err := headersOf(m)
	if err != nil {
		return nil, nil, err
	}
	request := (&http.Request{Method: method, URL: at, Host: hostOf(at), Header: header}).WithContext(ctx)
	if c.omitBody[method] || len(m.Payload) == 0 {
		header.Del("Content-Type")
		return request, nil, nil
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", typeOf(m.Payload))
	}
	request.ContentLength = int64(len(m.Payload))
	request.Body = io.NopCloser(bytes.NewReader(m.Payload))
	// For a connection that the other end closes while the request is sent over it.
	request.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(m.Payload)), nil }
	return request, m.Payload, nil
}

// hostOf returns what the header host says: the port only if it is not that of the scheme.
func hostOf(at *url.URL) string {
	switch {
	case at.Scheme == "https":
		return strings.TrimSuffix(at.Host, ":443")
	default:
		return strings.TrimSuffix(at.Host, ":80")
	}
}

func typeOf(payload []byte) string {
	if utf8.Valid(payload) {
		return "text/plain; charset=UTF-8"
	}
	return "application/octet-stream"
}

// headersOf returns the headers of a message that are sent.
func headersOf(m *external.Message) (http.Header, error) {
	header := make(http.Header, len(m.Headers)+2)
	for name, value := range m.Headers {
		if isOurs(name) {
			continue
		}
		if !isToken(name) {
			return nil, errHeaderName
		}
		if !isValue(value) {
			return nil, fmt.Errorf("%w: %s", errHeaderValue, strings.ToLower(name))
		}
		header.Set(name, value)
	}
	if header.Get("User-Agent") == "" {
		header.Set("User-Agent", "twinway")
	}
	return header, nil
}

// isOurs reports whether a header is not for messages to set: it is about the connection, the host or the form of the body, or it says
// something to this package. RFC 9110, section 7.6.1.
func isOurs(name string) bool {
	switch strings.ToLower(name) {
	case headerPath, headerQuery,
		"host", "content-length", "transfer-encoding", "trailer", "te", "expect",
		"connection", "keep-alive", "upgrade", "proxy-connection", "proxy-authorization":
		return true
	}
	return false
}

// isToken reports whether a text can be the name of a header. RFC 9110, section 5.6.2.
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// isValue reports whether a text can be the value of a header. RFC 9110, section 5.5.
func isValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}
