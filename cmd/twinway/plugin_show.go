package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"

	"github.com/twinway/twinway/internal/plugin"
)

func runStatus(ctx context.Context, args []string, out, errs io.Writer) int {
	return show("status [NAME] [flags]", args, out, errs, func(c *cluster, name string) (any, func(io.Writer) error, error) {
		gateways, err := c.Status(ctx, c.namespace, name)
		if err == nil && len(gateways) == 0 {
			fmt.Fprintln(errs, "There are no Gateways in", where(c))
		}
		return gateways, func(w io.Writer) error { return plugin.PrintStatus(w, gateways) }, err
	})
}

func runConnections(ctx context.Context, args []string, out, errs io.Writer) int {
	var events string
	options := func(flags *flag.FlagSet) {
		flags.StringVar(&events, "events", "", "the name of a Connection: what has happened on it lately, asked of its gateway (needs the right to get pods/proxy)")
	}
	return showWith("connections [GATEWAY] [flags]", options, args, out, errs, func(c *cluster, gateway string) (any, func(io.Writer) error, error) {
		if events != "" {
			return connectionEvents(ctx, c, gateway, events)
		}
		connections, err := c.Connections(ctx, c.namespace, gateway)
		if err == nil && len(connections) == 0 {
			fmt.Fprintln(errs, "There are no such Connections in", where(c))
		}
		return connections, func(w io.Writer) error { return plugin.PrintConnections(w, connections) }, err
	})
}

// connectionEvents asks for the events of one Connection.
func connectionEvents(ctx context.Context, c *cluster, gateway, name string) (any, func(io.Writer) error, error) {
	if gateway != "" || c.namespace == "" {
		return nil, nil, usageError("--events goes with neither the name of a Gateway nor all namespaces")
	}
	pods, err := c.Events(ctx, c.namespace, name)
	return pods, func(w io.Writer) error { return plugin.PrintPodEvents(w, pods) }, err
}

// where names what was looked through.
func where(c *cluster) string {
	if c.namespace == "" {
		return "the cluster."
	}
	return "namespace " + c.namespace + "."
}

// show runs a command that reads, and prints what it returns: a value for
// programs, and how people see it.
func show(synopsis string, args []string, out, errs io.Writer,
	read func(c *cluster, name string) (any, func(io.Writer) error, error),
) int {
	return showWith(synopsis, func(*flag.FlagSet) {}, args, out, errs, read)
}

// showWith is show for a command with more options.
func showWith(synopsis string, options func(*flag.FlagSet), args []string, out, errs io.Writer,
	read func(c *cluster, name string) (any, func(io.Writer) error, error),
) int {
	flags := newFlags(pluginName, "kubectl "+synopsis, errs)
	options(flags)
	at := addClusterFlags(flags, true)
	output := outputFlag(flags)
	positional, code, ok := pluginArguments(flags, args, 0, 1)
	if !ok {
		return code
	}
	name := ""
	if len(positional) == 1 {
		name = positional[0]
	}
	err := checkOutput(*output)
	if err == nil && name != "" && at.all {
		err = usageError("a name and all namespaces do not go together")
	}
	if err != nil {
		return pluginFailed(errs, err)
	}
	c, err := at.open()
	if err != nil {
		return pluginFailed(errs, err)
	}
	value, text, err := read(c, name)
	if err == nil {
		err = printAs(*output, out, value, text)
	}
	if err != nil {
		return pluginFailed(errs, err)
	}
	return exitOK
}

// printAs writes a value for programs or for people.
func printAs(output string, out io.Writer, value any, text func(io.Writer) error) error {
	if output == "" {
		return text(out)
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func runDiff(ctx context.Context, args []string, out, errs io.Writer) int {
	flags := newFlags(pluginName, "kubectl diff NAME [flags]\n\nExits with 0 if all is the same, with 1 if not.", errs)
	at := addClusterFlags(flags, false)
	output := outputFlag(flags)
	positional, code, ok := pluginArguments(flags, args, 1, 1)
	if !ok {
		return code
	}
	if err := checkOutput(*output); err != nil {
		return pluginFailed(errs, err)
	}
	c, err := at.open()
	if err != nil {
		return pluginFailed(errs, err)
	}
	d, err := c.Diff(ctx, c.namespace, positional[0])
	if err == nil {
		err = printAs(*output, out, d, d.Print)
	}
	if err != nil {
		return pluginFailed(errs, err)
	}
	if !d.Same {
		return exitFailed
	}
	return exitOK
}
