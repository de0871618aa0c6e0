package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTerminate(t *testing.T) {
	config, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	writeConfig(t, config, "drain: {minDelay: 2s, budget: 30s}", "ditto")
	p := startProcess(t, config, data)
	ws := p.dial("ditto")
	if status := do(t, ws, "kept", "create", "{}"); status != 201 {
		t.Fatalf("create is answered %d", status)
	}
	if status := p.probe("/readyz"); status != 200 {
		t.Fatalf("/readyz says %d", status)
	}
	p.signal(syscall.SIGTERM)
	p.await("draining")
	if status := p.probe("/readyz"); status != 503 {
		t.Errorf("/readyz says %d", status)
	}
	if status := p.probe("/healthz"); status != 200 {
		t.Errorf("/healthz says %d", status)
	}
	mustClose(t, ws, 1012)
	if code := p.exit(); code != exitOK {
		t.Errorf("exit code %d", code)
	}
	p.await("stopped")

	again := startProcess(t, config, data)
	if status := do(t, again.dial("ditto"), "kept", "retrieve", ""); status != 200 {
		t.Errorf("what was acknowledged is answered %d", status)
	}
}

// Before the delay is over, sessions are accepted; who does not want to wait
// sends another signal.
func TestSecondSignalStopsAtOnce(t *testing.T) {
	config := t.TempDir()
	writeConfig(t, config, "drain: {minDelay: 10m, budget: 10m}", "ditto")
	p := startProcess(t, config, t.TempDir())
	p.signal(syscall.SIGTERM)
	p.await("draining")
	if status := p.probe("/readyz"); status != 503 {
		t.Errorf("/readyz says %d", status)
	}
	ws := p.dial("ditto")
	if status := do(t, ws, "new", "create", "{}"); status != 201 {
		t.Errorf("a new session is answered %d", status)
	}
	p.signal(syscall.SIGTERM)
	if code := p.exit(); code != exitOK { // or patience is over
		t.Errorf("exit code %d", code)
	}
}

func TestInterruptSkipsTheDelay(t *testing.T) {
	config := t.TempDir()
	writeConfig(t, config, "drain: {minDelay: 10m, budget: 10m}", "ditto")
	p := startProcess(t, config, t.TempDir())
	ws := p.dial("ditto")
	p.signal(os.Interrupt)
	mustClose(t, ws, 1012)
	if code := p.exit(); code != exitOK { // or patience is over
		t.Errorf("exit code %d", code)
	}
}

// failedStart runs a gateway that cannot start and returns what it says.
func failedStart(t *testing.T, data string) string {
	t.Helper()
	c := exec.Command(os.Args[0], "gateway", "--config", "../../config/samples", "--data", data,
		"--listen", "127.0.0.1:0", "--admin", "", "--log-level", "error")
	c.Env = append(os.Environ(), asCommand+"=1")
	c.WaitDelay = time.Second
	out, err := c.CombinedOutput()
	if code := c.ProcessState.ExitCode(); code != exitFailed {
		t.Errorf("exit code %d (%v):\n%s", code, err, out)
	}
	text := string(out)
	if !strings.HasPrefix(text, "twinway: ") || strings.Count(text, "\n") != 1 || !strings.Contains(text, data) {
		t.Errorf("it does not say in one line what is wrong with %s:\n%s", data, text)
	}
	return text
}

func TestStoreInUse(t *testing.T) {
	data := t.TempDir()
	startProcess(t, "../../config/samples", data)
	if text := failedStart(t, data); !strings.Contains(text, "in use") {
		t.Errorf("it says %s", text)
	}
}

func TestStoreCorrupt(t *testing.T) {
	for name, damage := range map[string]func(path string) error{
		"log missing":      os.Remove,
		"manifest garbage": func(path string) error { return os.WriteFile(path, []byte("garbage garbage garbage"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			p := startProcess(t, "../../config/samples", data)
			if status := do(t, p.dial("ditto"), "kept", "create", "{}"); status != 201 {
				t.Fatalf("create is answered %d", status)
			}
			p.signal(syscall.SIGKILL)
			p.exit()
			pattern := "*.log"
			if strings.Contains(name, "manifest") {
				pattern = "MANIFEST-*"
			}
			files, err := filepath.Glob(filepath.Join(data, pattern))
			if err != nil || len(files) == 0 {
				t.Fatalf("%v: there is no %s", err, pattern)
			}
			for _, path := range files {
				if err := damage(path); err != nil {
					t.Fatal(err)
				}
			}
			failedStart(t, data)
		})
	}
}
