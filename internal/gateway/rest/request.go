package rest

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// request is what somebody wants.
type request struct {
	server   *Server
	settings *Settings
	http     *http.Request
	writer   http.ResponseWriter
	who      auth.Identity
	audience *pubsub.Audience
	access   entrance.Access
	// segments are those of the path, behind the base.
	segments []string
	query    url.Values
	// timeout is how long the request may take, nil for as long as usual.
	timeout *time.Duration
	// headers are those of the commands that the request becomes.
	headers protocol.Headers
}

// read finds out who sent a request, and what it says wherever it leads.
func (s *Server) read(w http.ResponseWriter, r *http.Request) (*request, *protocol.Error) {
	settings := s.settings.Load()
	who, err := entrance.Authenticate(r, s.options.Auth, settings.AuthenticationTimeout, s.options.Logger)
	if err != nil {
		return nil, err
	}
	q := &request{
		server: s, settings: settings, http: r, writer: w, who: who, audience: &pubsub.Audience{Subjects: who.Subjects},
	}
	if r.URL.RawQuery != "" {
		q.query = r.URL.Query()
	}
	if s.options.Access != nil {
		q.access = s.options.Access(who, r)
	}
	if q.headers, err = protocol.SessionHeaders(r.Header, q.query); err != nil {
		return nil, err
	}
	if !q.headers.Has(protocol.HeaderCorrelationID) {
		q.headers.SetString(protocol.HeaderCorrelationID, rand.Text())
	}
	return q, q.readTimeout()
}

// Longest waits. Protocol rule: a request may not ask for more.
const (
	longest      = time.Minute
	longestClaim = 10 * time.Minute
)

// readTimeout reads how long the request may take.
func (q *request) readTimeout() *protocol.Error {
	timeout, given, err := q.headers.Timeout()
	if err != nil || given && timeout > longestClaim {
		text, _ := q.headers.String(protocol.HeaderTimeout)
		return protocol.ErrRequestTimeoutInvalid(text, longest)
	}
	if given {
		q.timeout = &timeout
	}
	return nil
}

// method is that of the request. HEAD is GET without what it answers.
func (q *request) method() string {
	if q.http.Method == http.MethodHead {
		return http.MethodGet
	}
	return q.http.Method
}

func (q *request) context() context.Context { return q.http.Context() }

// body reads the body.
//
// Errors: 413 if it is too large, 400 if it does not come.
func (q *request) body() ([]byte, *protocol.Error) {
	limit := q.settings.MaxBody
	if q.http.ContentLength > limit {
		return nil, protocol.ErrBodyTooLarge(limit)
	}
	content, err := io.ReadAll(http.MaxBytesReader(q.writer, q.http.Body, limit))
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, protocol.ErrBodyTooLarge(limit)
	}
	if err != nil {
		return nil, protocol.ErrBodyUnread()
	}
	return content, nil
}
