package session

import (
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
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
		s.refuseHandshake(w, err)
		return err
	}
	if !s.registry.reserve(settings.MaxSessions) {
		err := protocol.ErrServiceUnavailable(retryAfter)
		s.refuseHandshake(w, err)
		return err
	}
	session.declare()
	conn, failed := wire.Accept(w, r, wire.Options{
		MaxMessage: settings.MaxMessage, MaxFrames: settings.QueueFrames, MaxBytes: settings.QueueBytes,
		Replied: session.gate.leave, Subprotocol: auth.Subprotocol(r.Header),
	})
	if failed != nil {
		s.registry.withdraw(session)
		s.registry.release()
		session.log().Debug("handshake failed", "error", failed)
		return errHandshake
	}
	s.open(session, conn)
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
	identity, err := entrance.Authenticate(r, s.options.Auth, settings.HandshakeTimeout, s.options.Logger)
	if err != nil {
		return nil, err
	}
	defaults, err := sessionHeaders(r)
	if err != nil {
		return nil, err
	}
	declared, err := takeDeclaration(&defaults)
	if err != nil {
		return nil, err
	}
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		return nil, errNoUpgrade
	}
	name := sessionName(r)
	session := &Session{
		server: s, settings: settings, identity: identity,
		audience: &pubsub.Audience{Subjects: identity.Subjects, Acks: declared.labels},
		defaults: defaults, refused: declared.refused, name: name, gate: newGate(settings.InFlight),
	}
	session.expireAt(identity.Expires)
	if s.options.Access != nil {
		session.access = s.options.Access(identity, r)
	}
	session.identity.Claims = nil // they are large, and have served
	return session, nil
}

// errNoUpgrade answers a request that is no handshake.
var errNoUpgrade = &protocol.Error{Status: http.StatusBadRequest}

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
func (s *Server) refuseHandshake(w http.ResponseWriter, err *protocol.Error) {
	if err == errNoUpgrade {
		http.Error(w, "Expected a WebSocket handshake.", err.Status)
		return
	}
	s.options.Challenges.Refuse(w, err)
}
