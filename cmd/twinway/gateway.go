package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/twinway/twinway/internal/gateway"
)

// gatewayFlags are the command line of the gateway.
type gatewayFlags struct {
	config, snapshot string
	options          gateway.Options
	format, level    string
}

// parseGateway parses the command line. If ok is false the command ends with
// the code.
func parseGateway(args []string, errs io.Writer) (f gatewayFlags, code int, ok bool) {
	flags := newFlags("gateway", "gateway --config DIR | --snapshot FILE [flags]", errs)
	flags.StringVar(&f.config, "config", "", "directory of manifests: one Gateway, and the Secrets and ConfigMaps it refers to")
	flags.StringVar(&f.snapshot, "snapshot", "", "file of a compiled configuration, as the operator writes it")
	flags.StringVar(&f.options.DataDir, "data", "data", "directory of the store; created if it does not exist")
	flags.StringVar(&f.options.Listen, "listen", "", "address for clients, such as 127.0.0.1:8080 (default: all addresses, the Gateway's port)")
	flags.StringVar(&f.options.Admin, "admin", "127.0.0.1:8081", "address for /healthz, /readyz and /metrics; empty for none")
	flags.BoolVar(&f.options.Profiling, "profiling", false, "serve profiles of the process below /debug/pprof/ of that address")
	flags.StringVar(&f.options.Management.Address, "management", "", "address for the operator, such as :9443; with --snapshot only (default: none)")
	flags.StringVar(&f.options.Management.Certificates, "management-certificates", "", "directory of tls.crt, tls.key and ca.crt for that")
	flags.StringVar(&f.format, "log-format", "text", "text or json")
	flags.StringVar(&f.level, "log-level", "info", "debug, info, warn or error")
	if code, ok := parse(flags, args); !ok {
		return f, code, false
	}
	log, err := newLogger(f.format, f.level, errs)
	if err == nil {
		err = f.check(flags.NArg())
	}
	if err != nil {
		fmt.Fprintln(errs, "twinway:", err)
		flags.Usage()
		return f, exitUsage, false
	}
	f.options.Logger = log
	return f, exitOK, true
}

// check says what is wrong with the flags.
func (f gatewayFlags) check(more int) error {
	management := f.options.Management
	switch {
	case (f.config == "") == (f.snapshot == "") || more > 0:
		return errors.New("--config DIR is required, or --snapshot FILE, and nothing but flags")
	case (management.Address == "") != (management.Certificates == ""):
		return errors.New("--management and --management-certificates go together")
	case management.Address != "" && f.snapshot == "":
		return errors.New("--management is for --snapshot: manifests are followed on disk")
	}
	return nil
}

func runGateway(args []string, errs io.Writer) int {
	f, code, ok := parseGateway(args, errs)
	if !ok {
		return code
	}
	log := f.options.Logger
	// Before anybody can know that the gateway runs: what a signal does by
	// default is to end the process on the spot.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	g, unfollow, err := f.start()
	if err != nil {
		fmt.Fprintln(errs, "twinway:", err)
		return exitFailed
	}
	serve(g, signals, log)
	unfollow()
	signal.Stop(signals) // who sends another one no longer wants to wait
	return end(g, log)
}

// start starts the gateway. The function that it returns ends what follows the
// configuration.
func (f gatewayFlags) start() (g *gateway.Gateway, unfollow func(), err error) {
	if f.snapshot != "" {
		g, err = startSnapshot(f.snapshot, f.options)
		return g, func() {}, err // the operator pushes what changes
	}
	return startManifests(f.config, f.options)
}

// startManifests starts a gateway from the manifests in a directory, and follows
// them.
func startManifests(config string, o gateway.Options) (g *gateway.Gateway, unfollow func(), err error) {
	ctx, cancel := context.WithCancel(context.Background())
	defer func() {
		if err != nil {
			cancel()
		}
	}()
	changes := watch(ctx, config, o.Logger)
	snap, findings := load(config)
	report(o.Logger, findings)
	if snap == nil {
		return nil, nil, fmt.Errorf("%s is not a valid configuration", config)
	}
	if g, err = gateway.Start(snap, o); err != nil {
		return nil, nil, err
	}
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		follow(changes, g, config, o.Logger)
	}()
	return g, func() {
		cancel()
		<-followed
	}, nil
}

// serve returns after a signal and what follows from it, or when the gateway
// cannot go on.
func serve(g *gateway.Gateway, signals <-chan os.Signal, log *slog.Logger) {
	select {
	case s := <-signals:
		log.Info("stopping; a second signal stops at once", "signal", s.String())
		drain(g, s, signals)
	case <-g.Failed():
		log.Error("the gateway cannot go on", "error", g.Err())
	}
}

// end closes the gateway and returns the code to exit with.
func end(g *gateway.Gateway, log *slog.Logger) int {
	failed := g.Err() != nil
	if err := g.Close(); err != nil {
		log.Error("close", "error", err)
		failed = true
	}
	if failed {
		return exitFailed
	}
	log.Info("stopped")
	return exitOK
}

// drain takes the gateway out of service until a second signal. Who presses
// Ctrl-C routes no traffic by readiness, so that then nothing is waited for.
func drain(g *gateway.Gateway, first os.Signal, more <-chan os.Signal) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		g.Drain(ctx, first == os.Interrupt)
	}()
	select {
	case <-done:
	case <-more:
		cancel()
		<-done
	}
}
