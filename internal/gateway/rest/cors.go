package rest

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// CORS says which pages of other origins may use the API from a browser (Fetch, section 3.2).
type CORS struct {
	// Origins are theirs, such as https://example.com; AnyOrigin admits all.
	Origins   []string
	AnyOrigin bool
	// Credentials says that browsers may send what they keep for the gateway. It must not be set together with AnyOrigin.
	Credentials bool
	// MaxAge is for how long browsers may remember the answer.
	MaxAge time.Duration
}

// What pages may do. Those headers are told of that a browser would otherwise hide from them.
const (
	corsMethods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	corsExposed = "allow, correlation-id, ditto-metadata, ditto-originator, entity-revision, etag, historical-headers, link, " +
		"live-channel-condition-matched, location, requested-acks, response-required, retry-after, timeout, www-authenticate"
)

// crossOrigin adds what a browser asks for on behalf of a page of another origin. It returns the answer if it asks for nothing
// else. Nothing is said to pages that are not admitted, nor about which paths there are.
func (s *Server) crossOrigin(w http.ResponseWriter, r *http.Request) *answer {
	rules := s.settings.Load().CORS
	if rules == nil {
		return nil
	}
	h := w.Header()
	if !rules.AnyOrigin {
		vary(h, "Origin")
	}
	origin := r.Header.Get("Origin")
	if origin == "" || !rules.admits(origin) {
		return nil
	}
	rules.admit(h, origin)
	if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
		return rules.preflight(r)
	}
	h["access-control-expose-headers"] = []string{corsExposed}
	return nil
}

func (c *CORS) admits(origin string) bool { return c.AnyOrigin || slices.Contains(c.Origins, origin) }

func (c *CORS) admit(h http.Header, origin string) {
	if c.AnyOrigin {
		origin = "*"
	}
	h["access-control-allow-origin"] = []string{origin}
	if c.Credentials && !c.AnyOrigin {
		h["access-control-allow-credentials"] = []string{"true"}
	}
}

// preflight answers whether a request may be sent. It may have any header: those that mean nothing have no effect.
func (c *CORS) preflight(r *http.Request) *answer {
	a := &answer{status: http.StatusNoContent}
	a.header("access-control-allow-methods", corsMethods)
	if names := headerNames(r.Header.Get("Access-Control-Request-Headers")); names != "" {
		a.header("access-control-allow-headers", names)
	}
	a.header("access-control-max-age", strconv.Itoa(int(c.MaxAge/time.Second)))
	return a
}

// headerNames returns a list of names as it is, or without what is none.
func headerNames(list string) string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); isToken(name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// vary says that an answer depends on a header of the request.
func vary(h http.Header, name string) { h["vary"] = append(h["vary"], name) }
