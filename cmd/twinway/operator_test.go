package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestOperatorFlags(t *testing.T) {
	for _, test := range []struct {
		name             string
		namespace, image string // from the environment
		args             []string
		code             int
		want             string
	}{
		{"no namespace", "", "image", nil, exitUsage, "--namespace is required"},
		{"no image", "ns", "", nil, exitUsage, "--gateway-image is required"},
		{"an argument", "ns", "image", []string{"more"}, exitUsage, "nothing but flags"},
		{"an empty name in the list", "ns", "image", []string{"--watch-namespaces=a,,b"}, exitUsage, "no list of namespaces"},
		{"no such level", "ns", "image", []string{"--log-level=loud"}, exitUsage, "--log-level"},
		{"help", "ns", "image", []string{"--help"}, exitOK, "Usage: twinway operator"},
		{"from the environment", "ns", "image", []string{"--watch-namespaces=a,b"}, exitOK, ""},
		{"from flags", "", "", []string{"--namespace=ns", "--gateway-image=image"}, exitOK, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("POD_NAMESPACE", test.namespace)
			t.Setenv("TWINWAY_IMAGE", test.image)
			var errs bytes.Buffer
			f, code, ok := parseOperator(test.args, &errs)
			if code != test.code || !strings.Contains(errs.String(), test.want) {
				t.Errorf("code %d, %s", code, errs.String())
			}
			if ok && (f.options.Namespace != "ns" || f.options.Image != "image") {
				t.Errorf("options %+v", f.options)
			}
		})
	}
}

func TestTheOperatorSaysThatItReachesNoAPIServer(t *testing.T) {
	kubeconfig := filepath.Join(t.TempDir(), "config")
	content := `{"apiVersion":"v1","kind":"Config","current-context":"x",` +
		`"clusters":[{"name":"x","cluster":{"server":"https://127.0.0.1:1"}}],"contexts":[{"name":"x","context":{"cluster":"x"}}]}`
	if err := os.WriteFile(kubeconfig, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f := operatorFlags{kubeconfig: kubeconfig}
	f.options.Namespace, f.options.Image = "ns", "image"
	f.options.MetricsAddress, f.options.ProbeAddress = "0", "0"
	said := make(saying, 16)
	f.options.Logger = slog.New(slog.NewTextHandler(said, nil))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- f.run(ctx) }()
	for line := range said {
		if strings.Contains(line, "start the operator") && strings.Contains(line, "127.0.0.1:1") {
			break
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("asked to end, it ends with %v", err)
	}
}

// saying hands on what is logged, line by line. What nobody waits for is dropped.
type saying chan string

func (s saying) Write(line []byte) (int, error) {
	select {
	case s <- string(line):
	default:
	}
	return len(line), nil
}
