package conformance

import (
	"context"
	"crypto/rand"
	"embed"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"strings"
	"sync/atomic"
	"testing"
)

// Files are the scenarios.
//
//go:embed testdata
var Files embed.FS

// Load parses all scenarios below testdata, in the order of their paths.
func Load() ([]Scenario, error) {
	var all []Scenario
	err := fs.WalkDir(Files, "testdata", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(file) != ".txt" {
			return err
		}
		text, err := fs.ReadFile(Files, file)
		if err != nil {
			return err
		}
		scenarios, err := Parse(file, string(text))
		all = append(all, scenarios...)
		return err
	})
	return all, err
}

// Run plays all scenarios against the target, each as a parallel subtest <directory>/<file>/<title>. Slashes in titles
// become colons, so that -run can select a single scenario.
func Run(t *testing.T, target Target) {
	t.Helper()
	all, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for directory, inDirectory := range grouped(all, func(s Scenario) string { return path.Base(path.Dir(s.File)) }) {
		t.Run(directory, func(t *testing.T) {
			t.Parallel()
			for file, inFile := range grouped(inDirectory, func(s Scenario) string { return path.Base(s.File) }) {
				t.Run(strings.TrimSuffix(file, ".txt"), func(t *testing.T) {
					t.Parallel()
					runAll(t, target, inFile)
				})
			}
		})
	}
}

func runAll(t *testing.T, target Target, scenarios []Scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(strings.ReplaceAll(s.Name, "/", ":"), func(t *testing.T) {
			t.Parallel()
			runOne(t, target, s)
		})
	}
}

// grouped yields runs of neighbours with the same key.
func grouped(all []Scenario, key func(Scenario) string) iter.Seq2[string, []Scenario] {
	return func(yield func(string, []Scenario) bool) {
		for start := 0; start < len(all); {
			end := start
			for end < len(all) && key(all[end]) == key(all[start]) {
				end++
			}
			if !yield(key(all[start]), all[start:end]) {
				return
			}
			start = end
		}
	}
}

func runOne(t *testing.T, target Target, s Scenario) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	st := newStage(ctx, target, newNamespace())
	err := s.play(st)
	if err != nil {
		t.Errorf("%v\n\nall frames, in the order sent and read:\n  %s", err, strings.Join(st.log, "\n  "))
	}
	if closeErr := st.close(); closeErr != nil && err == nil {
		t.Error(closeErr)
	}
}

var (
	process   = strings.ToLower(rand.Text()[:10])
	scenarios atomic.Int64
)

// newNamespace returns a namespace that no other scenario uses, in this run or another one.
func newNamespace() string { return fmt.Sprintf("conformance.r%s.s%d", process, scenarios.Add(1)) }
