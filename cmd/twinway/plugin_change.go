package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/twinway/twinway/internal/plugin"
)

func runDrain(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := newFlags(pluginName, "kubectl drain NAME [flags]", errs)
	at := addClusterFlags(flags, false)
	undo := flags.Bool("undo", false, "put the pods back into service")
	wait := flags.Bool("wait", false, "wait until it is so")
	timeout := flags.Duration("timeout", 5*time.Minute, "how long to wait")
	positional, code, ok := pluginArguments(flags, args, 1, 1)
	if !ok {
		return code
	}
	c, err := at.open()
	if err != nil {
		return pluginFailed(errs, err)
	}
	name := positional[0]
	changed, err := c.Drain(ctx, c.namespace, name, !*undo)
	if err != nil {
		return pluginFailed(errs, err)
	}
	tell(out, c.namespace, name, changed, map[bool]string{true: "is to drain", false: "is to serve"}[!*undo])
	if !*wait {
		return exitOK
	}
	ctx, cancel := context.WithTimeoutCause(ctx, *timeout, plugin.ErrTimeout)
	defer cancel()
	if err := c.WaitDrained(ctx, c.namespace, name, !*undo); err != nil {
		return pluginFailed(errs, err)
	}
	fmt.Fprintf(out, "Gateway %s/%s %s\n", c.namespace, name, map[bool]string{true: "takes no clients", false: "serves clients"}[!*undo])
	return exitOK
}

func runPause(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := newFlags(pluginName, "kubectl pause NAME [flags]", errs)
	at := addClusterFlags(flags, false)
	undo := flags.Bool("undo", false, "let the operator work again")
	positional, code, ok := pluginArguments(flags, args, 1, 1)
	if !ok {
		return code
	}
	c, err := at.open()
	if err != nil {
		return pluginFailed(errs, err)
	}
	name := positional[0]
	changed, err := c.Pause(ctx, c.namespace, name, !*undo)
	if err != nil {
		return pluginFailed(errs, err)
	}
	tell(out, c.namespace, name, changed, map[bool]string{true: "is to be left alone", false: "is to be worked on"}[!*undo])
	return exitOK
}

// tell says what a Gateway is asked to be, and whether it was before.
func tell(out io.Writer, namespace, name string, changed bool, what string) {
	already := ""
	if !changed {
		already = ", as before"
	}
	fmt.Fprintf(out, "Gateway %s/%s %s%s\n", namespace, name, what, already)
}
