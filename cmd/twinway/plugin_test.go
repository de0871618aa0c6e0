package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCalledByKubectl(t *testing.T) {
	for name, want := range map[string][]string{
		"/usr/bin/twinway":         {"status", "demo"},
		"kubectl-twinway":          {"kubectl", "status", "demo"},
		"/opt/kubectl-twinway":     {"kubectl", "status", "demo"},
		"/opt/kubectl-twinway.exe": {"kubectl", "status", "demo"},
	} {
		if diff := cmp.Diff(want, commandLine([]string{name, "status", "demo"})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What can be said without a cluster, or with one that does not answer.
func TestPluginCommandLine(t *testing.T) {
	kubeconfig := unreachable(t)
	empty := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	at := func(args ...string) []string { return append(args, "--kubeconfig", kubeconfig) }
	for name, test := range map[string]struct {
		args      []string
		code      int
		out, errs string
	}{
		"nothing":               {nil, exitUsage, "", "Usage:"},
		"help":                  {[]string{"--help"}, exitOK, "kubectl twinway status", ""},
		"unknown":               {[]string{"statsu"}, exitUsage, "", `unknown command "statsu"`},
		"help of a command":     {[]string{"drain", "--help"}, exitOK, "", "-undo"},
		"status of two":         {at("status", "a", "b"), exitUsage, "", "status [NAME]"},
		"diff of nothing":       {at("diff"), exitUsage, "", "diff NAME"},
		"format":                {at("status", "-o", "xml"), exitUsage, "", `"xml" is not json`},
		"a name everywhere":     {at("status", "-A", "demo"), exitUsage, "", "do not go together"},
		"drain everywhere":      {at("drain", "-A", "demo"), exitUsage, "", "flag provided but not defined: -A"},
		"no cluster":            {[]string{"status", "--kubeconfig", empty}, exitFailed, "", "no cluster is configured"},
		"no file":               {[]string{"status", "--kubeconfig", empty + "x"}, exitFailed, "", "no such file"},
		"no context":            {at("status", "--context", "elsewhere"), exitFailed, "", "elsewhere"},
		"status unreachable":    {at("status"), exitFailed, "", "cannot be reached"},
		"list unreachable":      {at("connections", "demo", "-n", "plant"), exitFailed, "", "cannot be reached"},
		"events unreachable":    {at("connections", "--events", "cloud", "-n", "plant"), exitFailed, "", "cannot be reached"},
		"events everywhere":     {at("connections", "--events", "cloud", "-A"), exitUsage, "", "--events goes with neither"},
		"events of a gateway":   {at("connections", "--events", "cloud", "demo"), exitUsage, "", "--events goes with neither"},
		"drain unreachable":     {at("drain", "demo"), exitFailed, "", "cannot be reached"},
		"pause unreachable":     {at("pause", "demo"), exitFailed, "", "cannot be reached"},
		"diff unreachable":      {at("diff", "demo"), exitFailed, "", "cannot be reached"},
		"bundle unreachable":    {at("support-bundle", "demo", "-o", filepath.Join(t.TempDir(), "a")), exitFailed, "", "cannot be reached"},
		"bundle that is there":  {at("support-bundle", "demo", "-o", empty), exitFailed, "", "exists"},
		"flags before the name": {[]string{"diff", "--kubeconfig", kubeconfig, "demo"}, exitFailed, "", "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := outcome(slices.Concat([]string{"kubectl"}, test.args)...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			mustSay(t, "out", out, test.out)
			mustSay(t, "errors", errs, test.errs)
		})
	}
}

// A bundle that could not be written leaves no file that looks like one.
func TestFailedBundleLeavesNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bundle.tar.gz")
	code, _, errs := outcome("kubectl", "support-bundle", "demo", "--kubeconfig", unreachable(t), "-o", file)
	if code != exitFailed {
		t.Fatalf("exit code %d: %s", code, errs)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("there is a file: %v", err)
	}
}

// unreachable returns a kubeconfig for a cluster that does not answer: nobody
// listens on port 1.
func unreachable(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config")
	text := `
apiVersion: v1
kind: Config
current-context: here
contexts: [{name: here, context: {cluster: here, user: me}}]
clusters: [{name: here, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: me, user: {}}]
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
