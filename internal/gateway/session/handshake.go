package session

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/wire"
)

// MaxHandshakeHeaders bounds the headers of a handshake that messages inherit,
// in bytes.
const MaxHandshakeHeaders = 5 << 10

// retryAfter is when to come back if the gateway cannot take a session now.
const retryAfter = 5 * time.Second

// version is the only version of the protocol that is served.
const version = "2"

// handshake opens a session, or answers the request with what is wrong.
func (s *Server) handshake(w http.ResponseWriter, r *http.Request) *protocol.Error {
	settings := s.settings.Load()
	session, err := s.prepare(r, settings)
	if err != nil {
		refuseHandshake(w, err)
		return err
	}
	if !s.registry.reserve(settings.MaxSessions) {
		err := protocol.ErrServiceUnavailable(retryAfter)
		refuseHandshake(w, err)
		return err
	}
	conn, failed := wire.Accept(w, r, wire.Options{
		MaxMessage: settings.MaxMessage, MaxFrames: settings.QueueFrames, MaxBytes: settings.QueueBytes,
		Replied: session.gate.leave,
	})
	if failed != nil {
		s.registry.release()
		session.log.Debug("handshake failed", "error", failed)
		return errHandshake
	}
	session.conn = conn
	s.open(session)
	return nil
}

// errHandshake stands for an answer that the WebSocket library has given.
var errHandshake = &protocol.Error{Status: http.StatusBadRequest}

// prepare does all of the handshake that can be refused with an error of the
// protocol, authentication before what is worth hiding.
func (s *Server) prepare(r *http.Request, settings *Settings) (*Session, *protocol.Error) {
	if v := r.PathValue("version"); v != version {
		return nil, protocol.ErrVersionNotSupported(v)
	}
	if s.refuses() {
		return nil, protocol.ErrServiceUnavailable(retryAfter)
	}
	identity, err := s.authenticate(r, settings)
	if err != nil {
		return nil, err
	}
	defaults, err := sessionHeaders(r)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return nil, errNoUpgrade
	}
	name := sessionName(r)
	return &Session{
		server: s, settings: settings, identity: identity, defaults: defaults, name: name,
		gate: newGate(settings.InFlight), log: s.options.Logger.With("session", name, "user", identity.User),
	}, nil
}

// errNoUpgrade answers a request that is no handshake.
var errNoUpgrade = &protocol.Error{Status: http.StatusBadRequest}

func (s *Server) authenticate(r *http.Request, settings *Settings) (auth.Identity, *protocol.Error) {
	ctx, cancel := context.WithTimeout(r.Context(), settings.HandshakeTimeout)
	defer cancel()
	identity, err := s.options.Auth.Authenticate(ctx, r)
	var limited *auth.RateLimitedError
	switch {
	case err == nil:
		return identity, nil
	case errors.As(err, &limited):
		return identity, protocol.ErrTooManyRequests(limited.RetryAfter)
	case errors.Is(err, auth.ErrBusy):
		return identity, protocol.ErrAuthenticationUnavailable()
	default:
		return identity, protocol.ErrAuthenticationFailed("The user or the password is wrong, or missing.")
	}
}

// sessionHeaders returns what messages of the session inherit.
func sessionHeaders(r *http.Request) (protocol.Headers, *protocol.Error) {
	headers, err := protocol.SessionHeaders(r.Header, r.URL.Query())
	if err != nil {
		return headers, err
	}
	size := 0
	for name, value := range headers.All() {
		size += len(name) + len(value)
	}
	if size > MaxHandshakeHeaders {
		return headers, protocol.ErrHeadersTooLarge("They take " + strconv.Itoa(size) + " bytes, and may take " + strconv.Itoa(MaxHandshakeHeaders) + ".")
	}
	return headers, nil
}

// maxName bounds the name of a session, which its peer chooses, in bytes.
const maxName = 256

// sessionName is what marks messages of a session that have nothing else to be
// correlated with: what the client says, or something random.
func sessionName(r *http.Request) string {
	for _, header := range []string{"X-Correlation-Id", "Correlation-Id"} {
		if name := r.Header.Get(header); name != "" && len(name) <= maxName {
			return name
		}
	}
	return rand.Text()
}

// refuseHandshake answers with the error in the form that HTTP clients of the
// protocol expect.
func refuseHandshake(w http.ResponseWriter, err *protocol.Error) {
	if err == errNoUpgrade {
		http.Error(w, "Expected a WebSocket handshake.", err.Status)
		return
	}
	h := w.Header()
	if err.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int((err.RetryAfter+time.Second-1)/time.Second)))
	}
	if err.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Basic realm="twinway", charset="UTF-8"`)
	}
	h.Set("Content-Type", "application/json")
	w.WriteHeader(err.Status)
	_, _ = w.Write(err.Append(nil)) //nolint:gosec // it is JSON, and says so; the client may be gone
}
