package packaging

import (
	"bytes"
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The image's binary is the same whoever builds it wherever, and needs nothing of
// the image: neither an interpreter nor libraries.
func TestImageIsReproducibleAndStatic(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the binary twice")
	}
	command := buildCommand(t)
	one := source(t, root)
	another := source(t, one) // of the same, whatever happens to the tree meanwhile
	first, second := build(t, command, one), build(t, command, another)
	if !bytes.Equal(readBytes(t, first), readBytes(t, second)) {
		t.Error("a second build differs from the first")
	}
	mustBeStatic(t, first)
	for _, args := range [][]string{{"version"}, {"gateway", "--help"}, {"validate", "--help"}} {
		program := exec.CommandContext(t.Context(), first, args...)
		program.Env = []string{} // as in an image of nothing but the binary
		if out, err := program.CombinedOutput(); err != nil && program.ProcessState.ExitCode() > 2 {
			t.Errorf("%v: %v: %s", args, err, out)
		}
	}
}

// buildCommand returns how the Dockerfile builds the binary.
func buildCommand(t *testing.T) string {
	t.Helper()
	match := regexp.MustCompile(`(?m)^RUN (.*go build.*)$`).FindStringSubmatch(readText(t, root+"/Dockerfile"))
	if match == nil {
		t.Fatal("the Dockerfile builds nothing")
	}
	return match[1]
}

// source copies what .dockerignore lets into the image's build to a directory of
// its own.
func source(t *testing.T, from string) string {
	t.Helper()
	dir := t.TempDir()
	for line := range strings.Lines(readText(t, root+"/.dockerignore")) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "!"); ok {
			if out, err := exec.CommandContext(t.Context(), "cp", "-r", filepath.Join(from, name), dir).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
		}
	}
	return dir
}

// build runs the command and returns the binary.
func build(t *testing.T, command, dir string) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "twinway")
	shell := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(command, "/out/twinway", binary))
	shell.Dir = dir
	shell.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	if out, err := shell.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", command, err, out)
	}
	return binary
}

func mustBeStatic(t *testing.T, binary string) {
	t.Helper()
	file, err := elf.Open(binary)
	if err != nil {
		t.Skip("no ELF file:", err)
	}
	defer file.Close()
	for _, program := range file.Progs {
		if program.Type == elf.PT_INTERP || program.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary is linked dynamically (%s)", program.Type)
		}
	}
}

func readBytes(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
