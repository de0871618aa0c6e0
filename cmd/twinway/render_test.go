package main

import (
	"strings"
	"testing"
)

const (
	renderUsers = `
---
apiVersion: v1
kind: Secret
metadata: {name: users}
stringData: {ditto: "` + hash + `"}
`
	renderGateway = `
---
apiVersion: twinway.dev/v1alpha1
kind: Gateway
metadata: {name: demo}
spec:
  listener: {port: 8080}
  authentication: {basic: {usersSecretRef: {name: users}}}
`
	renderConnection = `
---
apiVersion: twinway.dev/v1alpha1
kind: Connection
metadata: {name: cloud}
spec:
  gatewayRef: {name: demo}
  type: DittoWebSocket
  uri: wss://ditto.example.com/ws/2
  credentials: {basic: {name: missing}}
`
)

func TestRender(t *testing.T) {
	good := renderGateway + renderUsers
	several := good + strings.Replace(renderGateway, "demo", "other", 1)
	for name, test := range map[string]struct {
		manifests string
		args      []string
		code      int
		out       []string // what is printed, empty for nothing
		errs      []string // what is said, empty for nothing
	}{
		"objects": {good, nil, exitOK, []string{
			"kind: StatefulSet", "name: demo-snapshot", "namespace: default", "image: twinway", "[redacted, ", "tls.key: '[issued by the operator]'",
			"00000000-0000-0000-0000-000000000000",
		}, nil},
		"image":         {good, []string{"--image", "example.com/own"}, exitOK, []string{"image: example.com/own"}, nil},
		"effective":     {good, []string{"--show", "effective"}, exitOK, []string{"kind: Gateway", "pingInterval: 30s", "replicas: 1", "size: 10Gi"}, nil},
		"snapshot":      {good, []string{"--show=snapshot"}, exitOK, []string{"# ", "version: 1", "ditto: '[redacted]'", "port: 8080"}, nil},
		"flags first":   {several, []string{"--name", "other"}, exitOK, []string{"name: other-snapshot"}, nil},
		"by namespace":  {several, []string{"--name=default/demo"}, exitOK, []string{"name: demo-snapshot"}, nil},
		"several":       {several, nil, exitFailed, nil, []string{"choose one", "default/other", "not a valid configuration"}},
		"refused":       {renderGateway, nil, exitFailed, nil, []string{"usersSecretRef", "not a valid configuration"}},
		"refused link":  {good + renderConnection, []string{"--show", "snapshot"}, exitFailed, []string{"port: 8080"}, []string{"Connection default/cloud", "lacks what was refused"}},
		"something new": {good, []string{"--show", "everything"}, exitUsage, nil, []string{`"everything" is none of`}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			writeFile(t, dir, test.manifests)
			for _, args := range [][]string{append([]string{"render", dir}, test.args...), append(append([]string{"render"}, test.args...), dir)} {
				code, out, errs := outcome(args...)
				if code != test.code {
					t.Errorf("exit code %d, want %d", code, test.code)
				}
				mustHave(t, "out", out, test.out)
				mustHave(t, "errors", errs, test.errs)
				if strings.Contains(out, "$2a$") {
					t.Errorf("a password hash is shown:\n%s", out)
				}
			}
		})
	}
}

// mustHave fails unless each of what is wanted is there, and nothing if nothing
// is wanted.
func mustHave(t *testing.T, name, got string, want []string) {
	t.Helper()
	if len(want) == 0 && got != "" {
		t.Errorf("%s: %s", name, got)
	}
	for _, text := range want {
		if !strings.Contains(got, text) {
			t.Errorf("%s: no %q in\n%s", name, text, got)
		}
	}
}
