package main

import (
	"fmt"
	"io"

	"github.com/twinway/twinway/internal/manifest"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

func runValidate(args []string, out, errs io.Writer) int {
	flags := newFlags("validate", "validate DIR", errs)
	if code, ok := parse(flags, args); !ok {
		return code
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return exitUsage
	}
	snap, findings := load(flags.Arg(0))
	if err := findings.Print(out); err != nil {
		fmt.Fprintln(errs, "twinway:", err)
		return exitFailed
	}
	if snap == nil {
		fmt.Fprintf(errs, "twinway: %s is not a valid configuration\n", flags.Arg(0))
		return exitFailed
	}
	fmt.Fprintf(out, "%s: Gateway %s is valid, configuration %.12s\n", flags.Arg(0), snap.Gateway, snap.Hash())
	return exitOK
}

// load reads and compiles a directory of manifests. The snapshot is nil if the
// findings hold an error.
func load(dir string) (*snapshot.Snapshot, snapshot.Findings) {
	objects, findings := manifest.Load(dir)
	snap, more := compile.Compile(objects)
	findings = append(findings, more...)
	if findings.HasErrors() {
		return nil, findings
	}
	return snap, findings
}
