package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "benchreport:", err)
		}
		stop()
		os.Exit(1) //nolint:gocritic // stop has been called
	}
}

// run does the parts that are named, and then prints tables and draws charts of all there is.
func run(ctx context.Context, args []string, out, progress io.Writer) error {
	s, names, err := parse(args, progress)
	if err != nil {
		return err
	}
	picked, err := pick(names)
	if err != nil {
		return err
	}
	if err := measure(ctx, s, picked, progress); err != nil {
		return err
	}
	r, err := readResults(s.Out)
	if err != nil {
		return err
	}
	if s.Chart != "" {
		if err := drawAll(ctx, s, r); err != nil {
			return err
		}
	}
	_, err = io.WriteString(out, tables(r))
	return err
}

// measure does parts in a laboratory of their own.
func measure(ctx context.Context, s Settings, picked []part, progress io.Writer) (err error) {
	if len(picked) == 0 {
		return nil
	}
	l, err := newLab(s, progress)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	for _, p := range picked {
		fmt.Fprintf(progress, "\n== %s: %s\n", p.name, p.description)
		if err := p.measure(ctx, l); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return nil
}

// Names that stand for all parts, and for none: what has been measured before is put together.
const (
	allParts = "all"
	noParts  = "none"
)

// pick returns the parts with names, in the order in which they are done.
func pick(names []string) (picked []part, err error) {
	switch {
	case len(names) == 0 || slices.Equal(names, []string{allParts}):
		return parts, nil
	case slices.Equal(names, []string{noParts}):
		return nil, nil
	}
	for _, name := range names {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			return nil, fmt.Errorf("there is no part %q; there are %s, and %s or %s", name, strings.Join(partNames(), ", "), allParts, noParts)
		}
	}
	for _, p := range parts {
		if slices.Contains(names, p.name) {
			picked = append(picked, p)
		}
	}
	return picked, nil
}
