package crd_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/controlplane"
)

var updateFiles = flag.Bool("update", false, "rewrite testdata/kubectl with what kubectl prints")

// Each file is a session: a line that begins with $ is a command, what follows
// is what it prints. Lines that begin with # say what is to be seen.
func TestKubectl(t *testing.T) {
	programs, err := controlplane.FindPrograms("kubectl")
	if err != nil {
		t.Skipf("*** LEFT OUT: %v", err)
	}
	files, err := filepath.Glob("testdata/kubectl/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, newShell(t, programs), string(want))
			if *updateFiles {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// play runs the commands of a session and returns it with what they print.
func play(t *testing.T, s shell, session string) string {
	t.Helper()
	var played strings.Builder
	for line := range strings.Lines(session) {
		command, isCommand := strings.CutPrefix(line, "$ ")
		if isCommand || strings.HasPrefix(line, "#") || line == "\n" {
			played.WriteString(line)
		}
		if isCommand {
			played.WriteString(s.run(t, command))
		}
	}
	return played.String()
}

// shell runs commands that know kubectl, in a namespace of the test's own.
type shell struct{ environment []string }

func newShell(t *testing.T, programs controlplane.Programs) shell {
	t.Helper()
	home := t.TempDir()
	kubeconfig, err := os.ReadFile(apiserver.Kubeconfig(t))
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(home, "kubeconfig")
	if err := os.WriteFile(config, kubeconfig, 0o600); err != nil {
		t.Fatal(err)
	}
	s := shell{environment: []string{"PATH=" + string(programs) + ":/usr/bin:/bin", "HOME=" + home, "KUBECONFIG=" + config}}
	s.run(t, "kubectl config set-context --current --namespace="+apiserver.Namespace(t))
	return s
}

var (
	age        = regexp.MustCompile(`(?m)(\d+m)?\d+s$`)
	emptyLines = regexp.MustCompile(`(?m)^\s*\n`)
)

// run returns what a command prints to both outputs, without empty lines and
// with all ages the same.
func (s shell) run(t *testing.T, command string) string {
	t.Helper()
	c := exec.CommandContext(deadline(t), "sh", "-c", command)
	c.Env = s.environment
	out, err := c.CombinedOutput()
	if refused := (*exec.ExitError)(nil); err != nil && !errors.As(err, &refused) {
		t.Fatalf("%s: %v", command, err)
	}
	return age.ReplaceAllString(emptyLines.ReplaceAllString(string(out), ""), "0s")
}
