package conformance

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
)

// Target is the endpoint under test.
type Target struct {
	// URL is the base of the endpoint, such as ws://localhost:8080. The path /ws/2 is added.
	URL string
	// User and Password are sent as Basic credentials. The scenarios expect the subject nginx:ditto. Sessions that are
	// opened for other subjects name them as a proxy in front does, so the endpoint has to take the word of one.
	User, Password string
}

// endpoint is one handshake: where it goes and what it carries.
type endpoint struct {
	path, query string
	header      http.Header
	anonymous   bool
	credentials string // "user:password"; empty means those of the target
	subjects    string // comma-separated, sent instead of credentials
}

// expanded replaces the placeholders in the query and in the headers.
func (e endpoint) expanded(known bindings) (endpoint, error) {
	var failed error
	expand := func(text string) string {
		text, err := known.expand(text, false)
		failed = errors.Join(failed, err)
		return text
	}
	e.query, e.header = expand(e.query), e.header.Clone()
	for _, values := range e.header {
		for i, value := range values {
			values[i] = expand(value)
		}
	}
	return e, failed
}

func (t Target) url(e endpoint) string {
	path := e.path
	if path == "" {
		path = "/ws/2"
	}
	return strings.TrimSuffix(t.URL, "/") + path + e.query
}

func (t Target) headers(e endpoint) http.Header {
	h := e.header.Clone()
	if h == nil {
		h = http.Header{}
	}
	if e.anonymous {
		return h
	}
	if e.subjects != "" {
		h.Set("X-Ditto-Pre-Authenticated", e.subjects)
		return h
	}
	credentials := e.credentials
	if credentials == "" {
		credentials = t.User + ":" + t.Password
	}
	h.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(credentials)))
	return h
}
