package manifest_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/manifest"
)

const configMap = "apiVersion: v1\nkind: ConfigMap\n"

// write puts a file into a directory.
func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// findings loads a directory and returns what was found, without its path.
func findings(dir string) []string {
	_, found := manifest.Load(dir)
	var lines []string
	for _, f := range found {
		lines = append(lines, strings.ReplaceAll(f.String(), dir, "DIR"))
	}
	return lines
}

func TestWhatCannotBeReadIsAFinding(t *testing.T) {
	tests := map[string]struct {
		prepare func(t *testing.T, dir string)
		want    []string
	}{
		"no directory": {
			func(t *testing.T, dir string) {
				if err := os.Remove(dir); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"DIR: cannot open: no such file or directory"},
		},
		"dangling link": {
			func(t *testing.T, dir string) {
				if err := os.Symlink("nowhere", filepath.Join(dir, "a.yaml")); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"DIR/a.yaml: cannot stat: no such file or directory"},
		},
		"pipe": {
			func(t *testing.T, dir string) {
				if err := syscall.Mkfifo(filepath.Join(dir, "a.yaml"), 0o600); err != nil {
					t.Skipf("no pipes here: %v", err)
				}
			},
			[]string{"DIR/a.yaml: must be a regular file"},
		},
		"link to a directory": {
			func(t *testing.T, dir string) {
				if err := os.Symlink(".", filepath.Join(dir, "a.yaml")); err != nil {
					t.Fatal(err)
				}
			},
			[]string{"DIR/a.yaml: must be a regular file"},
		},
		"file as large as allowed": {
			func(t *testing.T, dir string) {
				comment := bytes.Repeat([]byte("#"), 4<<20-len(configMap)-1)
				write(t, dir, "a.yaml", configMap+string(comment)+"\n")
			},
			nil,
		},
		"file too large": {
			func(t *testing.T, dir string) {
				comment := bytes.Repeat([]byte("#"), 4<<20-len(configMap))
				write(t, dir, "a.yaml", configMap+string(comment)+"\n")
			},
			[]string{"DIR/a.yaml: must have at most 4 MiB"},
		},
		"too many files": {
			func(t *testing.T, dir string) {
				for i := range 1001 {
					write(t, dir, fmt.Sprintf("%04d.yaml", i), configMap)
				}
			},
			[]string{"DIR: must have at most 1000 manifests"},
		},
		"too many documents": {
			func(t *testing.T, dir string) {
				write(t, dir, "a.yaml", strings.Repeat("---\n"+configMap, 1000))
				write(t, dir, "b.yaml", strings.Repeat("---\n"+configMap, 1001))
			},
			[]string{"DIR/b.yaml: must have at most 1000 documents, got 1001"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "config")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			tt.prepare(t, dir)
			if diff := cmp.Diff(tt.want, findings(dir)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFilesAreReadInTheOrderOfTheirNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.yml", "c.json", "a.yaml", "d.YAML", "e.txt", ".f.yaml", "kustomization.yaml"} {
		write(t, dir, name, `{"kind": "Nothing"}`)
	}
	if err := os.Mkdir(filepath.Join(dir, "below.yaml"), 0o700); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"DIR/a.yaml[1] Nothing (line 1): apiVersion and kind are required",
		"DIR/b.yml[1] Nothing (line 1): apiVersion and kind are required",
		"DIR/c.json[1] Nothing (line 1): apiVersion and kind are required",
	}
	if diff := cmp.Diff(want, findings(dir)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestLoadReturnsWhatCouldBeRead(t *testing.T) {
	objects, found := manifest.Load("testdata/load/values")
	if len(objects.Gateways) != 1 || len(objects.Secrets) != 1 || len(found) != 0 {
		t.Fatalf("got %d Gateways, %d Secrets, findings %v", len(objects.Gateways), len(objects.Secrets), found)
	}
	secret := objects.Secrets[0]
	if got := string(secret.Data["alice"]); got != "TopSecret" || secret.StringData != nil {
		t.Errorf("stringData must become data, got %q", got)
	}
}
