package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// pod is what a gateway finds in its pod.
type pod struct {
	t                        *testing.T
	authority                *gatewaytest.Authority
	file, data, certificates string
	of                       snapshot.Identity
}

// newPod mounts the snapshot of the samples, with some changes, and the
// certificates of an authority.
func newPod(t *testing.T, changes ...func(*snapshot.Snapshot)) *pod {
	t.Helper()
	snap := sample(t, changes...)
	p := &pod{
		t: t, authority: gatewaytest.NewAuthority(t), file: filepath.Join(t.TempDir(), "snapshot.json"),
		data: filepath.Join(t.TempDir(), "data"), certificates: t.TempDir(), of: snap.Gateway,
	}
	p.authority.Mount(p.certificates, management.ServerName(p.of))
	p.mount(snap.Encode())
	return p
}

func sample(t *testing.T, changes ...func(*snapshot.Snapshot)) *snapshot.Snapshot {
	t.Helper()
	snap := gatewaytest.Snapshot(t, "../../config/samples")
	for _, change := range changes {
		change(snap)
	}
	return snap
}

func withUser(name string) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { s.Authentication.Basic.Users[name] = hash }
}

func draining(minDelay, budget time.Duration) func(*snapshot.Snapshot) {
	return func(s *snapshot.Snapshot) { s.Drain = snapshot.Drain{MinDelay: minDelay, Budget: budget} }
}

func (p *pod) mount(data []byte) {
	p.t.Helper()
	if err := os.WriteFile(p.file, data, 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pod) launch() *process {
	p.t.Helper()
	return launch(p.t, p.data, "--snapshot", p.file, "--management", "127.0.0.1:0", "--management-certificates", p.certificates)
}

// start starts the gateway and waits until it listens.
func (p *pod) start() (*process, *gatewaytest.Operator) {
	p.t.Helper()
	process := p.launch()
	process.admin = process.await("admin listening").Address
	process.management = process.await("management listening").Address
	process.address = process.await("listening").Address
	return process, gatewaytest.NewOperator(p.authority, process.management, p.of)
}

// lastKnown returns what is kept for the next start.
func (p *pod) lastKnown() string {
	p.t.Helper()
	path := filepath.Join(p.data, "snapshot.json")
	data, err := os.ReadFile(path)
	if err != nil {
		p.t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		p.t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		p.t.Errorf("the mode is %o", mode)
	}
	return string(data)
}

// A gateway serves what is mounted, then what is pushed; after SIGKILL it serves
// what is mounted again, since that was stored first.
func TestSnapshotAndPush(t *testing.T) {
	p := newPod(t)
	first, operator := p.start()
	ws := first.dial("ditto")
	if status := do(t, ws, "kept", "create", "{}"); status != 201 {
		t.Fatalf("create is answered %d", status)
	}
	if p.lastKnown() != string(sample(t).Encode()) {
		t.Error("what is in force at the start is not kept")
	}
	next := sample(t, withUser("anna"))
	if code, s := operator.Push(t, next); code != http.StatusOK || s.Hash != next.Hash() {
		t.Fatalf("the push is answered %d %+v", code, s)
	}
	first.dial("anna")
	if status := do(t, ws, "kept", "retrieve", ""); status != 200 {
		t.Errorf("the session is answered %d", status)
	}
	first.signal(syscall.SIGKILL)
	first.exit()
	if p.lastKnown() != string(next.Encode()) {
		t.Error("what was pushed is not kept")
	}

	second, operator := p.start()
	if s := operator.Status(t); s.Hash != sample(t).Hash() || !s.Ready {
		t.Errorf("after the restart: %+v", s)
	}
	if _, answer := second.tryDial("anna"); answer != 401 {
		t.Errorf("a user who is not mounted is answered %d", answer)
	}
	if status := do(t, second.dial("ditto"), "kept", "retrieve", ""); status != 200 {
		t.Errorf("what was acknowledged is answered %d", status)
	}
}

const fellBack = "the snapshot cannot be used; the last one that was in force is"

// A file that cannot be used does not stop a gateway that knows better.
func TestLastKnownGood(t *testing.T) {
	good := string(sample(t).Encode())
	for name, data := range map[string]string{
		"empty":           "",
		"garbage":         "garbage",
		"another version": strings.Replace(good, `"version":1`, `"version":2`, 1),
		"unknown field":   strings.Replace(good, `{"version"`, `{"more":1,"version"`, 1),
		"too large":       strings.Repeat(" ", snapshot.MaxEncodedSize+1),
		"unusable": string(sample(t, func(s *snapshot.Snapshot) {
			s.Authentication.Basic.Users["anna"] = "no hash"
		}).Encode()),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(t)
			next := sample(t, withUser("anna"))
			before, operator := p.start()
			operator.Push(t, next)
			before.signal(syscall.SIGKILL)
			before.exit()

			p.mount([]byte(data))
			after, operator := p.start()
			line := after.await(fellBack)
			if newer := name == "another version" || name == "unknown field"; newer != strings.Contains(line.Error, "a newer operator wrote it") {
				t.Errorf("the log says %q", line.Error)
			}
			if line.Level != "ERROR" || line.Hash != next.Hash() || line.Error == "" || !strings.HasPrefix(line.Instead, p.data) {
				t.Errorf("the log says %+v", line)
			}
			if s := operator.Status(t); s.Hash != next.Hash() || !s.Ready {
				t.Errorf("the Status is %+v", s)
			}
			after.dial("anna")
			// The operator mends it by pushing.
			if code, s := operator.Push(t, sample(t)); code != http.StatusOK || s.Hash != sample(t).Hash() {
				t.Errorf("a push is answered %d %+v", code, s)
			}
			mustNotTell(t, after.text())
		})
	}
}

// mustNotTell checks that no hash of a password is in a text.
func mustNotTell(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{"$2a$0", "$2a$1", "no hash"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in\n%s", secret, text)
		}
	}
}

func TestMountedFileIsMissing(t *testing.T) {
	p := newPod(t)
	before, _ := p.start()
	before.signal(syscall.SIGKILL)
	before.exit()
	if err := os.Remove(p.file); err != nil {
		t.Fatal(err)
	}
	after, _ := p.start()
	after.await(fellBack)
}

func TestNothingToStartFrom(t *testing.T) {
	for name, test := range map[string]struct {
		mounted, kept string
	}{
		"neither":            {"garbage", ""},
		"both garbage":       {"garbage", "garbage"},
		"of another Gateway": {`{"version":2,"gateway":{"namespace":"other","name":"demo"}}`, string(sample(t).Encode())},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPod(t)
			p.mount([]byte(test.mounted))
			if test.kept != "" {
				p.keep(test.kept)
			}
			process := p.launch()
			if code := process.exit(); code != exitFailed {
				t.Errorf("exit code %d", code)
			}
			text := process.text()
			for _, want := range []string{"twinway: ", p.file, "snapshot.json", "let the operator write it again"} {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in\n%s", want, text)
				}
			}
			mustNotTell(t, text)
		})
	}
}

// keep makes something the last known good snapshot.
func (p *pod) keep(text string) {
	p.t.Helper()
	if err := os.MkdirAll(p.data, 0o750); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.data, "snapshot.json"), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// What a crash has left of writing the last known good snapshot is no obstacle.
func TestLeftOverDraft(t *testing.T) {
	p := newPod(t)
	p.keep("half of")
	if err := os.WriteFile(filepath.Join(p.data, "snapshot.json.new"), []byte("half of"), 0o444); err != nil {
		t.Fatal(err)
	}
	p.start()
	if p.lastKnown() != string(sample(t).Encode()) {
		t.Error("what is in force is not kept")
	}
}

// A pod of many sessions is taken out of service, put back, and ends.
func TestTakenOutByTheOperator(t *testing.T) {
	p := newPod(t, draining(0, 30*time.Second))
	process, operator := p.start()
	var closed sync.WaitGroup
	for range 200 {
		ws := process.dial("ditto")
		closed.Go(func() { mustClose(t, ws, websocket.StatusServiceRestart) })
	}
	operator.Do(t, http.MethodPut, management.PathDrain, nil)
	closed.Wait()
	operator.Await(t, "out of service", func(s management.Status) bool { return s.Draining && !s.Ready })
	if status := process.probe("/readyz"); status != 503 {
		t.Errorf("/readyz says %d", status)
	}
	operator.Do(t, http.MethodDelete, management.PathDrain, nil)
	if status := process.probe("/readyz"); status != 200 {
		t.Errorf("/readyz says %d", status)
	}
	process.dial("ditto")
	operator.Do(t, http.MethodPut, management.PathDrain, nil)
	process.await("drained")
	process.signal(syscall.SIGTERM)
	if code := process.exit(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	process.await("stopped")
}

// A pod that is out of service ends at once: the delay was then, if anybody
// needed it.
func TestTerminateWhileTakenOut(t *testing.T) {
	p := newPod(t, draining(0, 30*time.Second))
	process, operator := p.start()
	operator.Do(t, http.MethodPut, management.PathDrain, nil)
	process.await("drained")
	if code, s := operator.Push(t, sample(t, draining(10*time.Minute, time.Hour))); code != http.StatusOK {
		t.Fatalf("the push is answered %d %+v", code, s)
	}
	process.signal(syscall.SIGTERM)
	if code := process.exit(); code != exitOK { // or patience is over
		t.Errorf("exit code %d", code)
	}
}

// Before it ends, a gateway tells the operator.
func TestTerminateTellsTheOperator(t *testing.T) {
	p := newPod(t, draining(10*time.Minute, time.Hour))
	process, operator := p.start()
	before := operator.Status(t)
	process.signal(syscall.SIGTERM)
	after := operator.Await(t, "draining", func(s management.Status) bool { return s.Draining })
	if after.Ready || after.Reason != "draining" || after.Version <= before.Version {
		t.Errorf("the Status is %+v", after)
	}
	if s := operator.Do(t, http.MethodDelete, management.PathDrain, nil).Status(t); !s.Draining {
		t.Error("a gateway that ends is back in service")
	}
	process.signal(syscall.SIGTERM)
	if code := process.exit(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
}

// Clients are served, whatever the certificates of the management port are.
func TestServesWithoutCertificates(t *testing.T) {
	p := newPod(t)
	p.certificates = t.TempDir()
	process, operator := p.start()
	process.dial("ditto")
	if _, err := operator.Try(t.Context(), http.MethodGet, management.PathStatus, nil); err == nil {
		t.Error("the operator is let in")
	}
	p.authority.Mount(p.certificates, management.ServerName(p.of))
	for guard := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		if _, err := operator.Try(t.Context(), http.MethodGet, management.PathStatus, nil); err == nil {
			return
		} else if time.Now().After(guard) {
			t.Fatal(err)
		}
	}
}

// The log of a gateway that was pushed to tells what has changed, and nothing of
// what is secret.
func TestLogOfAPush(t *testing.T) {
	p := newPod(t)
	process, operator := p.start()
	operator.Push(t, sample(t, withUser("anna")))
	if line := process.await("configuration applied"); len(line.Changed) != 1 || line.Changed[0] != "authentication.basic.users" {
		t.Errorf("changed: %v", line.Changed)
	}
	operator.Do(t, http.MethodPut, management.PathSnapshot, []byte("garbage"))
	line := process.await("a snapshot was refused; the running configuration stays in force")
	if line.Level != "ERROR" || line.Error == "" || line.Hash == "" {
		t.Errorf("the log says %+v", line)
	}
	for text := range strings.Lines(process.text()) {
		if !json.Valid([]byte(text)) {
			t.Errorf("no JSON: %s", text)
		}
	}
	mustNotTell(t, process.text())
}
