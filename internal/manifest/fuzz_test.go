package manifest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// Whatever a file holds: it is read without a panic, every finding names a
// file, without a snapshot there is an error and with one there is none about the
// Gateway, and the same bytes give the same snapshot.
func FuzzManifest(f *testing.F) {
	seeds, err := filepath.Glob("testdata/load/*/*.[yj]*")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, seed := range seeds {
		data, err := os.ReadFile(seed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		load := func() compile.Objects {
			l := loader{objects: compile.Objects{Root: "dir"}}
			l.file("dir/a.yaml", data)
			for _, found := range l.findings {
				if found.File == "" {
					t.Errorf("finding names no file: %v", found)
				}
				if strings.ContainsAny(found.String(), "\n\r\x1b") {
					t.Errorf("finding is not one line: %q", found)
				}
			}
			return l.objects
		}
		snap, findings := compile.Compile(load())
		for _, found := range findings {
			if found.File == "" {
				t.Errorf("finding names no file: %v", found)
			}
		}
		if snap == nil {
			if !findings.HasErrors() {
				t.Fatalf("there is no snapshot, and the findings are %v", findings)
			}
			return
		}
		for _, found := range findings {
			if found.Severity == snapshot.Error && found.Object.Kind == v1alpha1.GatewayKind {
				t.Fatalf("there is a snapshot in spite of %v", found)
			}
		}
		if again, _ := compile.Compile(load()); again.Hash() != snap.Hash() {
			t.Errorf("the same bytes give %s and %s", snap.Encode(), again.Encode())
		}
	})
}
