package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
)

// newFlags returns the flag set of a command, which reports to errs.
func newFlags(command, synopsis string, errs io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.Usage = func() {
		fmt.Fprintf(errs, "Usage: twinway %s\n\n", synopsis)
		flags.PrintDefaults()
	}
	return flags
}

// parse parses the arguments. If ok is false the command ends with the code.
func parse(flags *flag.FlagSet, args []string) (code int, ok bool) {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitOK, false
	case err != nil:
		return exitUsage, false
	}
	return exitOK, true
}

// newLogger returns a logger in one of the formats that can be chosen.
func newLogger(format, level string, w io.Writer) (*slog.Logger, error) {
	var options slog.HandlerOptions
	var threshold slog.Level
	if err := threshold.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("--log-level: %w", err)
	}
	options.Level = threshold
	switch format {
	case "text":
		return slog.New(slog.NewTextHandler(w, &options)), nil
	case "json":
		return slog.New(slog.NewJSONHandler(w, &options)), nil
	}
	return nil, fmt.Errorf("--log-format: %q is neither text nor json", format)
}

// parseMixed parses flags that may stand before, between and behind the other
// arguments, as with kubectl, and returns those. Behind "--" there are no flags.
// If ok is false the command ends with the code.
func parseMixed(flags *flag.FlagSet, args []string) (positional []string, code int, ok bool) {
	for {
		if code, ok := parse(flags, args); !ok {
			return nil, code, false
		}
		rest := flags.Args()
		if len(rest) == 0 {
			return positional, exitOK, true
		}
		if parsed := len(args) - len(rest); parsed > 0 && args[parsed-1] == "--" {
			return append(positional, rest...), exitOK, true
		}
		positional, args = append(positional, rest[0]), rest[1:]
	}
}
