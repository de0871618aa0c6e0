package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/twinway/twinway/internal/plugin"
)

// pluginName is the name under which kubectl finds the binary as a plugin.
const pluginName = "kubectl-twinway"

const pluginUsage = `Shows and changes what the operator sees of Twinway in a cluster.

Usage:

  kubectl twinway status [NAME]            Gateways, with their Connections and Subscriptions
  kubectl twinway connections [GATEWAY]    Connections, with their Subscriptions; --events NAME tells what happened on one
  kubectl twinway drain NAME               take the pods of a Gateway out of service; --undo puts them back
  kubectl twinway pause NAME               make the operator leave a Gateway alone; --undo lets it work again
  kubectl twinway diff NAME                compare the configuration of the objects with what pods start with
  kubectl twinway support-bundle NAME      write an archive for somebody who helps; it holds no secrets

"kubectl twinway COMMAND --help" lists the flags of a command. "twinway kubectl" is
the same.
`

// pluginCommands are the commands of the plugin.
var pluginCommands = map[string]func(ctx context.Context, args []string, out, errs io.Writer) int{
	"status":         runStatus,
	"connections":    runConnections,
	"drain":          runDrain,
	"pause":          runPause,
	"diff":           runDiff,
	"support-bundle": runSupportBundle,
}

// commandLine returns the arguments of the command, which may have been called
// as a plugin of kubectl.
func commandLine(argv []string) []string {
	name := strings.TrimSuffix(filepath.Base(argv[0]), ".exe")
	if name == pluginName {
		return slices.Concat([]string{"kubectl"}, argv[1:])
	}
	return argv[1:]
}

func runPlugin(args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(errs, pluginUsage)
		return exitUsage
	}
	if slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		fmt.Fprint(out, pluginUsage)
		return exitOK
	}
	command, known := pluginCommands[args[0]]
	if !known {
		fmt.Fprintf(errs, "kubectl twinway: unknown command %q\n\n%s", args[0], pluginUsage)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return command(ctx, args[1:], out, errs)
}

// pluginFailed reports an error and returns the code to exit with.
func pluginFailed(errs io.Writer, err error) int {
	fmt.Fprintln(errs, "kubectl twinway:", plugin.Explain(err))
	if _, wrong := errors.AsType[usageError](err); wrong {
		return exitUsage
	}
	return exitFailed
}

// usageError is a mistake in the command line.
type usageError string

func (e usageError) Error() string { return string(e) }
