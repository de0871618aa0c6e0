package manifest_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/manifest"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

var update = flag.Bool("update", false, "write the golden files")

// Each directory in testdata/load is one case: its manifests are loaded and compiled,
// and compiled.golden holds the findings and the snapshot.
func TestLoadAndCompile(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("testdata", "load"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		t.Run(entry.Name(), func(t *testing.T) {
			dir := filepath.Join("testdata", "load", entry.Name())
			got := loadAndCompile(t, dir)
			if strings.Contains(strings.ToLower(got), "topsecret") || strings.Contains(got, "12345678") {
				t.Errorf("findings show a value of a Secret:\n%s", got)
			}
			golden := filepath.Join(dir, "compiled.golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// loadAndCompile returns the findings, one a line, and the snapshot if any.
func loadAndCompile(t *testing.T, dir string) string {
	t.Helper()
	objects, findings := manifest.Load(dir)
	snap, more := compile.Compile(objects)
	var out strings.Builder
	if err := append(findings, more...).Print(&out); err != nil {
		t.Fatal(err)
	}
	if snap != nil {
		out.Write(snap.Encode())
		out.WriteString("\n")
	}
	return out.String()
}

func TestSamplesAreValid(t *testing.T) {
	for dir, name := range map[string]string{
		"": "demo", "oidc": "demo-oidc", "mqtt": "demo-mqtt", "kafka": "demo-kafka", "nats": "demo-nats", "httppush": "demo-httppush", "edge": "edge",
	} {
		got := loadAndCompile(t, filepath.Join("../../config/samples", dir))
		if !strings.HasPrefix(got, `{"version":1,"gateway":{"namespace":"default","name":"`+name+`"},"listener":{"port":8080}`) {
			t.Errorf("config/samples/%s: %s", dir, got)
		}
	}
}
