// Command twinway is a gateway for digital twins that speaks the Ditto
// protocol. See "twinway help".
package main

import (
	"fmt"
	"io"
	"os"
	"runtime/debug"
)

const usage = `Twinway is a gateway for digital twins that speaks the Eclipse Ditto protocol.

Usage:

  twinway gateway --config DIR   run a gateway from the manifests in DIR
  twinway gateway --snapshot FILE
                                 run a gateway that the operator configures
  twinway operator               look after the Gateways, Connections and Subscriptions of a cluster
  twinway validate DIR           compile the manifests in DIR and print all findings
  twinway render DIR             print what the operator makes of the Gateway in DIR
  twinway connections            list the Connections of a running gateway, or what happened on one
  twinway bench SCENARIO...      measure an endpoint of the Ditto protocol; "twinway bench --help" lists the scenarios
  twinway kubectl COMMAND        what the plugin "kubectl twinway" does; see "twinway kubectl help"
  twinway version                print the version
  twinway help                   print this text

"twinway COMMAND --help" lists the flags of a command.
`

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried and did not work, or findings are errors
	exitUsage  = 2 // the command line is wrong
)

func main() {
	os.Exit(run(commandLine(os.Args), os.Stdout, os.Stderr))
}

func run(args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		fmt.Fprint(errs, usage)
		return exitUsage
	}
	switch command := args[0]; command {
	case "gateway":
		return runGateway(args[1:], errs)
	case "operator":
		return runOperator(args[1:], errs)
	case "validate":
		return runValidate(args[1:], out, errs)
	case "render":
		return runRender(args[1:], out, errs)
	case "connections":
		return runLocalConnections(args[1:], out, errs)
	case "bench":
		return runBench(args[1:], out, errs)
	case "kubectl":
		return runPlugin(args[1:], out, errs)
	case "version":
		fmt.Fprintln(out, "twinway", version())
		return exitOK
	case "help", "-h", "--help":
		fmt.Fprint(out, usage)
		return exitOK
	default:
		fmt.Fprintf(errs, "twinway: unknown command %q\n\n%s", command, usage)
		return exitUsage
	}
}

// release is the version that an image was built as; the linker sets it.
var release string

// version returns the release, or what the Go tool chain recorded about a build
// that is none.
func version() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version
}
