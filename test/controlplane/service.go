package controlplane

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/twinway/twinway/test/process"
)

// restartDelay keeps a program that cannot run from using the whole machine.
const restartDelay = 200 * time.Millisecond

// service is a program that is run again when it ends, as a kubelet would do:
// controller manager and scheduler end when they find no API server at their
// start.
type service struct {
	start func() (*process.Process, error)
	stop  chan struct{}
	ended sync.WaitGroup
}

// supervise runs the program until close.
func supervise(start func() (*process.Process, error)) (*service, error) {
	s := &service{start: start, stop: make(chan struct{})}
	first, err := start()
	if err != nil {
		return nil, err
	}
	s.ended.Go(func() { s.run(first) })
	return s, nil
}

func (s *service) run(p *process.Process) {
	for p != nil {
		select {
		case <-p.Done():
			p = s.restart()
		case <-s.stop:
			// What it would do in order is to give back a lease that it does not have.
			p.Kill()
			return
		}
	}
}

// restart returns nil when the service is closed.
func (s *service) restart() *process.Process {
	for {
		select {
		case <-s.stop:
			return nil
		case <-time.After(restartDelay):
		}
		if p, err := s.start(); err == nil {
			return p
		}
	}
}

// close ends the program.
func (s *service) close() {
	close(s.stop)
	s.ended.Wait()
}

// startService runs one of the programs beside the API server and returns when
// it is healthy.
func (c *ControlPlane) startService(ctx context.Context, program string, port int, args []string) error {
	s, err := supervise(func() (*process.Process, error) { return c.run(program, args...) })
	if err != nil {
		return err
	}
	c.services = append(c.services, s)
	url := fmt.Sprintf("https://%s:%d/healthz", c.options.Address, port)
	return c.await(ctx, program, nil, func(ctx context.Context) error { return c.trusted(ctx, url) })
}
