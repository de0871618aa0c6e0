package rest

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Server is the HTTP handler of everything below /api.
type Server struct {
	options  Options
	settings atomic.Pointer[Settings]
	refusing atomic.Bool
}

// NewServer returns a server.
func NewServer(o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Server{options: o}
	s.settings.Store(&o.Settings)
	return s
}

// Configure replaces the settings, for requests that arrive from now on.
func (s *Server) Configure(settings Settings) { s.settings.Store(&settings) }

// Refuse answers further requests with 503, Accept ends that.
func (s *Server) Refuse() { s.refusing.Store(true) }

// Accept ends what Refuse has begun.
func (s *Server) Accept() { s.refusing.Store(false) }

// retryAfter is when to come back if the gateway takes nothing now.
const retryAfter = 5 * time.Second

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if a := s.serve(w, r); a != nil {
		a.write(w, r, s.options.Challenges)
	}
}

// serve returns the answer to a request, nil if it was given.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) *answer {
	segments, ok := split(r.URL.EscapedPath())
	if version := at(segments, 1); version != base[1] {
		return refusal(protocol.ErrVersionNotSupported(version))
	}
	if s.refusing.Load() {
		return refusal(protocol.ErrServiceUnavailable(retryAfter))
	}
	q, err := s.read(w, r)
	switch {
	case err != nil:
		return refusal(err)
	case !ok:
		return refusal(protocol.ErrRouteNotFound(r.URL.EscapedPath()))
	}
	q.segments = segments[len(base):]
	methods := everything.find(q.segments)
	if methods == nil {
		return refusal(protocol.ErrRouteNotFound(r.URL.EscapedPath()))
	}
	serves := methods[q.method()]
	if serves == nil {
		return methods.refuse(r.Method)
	}
	return serves(q)
}

func at(segments []string, i int) string {
	if i < len(segments) {
		return segments[i]
	}
	return ""
}

// refuse refuses a method that there is not (RFC 9110, section 15.5.6).
func (m methods) refuse(method string) *answer {
	var allowed []string
	for name := range m {
		allowed = append(allowed, name)
	}
	slices.Sort(allowed)
	a := refusal(protocol.ErrMethodNotAllowed(method))
	a.header("allow", strings.Join(allowed, ", "))
	return a
}
