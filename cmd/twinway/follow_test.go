package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	applied = "configuration applied"
	invalid = "the configuration on disk is not valid; the running one stays in force"
	refused = "the configuration on disk is refused; the running one stays in force"
)

func TestFollowUsers(t *testing.T) {
	config := t.TempDir()
	writeConfig(t, config, "", "ditto")
	p := startProcess(t, config, t.TempDir())
	ditto := p.dial("ditto")
	if _, answer := p.tryDial("anna"); answer != 401 {
		t.Fatalf("a user who is not there is answered %d", answer)
	}

	writeConfig(t, config, "", "ditto", "anna")
	if line := p.await(applied); len(line.Changed) != 1 || line.Changed[0] != "authentication.basic.users" {
		t.Errorf("changed: %v", line.Changed)
	}
	anna := p.dial("anna")
	do(t, anna, "absent", "retrieve", "")

	p.forget()
	writeConfig(t, config, "", "ditto")
	p.await(applied)
	mustClose(t, anna, 1008)
	if _, answer := p.tryDial("anna"); answer != 401 {
		t.Errorf("the removed user is answered %d", answer)
	}
	if status := do(t, ditto, "absent", "retrieve", ""); status != 404 {
		t.Errorf("the session of the other user is answered %d", status)
	}
}

func TestFollowLimitOfThings(t *testing.T) {
	config := t.TempDir()
	writeConfig(t, config, "", "ditto")
	p := startProcess(t, config, t.TempDir())
	ws := p.dial("ditto")
	value := `{"attributes":{"a":"` + strings.Repeat("x", 2000) + `"}}`
	if status := do(t, ws, "first", "create", value); status != 201 {
		t.Fatalf("before: %d", status)
	}
	writeConfig(t, config, "limits: {thing: {maxSize: 1024}}", "ditto")
	p.await(applied)
	if status := do(t, ws, "second", "create", value); status != 413 {
		t.Errorf("after: %d, want 413", status)
	}
}

func TestFollowWhatNeedsARestart(t *testing.T) {
	config := t.TempDir()
	writeConfig(t, config, "listener: {port: 8080}", "ditto")
	p := startProcess(t, config, t.TempDir())
	writeConfig(t, config, "listener: {port: 8090}\nstorage: {cacheSize: 512Mi}", "ditto", "anna")
	line := p.await(refused)
	for _, field := range []string{"listener.port", "storage.cacheSize", "restart"} {
		if !strings.Contains(line.Error, field) {
			t.Errorf("%q is not in %q", field, line.Error)
		}
	}
	if _, answer := p.tryDial("anna"); answer != 401 {
		t.Errorf("a part of what was refused is in force: %d", answer)
	}
}

func TestFollowBrokenFile(t *testing.T) {
	config := t.TempDir()
	writeConfig(t, config, "", "ditto")
	p := startProcess(t, config, t.TempDir())
	ws := p.dial("ditto")

	writeConfig(t, config, "listener: {port: 80800}", "ditto", "anna")
	p.await(invalid)
	line := p.await("must be between 1 and 65535, got 80800")
	want := logLine{
		Msg: line.Msg, Level: "ERROR", File: filepath.Join(config, "gateway.yaml"), Document: 1,
		Object: "Gateway default/demo", Field: "spec.listener.port", Rule: "Range",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Errorf("the log (-want +got):\n%s", diff)
	}

	p.forget()
	writeFile(t, config, "no: [yaml")
	p.await(invalid)
	p.forget()
	if err := os.Remove(filepath.Join(config, "gateway.yaml")); err != nil {
		t.Fatal(err)
	}
	p.await(invalid)
	if status := do(t, ws, "absent", "retrieve", ""); status != 404 {
		t.Errorf("an open session is answered %d", status)
	}
	do(t, p.dial("ditto"), "absent", "retrieve", "")

	writeConfig(t, config, "", "ditto", "anna")
	p.await(applied)
	do(t, p.dial("anna"), "absent", "retrieve", "")
}
