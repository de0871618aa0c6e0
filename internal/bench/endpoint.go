package bench

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Credentials are who uses an endpoint. One way is chosen: a user with a password, a token, or subjects for a proxy's header.
type Credentials struct {
	User, Password string
	// Token is sent as a bearer.
	Token string
	// PreAuthenticated are subjects, separated by commas, of an endpoint that believes whoever reaches it.
	PreAuthenticated string
}

// Endpoint is where a server of the Ditto protocol is, and how to get in.
type Endpoint struct {
	address string // host and port
	host    string // the header Host
	base    string // the path before /ws/2 and /api/2
	tls     *tls.Config
	header  string // what authenticates, a line
}

// NewEndpoint returns the endpoint at a URL: http or https, host, port, and the path before /ws/2 and /api/2 if there is one. Options
// of TLS may be nil.
func NewEndpoint(text string, c Credentials, options *tls.Config) (*Endpoint, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("the URL: %w", err)
	}
	e := &Endpoint{host: u.Host, base: strings.TrimSuffix(u.EscapedPath(), "/")}
	port := "80"
	switch {
	case u.Scheme == "https":
		port, e.tls = "443", &tls.Config{MinVersion: tls.VersionTLS12}
		if options != nil {
			e.tls = options.Clone()
		}
		if e.tls.ServerName == "" {
			e.tls.ServerName = u.Hostname()
		}
	case u.Scheme != "http":
		return nil, fmt.Errorf("the URL %s begins with neither http:// nor https://", text)
	}
	if u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return nil, fmt.Errorf("the URL %s has more or less than scheme, host, port and path", u.Redacted())
	}
	if u.Port() != "" {
		port = u.Port()
	}
	e.address = net.JoinHostPort(u.Hostname(), port)
	e.header, err = c.header()
	return e, err
}

// header returns the line of a request that authenticates.
func (c Credentials) header() (line string, err error) {
	ways := 0
	if c.User != "" {
		line, ways = "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte(c.User+":"+c.Password)), ways+1
	}
	if c.Token != "" {
		line, ways = "Authorization: Bearer "+c.Token, ways+1
	}
	if c.PreAuthenticated != "" {
		line, ways = "x-ditto-pre-authenticated: "+c.PreAuthenticated, ways+1
	}
	switch {
	case ways != 1:
		return "", errors.New("one of a user, a token and pre-authenticated subjects is needed")
	case strings.ContainsAny(line, "\r\n"):
		return "", errors.New("credentials are of one line")
	}
	return line, nil
}

// Subject returns the subject that the credentials most likely stand for, "" if there is no telling.
func (c Credentials) Subject() string {
	if c.User != "" {
		return "nginx:" + c.User
	}
	first, _, _ := strings.Cut(c.PreAuthenticated, ",")
	return strings.TrimSpace(first)
}

// dial opens a connection that reads into a buffer of a size.
func (e *Endpoint) dial(ctx context.Context, buffer int) (*link, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", e.address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", e.address, err)
	}
	if e.tls == nil {
		return newLink(conn, buffer), nil
	}
	secure := tls.Client(conn, e.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close() // it is of no use
		return nil, fmt.Errorf("connect to %s: %w", e.address, err)
	}
	return newLink(secure, buffer), nil
}
