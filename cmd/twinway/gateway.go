package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/twinway/twinway/internal/gateway"
)

func runGateway(args []string, errs io.Writer) int {
	flags := newFlags("gateway", "gateway --config DIR [flags]", errs)
	config := flags.String("config", "", "directory of manifests: one Gateway, and the Secrets and ConfigMaps it refers to (required)")
	data := flags.String("data", "data", "directory of the store; created if it does not exist")
	listen := flags.String("listen", "", "address for clients, such as 127.0.0.1:8080 (default: all addresses, the Gateway's port)")
	admin := flags.String("admin", "127.0.0.1:8081", "address for /healthz, /readyz and /metrics; empty for none")
	format := flags.String("log-format", "text", "text or json")
	level := flags.String("log-level", "info", "debug, info, warn or error")
	if code, ok := parse(flags, args); !ok {
		return code
	}
	log, err := newLogger(*format, *level, errs)
	if err == nil && (*config == "" || flags.NArg() > 0) {
		err = fmt.Errorf("--config DIR is required, and nothing but flags")
	}
	if err != nil {
		fmt.Fprintln(errs, "twinway:", err)
		flags.Usage()
		return exitUsage
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	changes := watch(ctx, *config, log)
	snap, findings := load(*config)
	report(log, findings)
	if snap == nil {
		fmt.Fprintf(errs, "twinway: %s is not a valid configuration\n", *config)
		return exitFailed
	}
	// Before anybody can know that the gateway runs: what a signal does by
	// default is to end the process on the spot.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	g, err := gateway.Start(snap, gateway.Options{DataDir: *data, Listen: *listen, Admin: *admin, Logger: log})
	if err != nil {
		fmt.Fprintln(errs, "twinway:", err)
		return exitFailed
	}
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		follow(changes, g, *config, log)
	}()
	serve(g, signals, log)
	cancel()
	<-followed
	signal.Stop(signals) // who sends another one no longer wants to wait
	return end(g, log)
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
