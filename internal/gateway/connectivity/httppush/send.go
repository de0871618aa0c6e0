package httppush

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/connectivity/link"
	"github.com/twinway/twinway/internal/snapshot"
)

// do makes the request for a message, and a second one if the first had a token that is not accepted any more.
func (c *client) do(m *external.Message) link.Outcome {
	outcome, shown := c.send(m)
	if outcome.Status == http.StatusUnauthorized && shown != "" && c.tokens.Reject(shown) {
		outcome, _ = c.send(m)
	}
	return outcome
}

// send makes one request with the credentials of now, and returns the token that it has shown, too.
func (c *client) send(m *external.Message) (link.Outcome, snapshot.SecretContent) {
	now := c.current()
	token, err := c.tokens.Token(c.running)
	if err != nil {
		return c.unsent(err), ""
	}
	ctx, cancel := context.WithTimeout(c.running, c.options.Timeout)
	defer cancel()
	request, body, err := c.request(ctx, m)
	if err != nil {
		return link.Outcome{Status: http.StatusBadRequest, Err: err}, ""
	}
	if err := c.authorize(request, body, now.Credentials, token); err != nil {
		return c.unsent(err), ""
	}
	transport, leave, err := c.transports.use(now)
	if err != nil {
		return c.unsent(err), ""
	}
	defer leave()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return c.unsent(err), ""
	}
	defer func() { _ = response.Body.Close() }()
	outcome := outcomeOf(response, c.clock())
	// Credentials that are refused are mended, like a certificate that is.
	outcome.Again = outcome.Again || outcome.Status == http.StatusUnauthorized && now.Credentials != nil
	return outcome, token.Text
}

var (
	errTimeout  = errors.New("there was no answer in time")
	errProtocol = errors.New("the other end does not speak HTTP as it should")
)

// unsent returns the outcome of a request without an answer. The other end may have got it nevertheless.
func (c *client) unsent(err error) link.Outcome {
	switch {
	case c.running.Err() != nil:
		return link.Outcome{Status: http.StatusServiceUnavailable, Err: link.ErrLost, Again: true}
	case isTimeout(err):
		return link.Outcome{Status: http.StatusGatewayTimeout, Err: errTimeout, Again: true}
	case strings.Contains(err.Error(), "malformed HTTP"):
		// The library quotes what came, which may be what was sent.
		return link.Outcome{Status: http.StatusServiceUnavailable, Err: errProtocol, Again: true}
	}
	return link.Outcome{Status: http.StatusServiceUnavailable, Err: link.Failure(err), Again: true}
}

func isTimeout(err error) bool {
	var waited interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &waited) && waited.Timeout()
}
