package httppush

import (
	"errors"
	"net/url"
	"strings"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
)

// maxTarget is how long path and query of a request may be, in bytes and encoded.
const maxTarget = 8 << 10

// Headers of a message that say something of its request, and are not sent.
const (
	headerPath  = "http.path"
	headerQuery = "http.query"
)

var (
	errMethod  = errors.New("the address does not begin with DELETE, GET, PATCH, POST or PUT and a colon")
	errDots    = errors.New("the path of the address has a segment . or .., which would lead elsewhere")
	errTooLong = errors.New("path and query of the address are too long")
)

// target returns method and URL of the request for a message: its address below the URI of the connection, and where headers say so another
// path or query at the same host. Whatever cannot be in a URL as it is, is encoded; what is already, is left alone.
func target(base *url.URL, m *external.Message) (method string, at *url.URL, err error) {
	method, rest, _ := strings.Cut(m.Address, ":")
	if !isMethod(method) {
		return "", nil, errMethod
	}
	path, query, _ := strings.Cut(rest, "?")
	path = strings.TrimSuffix(base.EscapedPath(), "/") + "/" + encode(strings.TrimLeft(path, "/"), inPath)
	if strings.HasPrefix(rest, "?") || rest == "" {
		path = base.EscapedPath()
	}
	if other, ok := m.Headers.Get(headerPath); ok {
		path = "/" + encode(strings.TrimLeft(other, "/"), inPath)
	}
	if other, ok := m.Headers.Get(headerQuery); ok {
		query = strings.TrimPrefix(other, "?")
	}
	at, err = join(base, path, encode(query, inQuery))
	return method, at, err
}

func isMethod(s string) bool {
	switch s {
	case "DELETE", "GET", "PATCH", "POST", "PUT":
		return true
	}
	return false
}

// join returns the URL of a path and a query, both encoded, at the host of the connection.
func join(base *url.URL, path, query string) (*url.URL, error) {
	if len(path)+len(query) > maxTarget {
		return nil, errTooLong
	}
	plain, err := url.PathUnescape(path)
	if err != nil {
		return nil, err
	}
	// Some take a backslash for a slash, and all take an encoded slash for one some day.
	for segment := range strings.FieldsFuncSeq(plain, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return nil, errDots
		}
	}
	return &url.URL{Scheme: base.Scheme, Host: base.Host, Path: plain, RawPath: path, RawQuery: query}, nil
}

// Which characters may be in a part of a URL, besides letters, digits, and octets that are encoded. RFC 3986, sections 3.3 and 3.4.
const (
	unreserved = "-._~"
	inPath     = unreserved + "!$&'()*+,;=:@/"
	inQuery    = inPath + "?"
)

const hexadecimal = "0123456789ABCDEF"

// encode encodes all that may not be in a part of a URL.
func encode(s, allowed string) string {
	at := 0
	for at < len(s) && plainAt(s, at, allowed) {
		at++
	}
	if at == len(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:at])
	for ; at < len(s); at++ {
		if plainAt(s, at, allowed) {
			b.WriteByte(s[at])
			continue
		}
		b.Write([]byte{'%', hexadecimal[s[at]>>4], hexadecimal[s[at]&15]})
	}
	return b.String()
}

// plainAt reports whether the octet of s at a place stands for itself.
func plainAt(s string, at int, allowed string) bool {
	c := s[at]
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	case c == '%':
		return at+2 < len(s) && isHex(s[at+1]) && isHex(s[at+2])
	}
	return c < 0x80 && strings.IndexByte(allowed, c) >= 0
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}
