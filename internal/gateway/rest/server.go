package rest

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// Server is the HTTP handler of everything below /api, and of what everybody may know beside it.
type Server struct {
	options   Options
	settings  atomic.Pointer[Settings]
	refusing  atomic.Bool
	departure departure
	waiting   atomic.Int64 // calls that wait for others
	streams   *streams
	underWay  sync.RWMutex // held by each request while it is served
}

// NewServer returns a server.
func NewServer(o Options) *Server {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Server{options: o, streams: newStreams(o.Place)}
	s.settings.Store(&o.Settings)
	return s
}

// Configure replaces the settings, for requests that arrive from now on.
func (s *Server) Configure(settings Settings) { s.settings.Store(&settings) }

// Refuse answers further requests with 503, and those that wait for somebody else. What the gateway itself has to answer is
// answered. Accept ends that.
func (s *Server) Refuse() {
	s.refusing.Store(true)
	s.streams.refuse(true)
	s.departure.begin()
}

// Accept ends what Refuse has begun.
func (s *Server) Accept() {
	s.departure.end()
	s.streams.refuse(false)
	s.refusing.Store(false)
}

// leaving returns a channel that is closed when the server is to refuse what it waits for.
func (s *Server) leaving() <-chan struct{} { return s.departure.channel() }

// retryAfter is when to come back if the gateway takes nothing now.
const retryAfter = 5 * time.Second

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	s.underWay.RLock()
	defer s.underWay.RUnlock()
	body := expect(w, r)
	if a := s.answer(w, r); a != nil {
		body.leave(r)
		a.identify(r)
		a.write(w, r, s.options.Challenges)
		s.options.Metrics.Request(r.Method, a.status, time.Since(began))
	}
}

// answer returns the answer to a request for whatever there is, nil if it was given.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) *answer {
	if a := s.crossOrigin(w, r); a != nil {
		return a
	}
	if err := oversized(r); err != nil {
		return refusal(err)
	}
	if err := checkEncoding(r); err != nil {
		return refusal(err)
	}
	if isAPI(r.URL.Path) {
		return s.serve(w, r)
	}
	return s.serveOutside(w, r)
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
	if err := q.readTimeout(); err != nil {
		return refusal(err)
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
	if m[http.MethodGet] != nil {
		allowed = append(allowed, http.MethodHead)
	}
	slices.Sort(allowed)
	a := refusal(protocol.ErrMethodNotAllowed(method))
	a.header("allow", strings.Join(allowed, ", "))
	return a
}
