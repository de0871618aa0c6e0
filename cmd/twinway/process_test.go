package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// asCommand makes the test binary be the command.
const asCommand = "TWINWAY_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// patience bounds every wait for something that is sure to come. It guards
// against hanging and measures nothing.
const patience = time.Minute

// logLine is what the tests read of a line of the log.
type logLine struct {
	Msg, Level, Address, Error, File, Object, Field, Rule string
	Document                                              int
	Changed                                               []string
	Hash, Instead                                         string
}

// process is a gateway in a process of its own.
type process struct {
	t              *testing.T
	command        *exec.Cmd
	address, admin string
	management     string // empty without

	mu    sync.Mutex
	lines []string
	more  chan struct{} // closed when there are more lines
	ended chan struct{} // closed when there will be none any more
}

// launch starts a gateway, with flags that say what it is configured by.
func launch(t *testing.T, data string, flags ...string) *process {
	t.Helper()
	p := &process{t: t, more: make(chan struct{}), ended: make(chan struct{})}
	p.command = exec.Command(os.Args[0], append([]string{"gateway", "--data", data,
		"--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--log-format", "json"}, flags...)...)
	p.command.Env = append(os.Environ(), asCommand+"=1")
	out, err := p.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	go p.follow(out)
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		<-p.ended
		_ = p.command.Wait()
		if t.Failed() {
			t.Logf("the gateway's log:\n%s", p.text())
		}
	})
	return p
}

// startProcess starts a gateway and waits until it listens.
func startProcess(t *testing.T, config, data string) *process {
	t.Helper()
	p := launch(t, data, "--config", config)
	p.admin = p.await("admin listening").Address
	p.address = p.await("listening").Address
	return p
}

func (p *process) follow(out io.Reader) {
	defer close(p.ended)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		p.mu.Lock()
		p.lines = append(p.lines, lines.Text())
		close(p.more)
		p.more = make(chan struct{})
		p.mu.Unlock()
	}
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// await returns the first line of the log with a message, waiting for it.
func (p *process) await(message string) logLine {
	p.t.Helper()
	guard := time.After(patience)
	for {
		p.mu.Lock()
		lines, more := p.lines, p.more
		p.mu.Unlock()
		for _, text := range lines {
			var line logLine
			if json.Unmarshal([]byte(text), &line) == nil && line.Msg == message {
				return line
			}
		}
		select {
		case <-more:
		case <-p.ended:
			p.t.Fatalf("the process ended without %q", message)
		case <-guard:
			p.t.Fatalf("there is no %q in the log", message)
		}
	}
}

// forget drops the log up to now, so that await sees only what comes.
func (p *process) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = nil
}

func (p *process) signal(s os.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
}

// exit waits for the end of the process and returns the code.
func (p *process) exit() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatal("the process does not end")
	}
	err := p.command.Wait()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return 0
}

func credentials(user string) http.Header {
	return http.Header{"Authorization": {"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":ditto"))}}
}

// tryDial opens a session, or returns the status that refuses it.
func (p *process) tryDial(user string) (ws *websocket.Conn, refused int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	ws, response, err := websocket.Dial(ctx, "ws://"+p.address+"/ws/2", &websocket.DialOptions{HTTPHeader: credentials(user)})
	if err != nil {
		if response == nil {
			p.t.Fatal(err)
		}
		return nil, response.StatusCode
	}
	p.t.Cleanup(func() { _ = ws.CloseNow() })
	return ws, 0
}

func (p *process) dial(user string) *websocket.Conn {
	p.t.Helper()
	ws, refused := p.tryDial(user)
	if refused != 0 {
		p.t.Fatalf("the handshake of %s is answered %d", user, refused)
	}
	return ws
}

// probe returns the status of a probe.
func (p *process) probe(path string) int {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, "http://"+p.admin+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

// do sends a command and returns the status of its answer.
func do(t *testing.T, ws *websocket.Conn, thing, action, value string) int {
	t.Helper()
	if value != "" {
		value = `,"value":` + value
	}
	text := `{"topic":"test/` + thing + `/things/twin/commands/` + action + `","path":"/"` + value + `}`
	if err := ws.Write(t.Context(), websocket.MessageText, []byte(text)); err != nil {
		t.Fatal(err)
	}
	_, answer, err := ws.Read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var e struct{ Status int }
	if err := json.Unmarshal(answer, &e); err != nil {
		t.Fatal(err)
	}
	return e.Status
}

// mustClose reads to the end of a session, which must be closed with a code
// and a reason.
func mustClose(t *testing.T, ws *websocket.Conn, code websocket.StatusCode) {
	t.Helper()
	for {
		if _, _, err := ws.Read(t.Context()); err != nil {
			frame, _ := errors.AsType[websocket.CloseError](err)
			if frame.Code != code || frame.Reason == "" {
				t.Errorf("the session ended with %v, want code %d and a reason", err, code)
			}
			return
		}
	}
}

// hash is of the password ditto.
const hash = "$2a$10$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"

// writeConfig writes the manifests of a gateway: what its spec has beside the
// users, one member for each line, and the names of the users. The port is never
// listened on.
func writeConfig(t *testing.T, dir, spec string, users ...string) {
	t.Helper()
	text := `apiVersion: twinway.dev/v1alpha1
kind: Gateway
metadata:
  name: demo
spec:
  authentication: {basic: {usersSecretRef: {name: users}}}
`
	if !strings.Contains(spec, "listener:") {
		text += "  listener: {port: 8080}\n"
	}
	for line := range strings.Lines(spec) {
		text += "  " + strings.TrimSuffix(line, "\n") + "\n"
	}
	text += "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: users\nstringData:\n"
	for _, user := range users {
		text += "  " + user + ": " + hash + "\n"
	}
	writeFile(t, dir, text)
}

// writeFile replaces the manifest as a whole, as editors do.
func writeFile(t *testing.T, dir, text string) {
	t.Helper()
	draft := filepath.Join(t.TempDir(), "draft")
	if err := os.WriteFile(draft, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(draft, filepath.Join(dir, "gateway.yaml")); err != nil {
		t.Fatal(err)
	}
}
