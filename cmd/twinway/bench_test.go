package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What is wrong with the command line is said before anything is asked of the endpoint.
func TestBenchCommandLine(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	good := []string{"read", "--user", "ditto", "--password", "ditto"}
	for name, test := range map[string]struct {
		args []string
		code int
		errs string
	}{
		"nothing":              {nil, exitUsage, "Usage: twinway bench SCENARIO"},
		"help":                 {[]string{"--help"}, exitOK, "the events of one thing are delivered to many subscribers (ws)"},
		"unknown scenario":     {[]string{"raed", "--user", "a"}, exitUsage, `no scenario "raed"`},
		"unknown flag":         {[]string{"read", "--sesions", "1"}, exitUsage, "sesions"},
		"nobody":               {[]string{"read", "--subject", "x:a"}, exitUsage, "one of a user, a token and"},
		"subject of a token":   {[]string{"read", "--token", "t"}, exitUsage, "--subject is needed"},
		"transport":            {append([]string{"--over", "ws,mqtt"}, good...), exitUsage, `"mqtt" is neither ws nor http`},
		"not for it":           {append([]string{"fanout", "--over", "http"}, good...), exitUsage, "fanout is not for http"},
		"mix":                  {append([]string{"--mix", "write=1"}, good...), exitUsage, `--mix: "write" is none of`},
		"parameters":           {append([]string{"--things", "0"}, good...), exitUsage, "--things: 0"},
		"URL":                  {append([]string{"--url", "ws://x"}, good...), exitUsage, "neither http:// nor https://"},
		"authorities":          {append([]string{"--ca", nowhere}, good...), exitUsage, "--ca"},
		"two ways":             {append([]string{"--pid", "1", "--metrics", "http://x"}, good...), exitUsage, "tell the same"},
		"no such process":      {append([]string{"--pid", "1073741824"}, good...), exitFailed, "what the server uses"},
		"nobody is there":      {append([]string{"--url", "http://127.0.0.1:1"}, good...), exitFailed, "connect to 127.0.0.1:1"},
		"compare one":          {[]string{"--compare", nowhere}, exitUsage, "takes two reports"},
		"compare what is not":  {[]string{"--compare", nowhere, nowhere}, exitFailed, nowhere},
		"no secret on display": {[]string{"--help"}, exitOK, passwordVariable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(passwordVariable, "the-secret")
			t.Setenv(tokenVariable, "")
			code, out, errs := outcome(append([]string{"bench"}, test.args...)...)
			if code != test.code || !strings.Contains(errs, test.errs) || out != "" || strings.Contains(errs, "the-secret") {
				t.Errorf("exit code %d, out %q, errors\n%s\nwant code %d and %q", code, out, errs, test.code, test.errs)
			}
		})
	}
}

// A run prints a table, and writes a report that can be compared; what it used of the server is in it. Ctrl-C ends a run, and what there is
// by then is printed and written.
func TestBenchOfAProcess(t *testing.T) {
	dir := t.TempDir()
	writeConfig(t, dir, "", "ada")
	p := startProcess(t, dir, t.TempDir())
	t.Setenv(passwordVariable, "ditto")
	whole, cut := filepath.Join(t.TempDir(), "whole.json"), filepath.Join(t.TempDir(), "cut.json")
	args := []string{
		"bench", "--url", "http://" + p.address, "--user", "ada", "--things", "50", "--sessions", "4",
		"--metrics", "http://" + p.admin + "/metrics",
	}
	code, out, errs := outcome(append(args, "warmup", "--json", whole)...)
	if code != exitOK || !strings.Contains(out, "warmup") || !strings.Contains(out, "MiB of memory") || !strings.Contains(errs, "warmup over ws, 1: 50 operations") {
		t.Fatalf("exit code %d\n%s\n%s", code, out, errs)
	}

	code, out = interrupted(t, append(args, "warmup", "modify", "--duration", "1h", "--json", cut)...)
	if code != exitFailed || !strings.Contains(out, "cut short") || !strings.Contains(out, "warmup") {
		t.Errorf("exit code %d after the signal:\n%s", code, out)
	}
	if text, err := os.ReadFile(cut); err != nil || !strings.Contains(string(text), `"cut": true`) || strings.Contains(string(text), `"ditto"`) {
		t.Errorf("the report: %v\n%s", err, text)
	}

	code, out, errs = outcome("bench", "--compare", whole, cut)
	if code != exitOK || !strings.Contains(out, "B was cut short") || !strings.Contains(out, `duration differs: "10s", "1h0m0s"`) {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
}

// interrupted runs the command in a process that is interrupted when its first run has ended.
func interrupted(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	command := exec.Command(os.Args[0], args...)
	command.Env = append(os.Environ(), asCommand+"=1")
	var stdout bytes.Buffer
	command.Stdout = &stdout
	stderr, err := command.StderrPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = command.Process.Kill() })
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "warmup over ws, 1:") {
			if err := command.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = command.Wait()
	return command.ProcessState.ExitCode(), stdout.String()
}
