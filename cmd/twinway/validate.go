package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/twinway/twinway/api/v1alpha1"
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
	if findings.HasErrors() {
		fmt.Fprintf(errs, "twinway: %s: Gateway %s is valid, but lacks what was refused\n", flags.Arg(0), snap.Gateway)
		return exitFailed
	}
	fmt.Fprintf(out, "%s: Gateway %s is valid, configuration %.12s\n", flags.Arg(0), snap.Gateway, snap.Hash())
	return exitOK
}

// load reads and compiles a directory of manifests. The snapshot is nil if the
// Gateway is refused, or if something could not be read that it may need.
func load(dir string) (*snapshot.Snapshot, snapshot.Findings) {
	objects, findings := manifest.Load(dir)
	snap, more := compile.Compile(objects)
	if slices.ContainsFunc(findings, concernsGateway) {
		snap = nil
	}
	return snap, append(findings, more...)
}

// concernsGateway says whether an object could not be read that is not one of
// those without which a gateway can do.
func concernsGateway(f snapshot.Finding) bool {
	return f.Severity == snapshot.Error &&
		f.Object.Kind != v1alpha1.ConnectionKind && f.Object.Kind != v1alpha1.SubscriptionKind
}
