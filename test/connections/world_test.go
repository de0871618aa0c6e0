package connections_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/manifest"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// TestMain runs more tests at a time than there are processors: they wait most of the time.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// patience bounds whatever a test waits for. It guards against hanging and measures nothing.
const patience = time.Minute

// base is the Gateway that tests add to. Its user "ditto" is the subject nginx:ditto, "gateway" has the password "right".
const base = `
apiVersion: twinway.dev/v1alpha1
kind: Gateway
metadata: {name: demo}
spec:
  listener: {port: 8080}
  authentication: {basic: {usersSecretRef: {name: demo-users}}}
---
apiVersion: v1
kind: Secret
metadata: {name: demo-users}
stringData:
  ditto: $2a$04$hHL5CTylF9SH8gl0cOnYb.uLiL.RFra.QSjPyhCtqX2dO6Y0/w7Gy
  gateway: $2a$04$/SehLGYIhEIRkwoUlJ9XLueZnQ4Eu0PK3JEzDidfUsLa5Sepwq3CK
`

// world is a gateway with Connections.
type world struct {
	t    testing.TB
	g    *gateway.Gateway // nil if it is another process
	data string
	// public and private are the addresses of the port for clients and of that for administrators.
	public, private string
}

// start runs a gateway with these manifests beside the base, until the test ends.
func start(t testing.TB, manifests ...string) *world {
	t.Helper()
	w := &world{t: t, data: t.TempDir()}
	w.run(snapshotOf(t, manifests...))
	t.Cleanup(func() { w.stop() })
	return w
}

func (w *world) run(snap *snapshot.Snapshot) {
	w.t.Helper()
	g, err := gateway.Start(snap, gateway.Options{
		DataDir: w.data, Listen: "127.0.0.1:0", Admin: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.g, w.public, w.private = g, g.Address(), g.AdminAddress()
}

// stop ends the gateway, at once.
func (w *world) stop() {
	w.t.Helper()
	if err := w.g.Close(); err != nil {
		w.t.Errorf("close the gateway: %v", err)
	}
}

// apply configures the gateway with other manifests beside the base.
func (w *world) apply(manifests ...string) {
	w.t.Helper()
	if _, err := w.g.Apply(snapshotOf(w.t, manifests...)); err != nil {
		w.t.Fatal(err)
	}
}

// snapshotOf compiles the base with manifests.
func snapshotOf(t testing.TB, manifests ...string) *snapshot.Snapshot {
	t.Helper()
	dir := t.TempDir()
	text := strings.Join(append([]string{base}, manifests...), "\n---\n")
	if err := os.WriteFile(filepath.Join(dir, "all.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	objects, findings := manifest.Load(dir)
	snap, more := compile.Compile(objects)
	if findings = append(findings, more...); findings.HasErrors() {
		t.Fatalf("%v in\n%s", findings, text)
	}
	return snap
}

// eventually waits until something is so.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for guard := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(guard) {
			t.Fatalf("never: %s", what)
		}
	}
}

// listed is a Connection as the admin port shows it.
type listed struct {
	Name, State, Message string
	Subscriptions        []management.LinkStatus
}

// admin reads JSON from the admin port.
func (w *world) admin(path string, into any) int {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, "http://"+w.private+path, http.NoBody)
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		if err := json.NewDecoder(answer.Body).Decode(into); err != nil {
			w.t.Fatal(err)
		}
	}
	return answer.StatusCode
}

// connection returns a Connection as it is now.
func (w *world) connection(name string) (found listed) {
	w.t.Helper()
	var all []listed
	w.admin("/connections", &all)
	for _, c := range all {
		if c.Name == name {
			return c
		}
	}
	return found
}

// awaitState waits until a Connection is in a state.
func (w *world) awaitState(name string, state management.LinkState) {
	w.t.Helper()
	last := listed{}
	defer func() {
		if w.t.Failed() {
			w.t.Logf("%s is %s: %s", name, last.State, last.Message)
		}
	}()
	eventually(w.t, name+" is "+string(state), func() bool {
		last = w.connection(name)
		return last.State == string(state)
	})
}

// do sends an HTTP request as the user ditto.
func (w *world) do(method, path, body string) (status int, answer string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), method, "http://"+w.public+path, bytes.NewReader([]byte(body)))
	if err != nil {
		w.t.Fatal(err)
	}
	r.SetBasicAuth("ditto", "ditto")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// must sends a request that must succeed.
func (w *world) must(method, path, body string) string {
	w.t.Helper()
	status, answer := w.do(method, path, body)
	if status >= 300 {
		w.t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	return answer
}

// policy is one under which the subjects may do everything with its things.
func (w *world) policy(id string, subjects ...string) {
	w.t.Helper()
	all := map[string]any{"nginx:ditto": map[string]string{"type": "t"}}
	for _, s := range subjects {
		all[s] = map[string]string{"type": "t"}
	}
	rw := map[string][]string{"grant": {"READ", "WRITE"}, "revoke": {}}
	doc, err := json.Marshal(map[string]any{"entries": map[string]any{"all": map[string]any{
		"subjects": all, "resources": map[string]any{"thing:/": rw, "policy:/": rw, "message:/": rw},
	}}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.must(http.MethodPut, "/api/2/policies/"+id, string(doc))
}

// app is an application with a WebSocket session.
type app struct {
	t    testing.TB
	conn *websocket.Conn
}

// app opens a session of the user ditto, which sends these control messages first.
func (w *world) app(controls ...string) *app {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), patience)
	defer cancel()
	header := http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte("ditto:ditto"))}}
	conn, _, err := websocket.Dial(ctx, "ws://"+w.public+"/ws/2", &websocket.DialOptions{HTTPHeader: header})
	if err != nil {
		w.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	w.t.Cleanup(func() { _ = conn.CloseNow() })
	a := &app{t: w.t, conn: conn}
	for _, c := range controls {
		a.send(c)
		name, _, _ := strings.Cut(c, "?")
		a.await("the ACK of "+c, func(text string) bool { return text == name+":ACK" })
	}
	return a
}

func (a *app) send(text string) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), patience)
	defer cancel()
	if err := a.conn.Write(ctx, websocket.MessageText, []byte(text)); err != nil {
		a.t.Fatal(err)
	}
}

// await returns the next message that is as it should be; those before it are dropped.
func (a *app) await(what string, is func(text string) bool) string {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(a.t.Context(), patience)
	defer cancel()
	var before []string
	for {
		_, text, err := a.conn.Read(ctx)
		if err != nil {
			a.t.Fatalf("waiting for %s: %v; before it came %q", what, err, before)
		}
		if is(string(text)) {
			return string(text)
		}
		before = append(before, string(text))
	}
}

// containing returns a condition on messages: that all of these are in it.
func containing(parts ...string) func(string) bool {
	return func(text string) bool {
		for _, part := range parts {
			if !strings.Contains(text, part) {
				return false
			}
		}
		return true
	}
}

// envelope returns a message of the protocol, of which value and headers are JSON, "" for none.
func envelope(topic, path, value, headers string) string {
	text := fmt.Sprintf(`{"topic":%q,"path":%q`, topic, path)
	if headers != "" {
		text += `,"headers":` + headers
	}
	if value != "" {
		text += `,"value":` + value
	}
	return text + "}"
}
