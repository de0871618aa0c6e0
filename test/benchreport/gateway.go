package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/twinway/twinway/internal/bench"
	"github.com/twinway/twinway/test/process"
)

// gateway is one that is being measured.
type gateway struct {
	*process.Process
	// address is where its clients come in.
	address string
	// ready is how long it took from the start of the process until it said that it takes clients.
	ready time.Duration
	log   *process.Tail
}

// Times of a gateway.
const (
	startPatience = 10 * time.Minute // a store may have much to recover
	stopPatience  = time.Minute
	asking        = time.Millisecond // between questions whether it is ready
)

// start runs a gateway on the store in a directory, and waits until it is ready.
func (l *lab) start(ctx context.Context, store string) (*gateway, error) {
	listen, admin := local(l.Port), local(l.Port+1)
	for _, address := range []string{listen, admin} {
		if err := free(ctx, address); err != nil {
			return nil, err
		}
	}
	g := &gateway{address: listen, log: &process.Tail{}}
	began := time.Now()
	p, err := process.Start(process.Command{
		Path: l.Binary, Args: []string{"gateway", "--config", l.config, "--data", store, "--listen", listen, "--admin", admin}, Output: g.log,
	})
	if err != nil {
		return nil, err
	}
	g.Process = p
	if err := g.await(ctx, "http://"+admin+"/readyz"); err != nil {
		g.Kill()
		return nil, err
	}
	g.ready = time.Since(began)
	return g, nil
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// free says whether nobody listens at an address: what somebody else's gateway answers must not be taken for ours.
func free(ctx context.Context, address string) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return fmt.Errorf("%w; -port names another", err)
	}
	return l.Close()
}

// await waits until the gateway is ready.
func (g *gateway) await(ctx context.Context, url string) error {
	ctx, stop := context.WithTimeoutCause(ctx, startPatience, errors.New("the gateway does not become ready"))
	defer stop()
	ticker := time.NewTicker(asking)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-g.Done():
			return g.ended()
		case <-ctx.Done():
			return fmt.Errorf("%w; its log ends:\n%s", context.Cause(ctx), g.log)
		}
		if answersOK(ctx, url) {
			return nil
		}
	}
}

// answersOK reports whether a URL is answered with 200.
func answersOK(ctx context.Context, url string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close() // the status is all there is to know
	return response.StatusCode == http.StatusOK
}

// ended is the error of a gateway that has ended by itself.
func (g *gateway) ended() error {
	return fmt.Errorf("the gateway has ended, %v; its log ends:\n%s", g.State(), g.log)
}

// stop ends the gateway in order.
func (g *gateway) stop() error {
	if g.State() != nil {
		return nil
	}
	g.Stop(stopPatience)
	if s := g.State(); !s.Success() {
		return g.ended()
	}
	return nil
}

// memory is what of the process is resident, in bytes; 0: not known.
func (g *gateway) memory(ctx context.Context) int64 {
	u, err := bench.Process(g.PID()).Usage(ctx)
	if err != nil {
		return 0
	}
	return u.Memory
}
