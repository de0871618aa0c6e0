package manifest

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// Bounds on what is read.
const (
	maxFiles    = 1000
	maxFileSize = 4 << 20 // bytes
)

// Load reads the manifests of a directory: the files *.yaml, *.yml and *.json
// directly in it, in the order of their names, symbolic links followed. Files
// whose names start with a dot and kustomization.yaml are not manifests. What cannot be read is a
// finding; what could be read is returned in any case.
func Load(dir string) (compile.Objects, snapshot.Findings) {
	l := loader{objects: compile.Objects{Root: dir}}
	names, err := list(dir)
	if err != nil {
		l.fileError(dir, err)
	}
	for _, name := range names {
		path := filepath.Join(dir, name)
		data, err := read(path)
		if err != nil {
			l.fileError(path, err)
			continue
		}
		l.file(path, data)
	}
	l.objects.Incomplete = l.findings.HasErrors()
	return l.objects, l.findings
}

// loader collects the objects of all files and what was found in them.
type loader struct {
	objects  compile.Objects
	findings snapshot.Findings
}

var errTooMany = fmt.Errorf("must have at most %d manifests", maxFiles)

// list returns the names of the manifests in a directory, sorted; the first
// maxFiles of them with errTooMany when there are more.
func list(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if !isManifest(e.Name()) || e.IsDir() {
			continue
		}
		if len(names) == maxFiles {
			return names, errTooMany
		}
		names = append(names, e.Name())
	}
	return names, nil
}

// isManifest says whether a file of that name is read. What kustomize looks for
// needs no kind, so that its name must tell it.
func isManifest(name string) bool {
	if name == "kustomization.yaml" || name == "kustomization.yml" {
		return false
	}
	return !strings.HasPrefix(name, ".") && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(name))
}

var (
	errTooLarge   = fmt.Errorf("must have at most %d MiB", maxFileSize>>20)
	errNotRegular = errors.New("must be a regular file")
)

// read returns the content of a file that is not too large.
func read(path string) ([]byte, error) {
	// Opening a pipe would wait for its other end.
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFileSize {
		return nil, errTooLarge
	}
	return data, nil
}

// fileError reports that a file or directory could not be read.
func (l *loader) fileError(path string, err error) {
	rule := snapshot.RuleReadable
	if errors.Is(err, errTooLarge) || errors.Is(err, errTooMany) {
		rule = snapshot.RuleBounded
	}
	// The finding names the path already.
	if pathError, ok := errors.AsType[*fs.PathError](err); ok {
		err = fmt.Errorf("cannot %s: %w", pathError.Op, pathError.Err)
	}
	l.findings = append(l.findings, snapshot.Finding{
		Severity: snapshot.Error, File: path, Rule: rule, Message: err.Error(),
	})
}
