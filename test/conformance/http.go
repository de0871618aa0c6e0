package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// client names somebody who sends requests, without a session of their own.
type client struct {
	name string
	to   endpoint
}

// request sends an HTTP request. What it is answered with is for the step answer, so that others can act meanwhile.
type request struct {
	name, method, target string
	header               []headerLine
	body                 string
	// json says that the body is JSON as it is written in the scenario. Any other body is sent as it is.
	json bool
	// who sends it, if not who has the name of the request, and whether the session of who sends it is not told what it causes.
	who string
	own bool
	// message says that it sends one.
	message bool
}

// answer wants a certain answer to the request.
type answer struct {
	name   string
	status int
	header []headerLine
	// open says that there may be other headers.
	open bool
	body content
	// twin says that the answer stands for an envelope, and instead what HTTP may answer in its place. Acks are those that it stands
	// for.
	twin, acks bool
	instead    []instead
}

// headerLine is a header as it stands in a scenario. What is expected may be JSON.
type headerLine struct {
	name, value string
	tree        any
}

// content is what a body has to be.
type content struct {
	kind   contentKind
	source string
	tree   any // of JSON
	// exactMedia says that the type is not said here.
	exactMedia bool
}

type contentKind int

const (
	noContent contentKind = iota
	anyContent
	jsonContent
	exactContent // source, to the byte
)

// reply is what a request was answered with.
type reply struct {
	status int
	header http.Header
	body   []byte
	err    error
}

// asked is a request whose answer no step has looked at.
type asked struct {
	method        string
	correlationID string // "" if the request had none
	reply         chan reply
}

var (
	errNotAsked   = errors.New("there is no request without an answer")
	errUnanswered = errors.New("the answer to the request before has not been looked at")
)

// requests is what all HTTP requests are sent with: no compression that nobody asked for.
var requests = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 32},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (a *client) play(st *stage) error {
	if _, known := st.people[a.name]; known {
		return fmt.Errorf("%s: %w", a.name, errSecond)
	}
	st.people[a.name] = a.to
	return nil
}

func (a *request) play(st *stage) error {
	if st.asked[a.name] != nil {
		return fmt.Errorf("%s: %w", a.name, errUnanswered)
	}
	r, err := a.make(st)
	if err != nil {
		return err
	}
	st.asked[a.name] = st.ask(a.person(), r)
	if id := st.asked[a.name].correlationID; a.own && id != "" {
		st.own[a.person()] = append(st.own[a.person()], id)
	}
	return nil
}

// person is who sends a request.
func (a *request) person() string {
	if a.who != "" {
		return a.who
	}
	return a.name
}

// ask sends a request, and waits for nothing.
func (st *stage) ask(name string, r *http.Request) *asked {
	if entity := entityOfTarget(r.URL); entity != "" {
		st.entity = entity
		if s := st.sessions[name]; s != nil {
			s.entity = entity
		}
	}
	q := &asked{method: r.Method, correlationID: r.Header.Get("Correlation-Id"), reply: make(chan reply, 1)}
	go func() { q.reply <- exchange(r) }()
	return q
}

// make returns the request, with all placeholders replaced.
func (a *request) make(st *stage) (*http.Request, error) {
	target, err := st.known.expand(a.target, false)
	if err != nil {
		return nil, err
	}
	body, err := st.known.expand(a.body, a.json)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(st.ctx, a.method, st.target.base(), strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.URL.Opaque = target // nothing of it is written in another way
	if r.Header, err = a.headers(st); err != nil {
		return nil, err
	}
	if body == "" {
		r.Body, r.ContentLength = http.NoBody, 0
	}
	st.note(a.name, ">", a.method+" "+target+" "+fmt.Sprint(r.Header)+" "+body)
	return r, nil
}

func (a *request) headers(st *stage) (http.Header, error) {
	to, err := st.people[a.person()].expanded(st.known)
	if err != nil {
		return nil, err
	}
	h := st.target.headers(endpoint{anonymous: to.anonymous, credentials: to.credentials, subjects: to.subjects})
	if a.json {
		h.Set("Content-Type", mediaOf(a.method))
	}
	said := map[string]bool{}
	for _, line := range a.header {
		value, err := st.known.expand(line.value, false)
		if err != nil {
			return nil, err
		}
		if name := http.CanonicalHeaderKey(line.name); !said[name] {
			said[name] = true
			h.Del(name)
		}
		if value != "" {
			h.Add(line.name, value)
		}
	}
	if h.Get("User-Agent") == "" {
		h["User-Agent"] = nil // none
	}
	return h, nil
}

// mediaOf is the type of a body of JSON that says nothing else.
func mediaOf(method string) string {
	if method == http.MethodPatch {
		return "application/merge-patch+json"
	}
	return "application/json"
}

// exchange sends a request and reads the answer.
func exchange(r *http.Request) reply {
	response, err := requests.Do(r)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxFrame))
	return reply{response.StatusCode, response.Header, body, err}
}

// wait returns the answer.
func (q *asked) wait(ctx context.Context) (reply, error) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case r := <-q.reply:
		return r, r.err
	case <-timer.C:
		return reply{}, errNoAnswer
	case <-ctx.Done():
		return reply{}, ctx.Err()
	}
}

var errNoAnswer = errors.New("no answer came")

// base is the target as the URL of HTTP requests.
func (t Target) base() string {
	return "http" + strings.TrimPrefix(strings.TrimSuffix(t.URL, "/"), "ws")
}

// entityOfTarget returns what entityOf does for a request: the beginning of the topics of what it addresses.
func entityOfTarget(u *url.URL) string {
	path, _, _ := strings.Cut(u.Opaque, "?")
	segments := strings.Split(strings.TrimPrefix(path, "/api/2/"), "/")
	if len(segments) < 2 || segments[1] == "" {
		return ""
	}
	id, err := url.PathUnescape(segments[1])
	namespace, name, found := strings.Cut(id, ":")
	if err != nil || !found || namespace == "" || name == "" {
		return ""
	}
	switch entity := namespace + "/" + name; segments[0] {
	case "things":
		return entity + "/things/twin"
	case "policies":
		return entity + "/policies"
	}
	return ""
}
