package session

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

func withHeader(pairs ...string) *websocket.DialOptions {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Add(pairs[i], pairs[i+1])
	}
	return &websocket.DialOptions{HTTPHeader: h}
}

// declared answers with what the session has declared, and with the header of
// the message that this comes from, which has none.
var declared = answering(func(from *Session, env *protocol.Envelope) string {
	if env.Headers.Has(protocol.HeaderDeclaredAcks) {
		return "the declaration is a default of messages"
	}
	return strings.Join(from.Audience().Acks, " ")
})

const anyMessage = `{"topic":"n/t/things/twin/commands/retrieve","path":"/"}`

func TestDeclaredAcks(t *testing.T) {
	for name, test := range map[string]struct {
		query, header string
		refused       []string // codes of errors
		want          string
	}{
		"none":                           {"", "", nil, ""},
		"a list":                         {"zeta,alpha", "", nil, "alpha zeta"},
		"JSON":                           {`["zeta","alpha"]`, "", nil, "alpha zeta"},
		"a header":                       {"", "zeta, alpha", nil, "alpha zeta"},
		"one twice":                      {"alpha,alpha", "", nil, "alpha"},
		"a placeholder":                  {"{{connection:id}}:alpha,beta", "", []string{"acknowledgement:label.invalid"}, "beta"},
		"only the server issues it":      {"twin-persisted,beta", "", []string{"acknowledgement:ditto.acklabel.forbidden"}, "beta"},
		"more refused than are answered": {"{{a:b}}:abc,{{a:b}}:abd,{{a:b}}:abe,{{a:b}}:abf,{{a:b}}:abg,{{a:b}}:abh", "", sixTimes("acknowledgement:label.invalid"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			server, target := newTestServer(t, as(alice), declared)
			o := withHeader("X-Correlation-Id", "it")
			if test.header != "" {
				o.HTTPHeader.Set("Declared-Acks", test.header)
			}
			if test.query != "" {
				target += "?declared-acks=" + url.QueryEscape(test.query)
			}
			c := dial(t, target, o)
			for _, code := range test.refused {
				if text := c.mustFail(400, code); !strings.Contains(text, `"correlation-id":"it"`) {
					t.Errorf("%s is not correlated with the session", text)
				}
			}
			c.send(anyMessage)
			c.mustGet(test.want)
			// What was told counts like an answer as long as it is in flight.
			gate := server.registry.all()[0].gate
			wait(t, func() bool {
				gate.mu.Lock()
				defer gate.mu.Unlock()
				return gate.used == 0
			})
		})
	}
}

func sixTimes(s string) []string { return []string{s, s, s, s, s, s} }

func TestDeclaredAcksThatFailTheHandshake(t *testing.T) {
	labels := func(n int) string {
		var list []string
		for i := range n {
			list = append(list, fmt.Sprintf("label-%d", i))
		}
		return strings.Join(list, ",")
	}
	_, target := newTestServer(t, as(alice), declared)
	dial(t, target+"?declared-acks="+labels(100), nil)
	for name, test := range map[string]struct {
		value, code string
		status      int
	}{
		"a label that is none": {"a b", "acknowledgement:label.invalid", 400},
		"too short":            {"ab", "acknowledgement:label.invalid", 400},
		"too many":             {labels(101), "headers.too.large", 431},
	} {
		t.Run(name, func(t *testing.T) {
			mustRefuse(t, target+"?declared-acks="+url.QueryEscape(test.value), nil, test.status, test.code)
		})
	}
}

// mustRefuse expects that the handshake fails with an error, and returns the
// answer's headers.
func mustRefuse(t *testing.T, target string, o *websocket.DialOptions, status int, code string) http.Header {
	t.Helper()
	ws, response, err := websocket.Dial(t.Context(), target, o)
	if err == nil {
		_ = ws.CloseNow()
		t.Fatal("the handshake succeeded")
	}
	if response == nil {
		t.Fatal(err)
	}
	body, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	var answer struct{ Error string }
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	if response.StatusCode != status || answer.Error != code {
		t.Errorf("got %d %s, want %d %s", response.StatusCode, body, status, code)
	}
	return response.Header
}

// A label belongs to one session, until that ends.
func TestLabelsAreUnique(t *testing.T) {
	server, target := newTestServer(t, as(alice), declared)
	first := dial(t, target+"?declared-acks=alpha,beta", nil)
	first.send(anyMessage)
	first.mustGet("alpha beta")
	refused := dial(t, target+"?declared-acks=beta,gamma", withHeader("X-Correlation-Id", "it"))
	if text := refused.mustFail(409, "acknowledgement:label.not.unique"); !strings.Contains(text, `"correlation-id":"it"`) || !strings.Contains(text, "beta") {
		t.Errorf("%s does not say what is wrong", text)
	}
	if reason := refused.mustClose(1008); !strings.Contains(reason, "declared") {
		t.Errorf("the reason is %q", reason)
	}
	wait(t, func() bool { return server.Registry().Len() == 1 })

	// What a refused session wanted besides is not taken, and what it did not
	// get stays where it is.
	third := dial(t, target+"?declared-acks=gamma", nil)
	third.send(anyMessage)
	third.mustGet("gamma")
	dial(t, target+"?declared-acks=alpha", nil).mustFail(409, "acknowledgement:label.not.unique")

	_ = first.Close(1000, "")
	wait(t, func() bool {
		server.registry.mu.Lock()
		defer server.registry.mu.Unlock()
		return len(server.registry.labels) == 1
	})
	again := dial(t, target+"?declared-acks=alpha,beta", nil)
	again.send(anyMessage)
	again.mustGet("alpha beta")
}

// A client that is sent away and comes back at once finds its labels free, and
// keeps them when what is left of its former session ends.
func TestLabelsOfAClosingSession(t *testing.T) {
	r := newRegistry()
	old, _, _ := peer(t, 0)
	fresh, other := &Session{}, &Session{}
	for _, s := range []*Session{old, fresh, other} {
		s.audience = &pubsub.Audience{Acks: []string{"alpha"}}
		r.reserve(3)
		r.add(s, s.conn)
	}
	if _, ok := r.declare(old); !ok {
		t.Fatal("a label that nobody has is refused")
	}
	if taken, ok := r.declare(fresh); ok || taken != "alpha" {
		t.Fatal("the label was given away twice")
	}
	old.close(closePolicy, "bye")
	if _, ok := r.declare(fresh); !ok {
		t.Fatal("the label of a closing session is refused")
	}
	r.remove(old)
	fresh.conn = old.conn // closing, or its label could be taken
	if r.labels["alpha"] != fresh {
		t.Error("the label ended with the session that had it before")
	}
	r.remove(fresh)
	if len(r.labels) != 0 {
		t.Error("the label outlives its session")
	}
}

// watchedConn tells when something is written to it.
type watchedConn struct {
	net.Conn
	writes func()
}

func (c *watchedConn) Write(p []byte) (int, error) {
	c.writes()
	return c.Conn.Write(p)
}

// watchedListener accepts such connections.
type watchedListener struct {
	net.Listener
	writes func()
}

func (l watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &watchedConn{conn, l.writes}, err
}

// A label is declared when the handshake is answered: whoever knows that may ask for it.
func TestDeclaredBeforeTheAnswer(t *testing.T) {
	sessions, _ := newTestServer(t, as(alice), echo)
	mux := http.NewServeMux()
	mux.Handle("/ws/{version}", sessions)
	server := httptest.NewUnstartedServer(mux)
	seen := make(chan bool, 100)
	server.Listener = watchedListener{server.Listener, func() { seen <- sessions.Registry().Declared("of:mine") }}
	server.Start()
	t.Cleanup(server.Close)
	dial(t, server.URL+"/ws/2?declared-acks=of:mine", nil).isOpen()
	if !<-seen {
		t.Error("the handshake was answered before the label was declared")
	}
}

// A handshake that fails leaves nothing behind.
func TestFailedHandshakeDeclaresNothing(t *testing.T) {
	server, target := newTestServer(t, as(alice), echo)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, target+"?declared-acks=of:mine", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Connection", "Upgrade")
	request.Header.Set("Upgrade", "websocket") // and no key
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusBadRequest {
		t.Errorf("answered %d", response.StatusCode)
	}
	if server.Registry().Declared("of:mine") || len(server.registry.labels) > 0 {
		t.Error("the label is declared by nobody")
	}
	dial(t, target+"?declared-acks=of:mine", nil).isOpen()
}

// A label is declared as long as the session lives that has declared it, and takes part.
func TestDeclared(t *testing.T) {
	server, target := newTestServer(t, as(alice), echo)
	registry := server.Registry()
	c := dial(t, target+"?declared-acks=of:mine,of:mine-too", nil)
	dial(t, target, nil).isOpen()
	c.isOpen()
	for label, want := range map[string]bool{"of:mine": true, "of:mine-too": true, "of:others": false, "": false} {
		if got := registry.Declared(label); got != want {
			t.Errorf("%q is declared: %t", label, got)
		}
	}
	for _, s := range registry.all() {
		s.close(closeNormal, "bye") // the client does not answer, so that the session does not end at once
	}
	if registry.Declared("of:mine") {
		t.Error("a label of a session that is closing is declared")
	}
	again := dial(t, target+"?declared-acks=of:mine", nil)
	again.isOpen()
	if !registry.Declared("of:mine") || registry.Declared("of:mine-too") {
		t.Error("only the label of the session that took over is declared, or none")
	}
	_ = again.CloseNow()
	wait(t, func() bool { return !registry.Declared("of:mine") })
}
