package controllers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// noProbes is the address of probes that are not served.
	noProbes = "0"
	// readinessTimeout bounds one look. Kubernetes gives up after a second.
	readinessTimeout = 900 * time.Millisecond
	// probeTimeout bounds how long a request may take to come, and to be answered.
	probeTimeout = 5 * time.Second
)

// probes answers liveness, which is that the process answers, and readiness, which
// is that it knows what is in the cluster.
type probes struct {
	server *http.Server
	ended  chan struct{}
	// synced waits until the caches of the operator that runs are; nil when none
	// runs.
	synced atomic.Pointer[func(context.Context) bool]
}

// serveProbes serves probes until they are closed.
func serveProbes(ctx context.Context, address string) (*probes, error) {
	p := &probes{ended: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "ok") })
	mux.HandleFunc("/readyz", p.readiness)
	p.server = &http.Server{Handler: mux, ReadTimeout: probeTimeout, WriteTimeout: probeTimeout, MaxHeaderBytes: 8 << 10}
	if address == noProbes || address == "" {
		close(p.ended)
		return p, nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("serve probes: %w", err)
	}
	go func() { // ends when the server is closed
		defer close(p.ended)
		_ = p.server.Serve(listener)
	}()
	return p, nil
}

// ask has readiness ask whether the caches of another operator are synchronised;
// nil for none.
func (p *probes) ask(synced func(context.Context) bool) {
	if synced == nil {
		p.synced.Store(nil)
		return
	}
	p.synced.Store(&synced)
}

func (p *probes) readiness(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readinessTimeout)
	defer cancel()
	if err := p.ready(ctx); err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, "ok")
}

func (p *probes) ready(ctx context.Context) error {
	synced := p.synced.Load()
	if synced == nil {
		return errors.New("the operator waits for the API server")
	}
	if !(*synced)(ctx) {
		return errors.New("caches are not synchronised yet")
	}
	return nil
}

func (p *probes) close() {
	_ = p.server.Close()
	<-p.ended
}
