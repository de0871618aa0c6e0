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
	// timeout is how long the request says that it may take, nil for as long as usual.
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
		if q.query, err = parse(r.URL.RawQuery); err != nil {
			return nil, err
		}
	}
	if s.options.Access != nil {
		q.access = s.options.Access(who, r)
	}
	if q.headers, err = protocol.RequestHeaders(r.Header, q.query); err != nil {
		return nil, q.ofTimeout(err)
	}
	if err := checkHeaders(&q.headers); err != nil {
		return nil, err
	}
	if !q.headers.Has(protocol.HeaderCorrelationID) {
		q.headers.SetString(protocol.HeaderCorrelationID, rand.Text())
	}
	return q, nil
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
func (q *request) body() ([]byte, *protocol.Error) { return q.bodyOr(protocol.ErrBodyTooLarge) }

// bodyOr reads the body. If it is too large, by the limit in bytes, the error is the given one.
func (q *request) bodyOr(tooLarge func(limit int64) *protocol.Error) ([]byte, *protocol.Error) {
	limit := q.settings.MaxBody
	if q.http.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	content, err := io.ReadAll(http.MaxBytesReader(q.writer, q.http.Body, limit))
	if err != nil {
		return nil, bodyError(err, limit, tooLarge)
	}
	q.http.Body = http.NoBody // nothing is left of it
	return content, nil
}

// skipBody passes over what is left of the body: only behind it, HTTP tells that the client has gone. The errors are those of body.
func (q *request) skipBody() *protocol.Error {
	if q.http.Body == http.NoBody {
		return nil
	}
	limit := q.settings.MaxBody
	if _, err := io.Copy(io.Discard, http.MaxBytesReader(q.writer, q.http.Body, limit)); err != nil {
		return bodyError(err, limit, protocol.ErrBodyTooLarge)
	}
	return nil
}

// bodyError returns what a client is told of an error of reading a body, which may be that it is too large.
func bodyError(err error, limit int64, tooLarge func(int64) *protocol.Error) *protocol.Error {
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return tooLarge(limit)
	}
	return protocol.ErrBodyUnread()
}
