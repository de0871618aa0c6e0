package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// writeLinks replaces the manifest of Connections: one for each URI.
func writeLinks(t *testing.T, dir string, uris map[string]string) {
	t.Helper()
	var text strings.Builder
	for name, uri := range uris {
		text.WriteString("apiVersion: twinway.dev/v1alpha1\nkind: Connection\nmetadata: {name: " + name + "}\n" +
			"spec: {gatewayRef: {name: demo}, type: DittoWebSocket, uri: '" + uri + "'}\n---\n")
	}
	if err := os.WriteFile(filepath.Join(dir, "links.yaml"), []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

const brokenLink = "apiVersion: twinway.dev/v1alpha1\nkind: Connection\nmetadata: {name: broken}\nspec: {uri: [wss]}\n"

func TestValidateOfRefusedConnections(t *testing.T) {
	good := map[string]string{"good": "wss://ditto.example.com"}
	bad := map[string]string{"bad": "ditto.example.com"}
	for name, test := range map[string]struct {
		links     map[string]string
		more      string // of a third file
		code      int
		out, errs string
	}{
		"good": {good, "", exitOK, "Gateway default/demo is valid", ""},
		"bad":  {bad, "", exitFailed, "Connection default/bad: spec.uri (line 4): must be scheme://", "Gateway default/demo is valid, but lacks what was refused"},
		"unreadable Connection": {
			good, brokenLink, exitFailed, "Connection default/broken: spec.uri (line 4): must be a string, got a list", "Gateway default/demo is valid, but lacks what was refused",
		},
		"unreadable Secret": {good, "apiVersion: v1\nkind: Secret\nmetadata: {name: [a]}\n", exitFailed, "metadata.name (line 3): must be a string", "is not a valid configuration"},
		"unreadable file":   {good, "{", exitFailed, "more.yaml", "is not a valid configuration"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeConfig(t, dir, "", "ditto")
			writeLinks(t, dir, test.links)
			if err := os.WriteFile(filepath.Join(dir, "more.yaml"), []byte(test.more), 0o600); err != nil {
				t.Fatal(err)
			}
			if test.more == "" {
				_ = os.Remove(filepath.Join(dir, "more.yaml"))
			}
			code, out, errs := outcome("validate", dir)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			mustSay(t, "out", out, test.out)
			mustSay(t, "errors", errs, test.errs)
		})
	}
}

// A gateway runs without the Connections that are refused, and follows them.
func TestGatewayWithRefusedConnections(t *testing.T) {
	config := t.TempDir()
	writeConfig(t, config, "", "ditto")
	writeLinks(t, config, map[string]string{"bad": "ditto.example.com", "good": "wss://ditto.example.com"})
	p := startProcess(t, config, t.TempDir())
	const problem = "must be scheme://host:port/path, without user name, password, query and fragment"
	if line := p.await(problem); line.Level != "ERROR" || line.Object != "Connection default/bad" || line.Field != "spec.uri" {
		t.Errorf("the log: %+v", line)
	}
	ws := p.dial("ditto")

	p.forget()
	writeLinks(t, config, map[string]string{"bad": "wss://ditto.example.com", "good": "wss://ditto.example.com"})
	if line := p.await(applied); !slices.Equal(line.Changed, []string{"connections"}) {
		t.Errorf("changed: %v", line.Changed)
	}
	if status := do(t, ws, "absent", "retrieve", ""); status != 404 {
		t.Errorf("an open session is answered %d", status)
	}
}
