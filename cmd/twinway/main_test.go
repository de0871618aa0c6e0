package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// outcome runs the command line within the test.
func outcome(args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	code = run(args, &stdout, &stderr)
	return code, stdout.String(), stderr.String()
}

func TestCommandLine(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	for name, test := range map[string]struct {
		args      []string
		code      int
		out, errs string // what they contain, empty for nothing at all
	}{
		"nothing":                 {nil, exitUsage, "", "Usage:"},
		"help":                    {[]string{"help"}, exitOK, "twinway gateway --config DIR", ""},
		"--help":                  {[]string{"--help"}, exitOK, "twinway validate DIR", ""},
		"-h":                      {[]string{"-h"}, exitOK, "twinway validate DIR", ""},
		"version":                 {[]string{"version"}, exitOK, "twinway ", ""},
		"unknown command":         {[]string{"gatewya"}, exitUsage, "", `unknown command "gatewya"`},
		"help of gateway":         {[]string{"gateway", "--help"}, exitOK, "", "-config"},
		"gateway without":         {[]string{"gateway"}, exitUsage, "", "--config DIR is required"},
		"gateway with more":       {[]string{"gateway", "--config", "x", "y"}, exitUsage, "", "nothing but flags"},
		"gateway unknown":         {[]string{"gateway", "--confg", "x"}, exitUsage, "", "confg"},
		"both ways to configure":  {[]string{"gateway", "--config", "x", "--snapshot", "y"}, exitUsage, "", "--config DIR is required, or --snapshot FILE"},
		"management of manifests": {[]string{"gateway", "--config", "x", "--management", ":0", "--management-certificates", "y"}, exitUsage, "", "--management is for --snapshot"},
		"no certificates":         {[]string{"gateway", "--snapshot", "x", "--management", ":0"}, exitUsage, "", "go together"},
		"snapshot of nothing":     {[]string{"gateway", "--snapshot", nowhere, "--data", nowhere}, exitFailed, "", nowhere + " cannot be used"},
		"log format":              {[]string{"gateway", "--config", "x", "--log-format", "xml"}, exitUsage, "", `"xml" is neither text nor json`},
		"log level":               {[]string{"gateway", "--config", "x", "--log-level", "loud"}, exitUsage, "", "--log-level"},
		"gateway of nothing":      {[]string{"gateway", "--config", nowhere}, exitFailed, "", nowhere + " is not a valid configuration"},
		"help of validate":        {[]string{"validate", "-h"}, exitOK, "", "twinway validate DIR"},
		"validate without":        {[]string{"validate"}, exitUsage, "", "twinway validate DIR"},
		"validate two":            {[]string{"validate", "a", "b"}, exitUsage, "", "twinway validate DIR"},
		"validate good":           {[]string{"validate", "../../config/samples"}, exitOK, "Gateway default/demo is valid, configuration ", ""},
		"validate with OIDC":      {[]string{"validate", "../../config/samples/oidc"}, exitOK, "Gateway default/demo-oidc is valid, configuration ", ""},
		"validate nothing":        {[]string{"validate", nowhere}, exitFailed, "no such file or directory", "is not a valid configuration"},
		"validate empty":          {[]string{"validate", t.TempDir()}, exitFailed, "no Gateway found", "is not a valid configuration"},
		"validate unreadable":     {[]string{"validate", "main.go"}, exitFailed, "main.go: ", "is not a valid configuration"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := outcome(test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			mustSay(t, "out", out, test.out)
			mustSay(t, "errors", errs, test.errs)
		})
	}
}

func mustSay(t *testing.T, name, got, want string) {
	t.Helper()
	if (got == "") != (want == "") || !strings.Contains(got, want) {
		t.Errorf("%s: %q, want %q", name, got, want)
	}
	if strings.Contains(got, "goroutine") || got != "" && !strings.HasSuffix(got, "\n") {
		t.Errorf("%s is not what people read: %q", name, got)
	}
}

// All findings are printed, one line each, with what is needed to mend them.
func TestValidateFindings(t *testing.T) {
	dir := t.TempDir()
	writeFile(t, dir, `apiVersion: twinway.dev/v1alpha1
kind: Gateway
metadata:
  name: demo
spec:
  listener: {port: 80800}
  drain: {budget: soon}
  authentication: {basic: {usersSecretRef: {name: users}}}
`)
	code, out, errs := outcome("validate", dir)
	if code != exitFailed || !strings.Contains(errs, dir) {
		t.Errorf("exit code %d: %s", code, errs)
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, want := range []string{"spec.listener.port", "spec.drain.budget", "spec.authentication.basic.usersSecretRef"} {
		count := 0
		for _, line := range lines {
			if strings.HasPrefix(line, filepath.Join(dir, "gateway.yaml")+"[1] Gateway default/demo: "+want) {
				count++
			}
		}
		if count != 1 {
			t.Errorf("%d lines about %s in\n%s", count, want, out)
		}
	}
	if len(lines) != 3 {
		t.Errorf("%d lines, want 3:\n%s", len(lines), out)
	}
}

func TestLogger(t *testing.T) {
	for _, test := range []struct {
		format, level string
		lines         int
	}{
		{"json", "debug", 3}, {"json", "info", 2}, {"json", "error", 1}, {"text", "info", 2}, {"text", "warn", 1},
	} {
		var out bytes.Buffer
		log, err := newLogger(test.format, test.level, &out)
		if err != nil {
			t.Fatal(err)
		}
		log.Debug("one")
		log.Info("two")
		log.Error("three")
		if n := strings.Count(out.String(), "\n"); n != test.lines {
			t.Errorf("%v: %d lines:\n%s", test, n, &out)
		}
		first, _, _ := strings.Cut(out.String(), "\n")
		if json.Valid([]byte(first)) != (test.format == "json") {
			t.Errorf("%v: %s", test, first)
		}
	}
}
