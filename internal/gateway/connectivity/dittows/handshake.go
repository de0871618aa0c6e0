package dittows

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/snapshot"
)

// endpoint is where the protocol's WebSocket binding is. Protocol rule: there is one version of it.
const endpoint = "/ws/2"

// handshake opens a session.
type handshake struct {
	config link.Config
	tokens *link.Tokens

	// What follows is what came of it. Token is the one that was shown, and remote is what time it was at the other end.
	ws     *websocket.Conn
	socket net.Conn
	token  snapshot.SecretContent
	remote time.Time
}

// heartbeat is how often the system sees whether an idle connection is still there.
const heartbeat = 15 * time.Second

// do opens the session. Errors: *link.Refusal for credentials, certificates, hosts and paths that the other end does not take.
func (h *handshake) do(ctx context.Context) error {
	c := h.config.Current()
	target, err := url.Parse(h.config.Connection.URI)
	if err != nil {
		return &link.Refusal{Cause: errors.New("the URI cannot be read")}
	}
	header, err := h.header(ctx, c)
	if err != nil {
		return err
	}
	trust, err := link.TLS(c, target.Hostname())
	if err != nil {
		return err
	}
	transport := &http.Transport{
		TLSClientConfig: trust, DisableKeepAlives: true, MaxResponseHeaderBytes: 64 << 10,
		DialContext: h.dial,
	}
	ws, response, err := websocket.Dial(ctx, address(target), &websocket.DialOptions{
		HTTPClient: &http.Client{Transport: transport, CheckRedirect: stay}, HTTPHeader: header,
	})
	if err != nil {
		return h.refusal(response, err)
	}
	h.ws, h.remote = ws, h.config.Clock()
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		h.remote = date
	}
	return nil
}

// dial keeps the socket: the library has no way to close it at once while it says goodbye.
func (h *handshake) dial(ctx context.Context, network, address string) (socket net.Conn, err error) {
	socket, err = (&net.Dialer{KeepAlive: heartbeat}).DialContext(ctx, network, address)
	h.socket = socket
	return socket, err
}

// address returns where to open the session: the URI, with the path of the protocol if it has none.
func address(target *url.URL) string {
	u := *target
	if u.Path == "" || u.Path == "/" {
		u.Path = endpoint
	}
	return u.String()
}

// header returns the headers with which credentials are shown. A certificate is shown by TLS.
func (h *handshake) header(ctx context.Context, c *snapshot.Connection) (http.Header, error) {
	if c.Credentials == nil {
		return http.Header{}, nil
	}
	if basic := c.Credentials.Basic; basic != nil {
		pair := base64.StdEncoding.EncodeToString([]byte(string(basic.Username) + ":" + string(basic.Password)))
		return http.Header{"Authorization": {"Basic " + pair}}, nil
	}
	token, err := h.tokens.Token(ctx)
	if err != nil || token.Text == "" {
		return http.Header{}, err
	}
	h.token = token.Text
	return http.Header{"Authorization": {"Bearer " + string(token.Text)}}, nil
}

// stay follows no redirection: credentials are for the host of the URI.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// refusal returns why a handshake failed. Response is the answer, nil if there was none. A token that is not accepted is none's to mend as
// long as there may be another.
func (h *handshake) refusal(response *http.Response, err error) error {
	if response == nil || response.StatusCode == http.StatusSwitchingProtocols {
		return link.Failure(err)
	}
	cause := fmt.Errorf("the other end refuses the session with status %d%s", response.StatusCode, codeOf(response))
	if tryLater(response.StatusCode) || response.StatusCode == http.StatusUnauthorized && h.token != "" && h.tokens.Reject(h.token) {
		return cause
	}
	return &link.Refusal{Cause: cause}
}

// codeOf returns the code of the protocol's error in the body of an answer, in brackets and behind a space; "" if there is none.
func codeOf(response *http.Response) string {
	if response.Body == nil {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<10)) // which the library has read
	if errors.Join(err, response.Body.Close()) != nil {
		return ""
	}
	if code := errorCode(text); code != "" {
		return " (" + code + ")"
	}
	return ""
}

// maxCode is how long the code of an error may be that is shown.
const maxCode = 100

// errorCode returns the code of an error of the protocol, "" if the text is none. It shares no memory with the text.
func errorCode(text []byte) string {
	object, err := document.Canonical(text)
	if err != nil || document.KindOf(object) != document.Object {
		return ""
	}
	raw, ok := document.Get(object, document.Pointer{"error"})
	if !ok || document.KindOf(raw) != document.String || len(raw) > maxCode {
		return ""
	}
	code, err := document.Unquote(raw)
	if err != nil {
		return ""
	}
	return string([]byte(code))
}

// tryLater reports whether a status says that the same may succeed later.
func tryLater(status int) bool {
	return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}
