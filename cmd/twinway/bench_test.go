package main

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/bench"
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
		"transport twice":      {append([]string{"--over", "ws,ws"}, good...), exitUsage, "ws stands there twice"},
		"no number":            {append([]string{"--rate", "NaN"}, good...), exitUsage, "--rate: NaN"},
		"nowhere to write":     {append([]string{"--json", filepath.Join(nowhere, "x.json")}, good...), exitUsage, "--json: open"},
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
	code, out, _ = whenWarm(t, nil, args...)
	return code, out
}

// whenWarm runs the command in a process, and does something when its first run has ended; nil: interrupts it.
func whenWarm(t *testing.T, do func(), args ...string) (code int, out, errs string) {
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
	if do == nil {
		do = func() {
			if err := command.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
		}
	}
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		errs += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "warmup over ws, 1:") {
			do()
		}
	}
	_ = command.Wait()
	return command.ProcessState.ExitCode(), stdout.String(), errs
}

// When the endpoint goes away in the midst of it, what was measured is printed and written, and all that went wrong is said.
func TestBenchOfAProcessThatIsKilled(t *testing.T) {
	dir, file := t.TempDir(), filepath.Join(t.TempDir(), "report.json")
	writeConfig(t, dir, "", "ada")
	p := startProcess(t, dir, t.TempDir())
	killed := func() {
		awaitMetric(t, p, regexp.MustCompile(`twinway_command_duration_seconds_count\{action="modify"\} [1-9]`))
		p.signal(os.Kill)
	}
	code, out, errs := whenWarm(t, killed,
		"bench", "--url", "http://"+p.address, "--user", "ada", "--password", "ditto", "--things", "50", "--sessions", "4",
		"warmup", "modify", "live", "--duration", "1h", "--json", file)
	if code != exitFailed || !strings.Contains(out, "connections ended") || !strings.Contains(out, "cut short") || !strings.Contains(errs, "twinway: live: connect to") {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `"cut": true`) || !strings.Contains(string(text), `"scenario": "modify"`) {
		t.Errorf("the report: %v\n%s", err, text)
	}
}

// awaitMetric waits until the metrics of a process have something.
func awaitMetric(t *testing.T, p *process, want *regexp.Regexp) {
	t.Helper()
	for {
		response, err := http.Get("http://" + p.admin + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if want.Match(text) {
			return
		}
	}
}

// A report that cannot be written is printed.
func TestBenchOnAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	writeConfig(t, dir, "", "ada")
	p := startProcess(t, dir, t.TempDir())
	code, out, errs := outcome("bench", "--url", "http://"+p.address, "--user", "ada", "--password", "ditto", "--things", "5", "--sessions", "1", "warmup", "--json", "/dev/full")
	if code != exitFailed || !strings.Contains(out, "warmup") || !strings.Contains(errs, "no space left on device") {
		t.Errorf("exit code %d\n%s\n%s", code, out, errs)
	}
}

// Where nobody watches, what takes long is told of now and then, and what is short when it is over.
func TestProgressWithoutATerminal(t *testing.T) {
	var b bytes.Buffer
	line := newProgressLine(&b)
	for range 8 {
		line.tell("short", bench.Progress{})
	}
	for second := range 25 {
		line.tell("long", bench.Progress{Warm: true, Done: int64(second + 1), Recent: 1, Operations: 100})
	}
	line.clear()
	if want := "long: 10 of 100, 1/s\nlong: 20 of 100, 1/s\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
