package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/twinway/twinway/test/process"
)

// Options say what to run and where.
type Options struct {
	// Programs is where the programs are.
	Programs Programs
	// Dir takes all files; it exists.
	Dir string
	// Address is listened on, by etcd and the others as well.
	Address netip.Addr
	// ControllerManager runs a kube-controller-manager.
	ControllerManager bool
	// Controllers are what it runs, in the form of its flag --controllers;
	// default: all.
	Controllers string
	// Scheduler runs a kube-scheduler.
	Scheduler bool
	// Nodes prepares for kubelets: the Node authorizer, endpoints of the API
	// server's own Service, which must not be on loopback, and pod networks.
	Nodes bool
}

// ports of the programs, on Options.Address.
const (
	portEtcd      = 2379
	portEtcdPeer  = 2380
	portAPI       = 6443
	portManager   = 10257
	portScheduler = 10259
)

// Guards against hanging. Programs that are built to compile quickly start
// slowly on a machine that is busy.
const (
	startTimeout = 3 * time.Minute
	stopTimeout  = 30 * time.Second
	pollInterval = 50 * time.Millisecond
)

// ControlPlane is a running control plane.
type ControlPlane struct {
	options  Options
	cluster  *authority
	front    *authority
	logsMu   sync.Mutex // services log when they are restarted
	logs     map[string]*os.File
	etcd     *process.Process
	api      *process.Process
	services []*service // controller-manager and scheduler
}

// Start runs a control plane until Stop, and returns when it can be used. When
// it fails nothing is left running.
func Start(ctx context.Context, o Options) (*ControlPlane, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	c := &ControlPlane{options: o, logs: map[string]*os.File{}}
	if err := c.start(ctx); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *ControlPlane) start(ctx context.Context) error {
	if err := c.writeCredentials(); err != nil {
		return err
	}
	if err := c.startEtcd(ctx); err != nil {
		return err
	}
	if err := c.StartAPIServer(ctx); err != nil {
		return err
	}
	if err := c.startControllerManager(ctx); err != nil {
		return err
	}
	return c.startScheduler(ctx)
}

// Stop ends all programs. It may be called again.
func (c *ControlPlane) Stop() {
	for _, s := range c.services {
		s.close()
	}
	c.services = nil
	c.StopAPIServer()
	if c.etcd != nil {
		c.etcd.Kill()
	}
	for _, log := range c.logs {
		_ = log.Close()
	}
}

// Logs returns the folder with the log of each program.
func (c *ControlPlane) Logs() string { return filepath.Join(c.options.Dir, "logs") }

// run starts a program whose output goes to a file; a restarted one appends.
func (c *ControlPlane) run(program string, args ...string) (*process.Process, error) {
	log, err := c.log(program)
	if err != nil {
		return nil, err
	}
	p, err := process.Start(process.Command{
		Path: c.options.Programs.Path(program), Args: args, Dir: c.options.Dir, Output: log,
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return p, nil
}

func (c *ControlPlane) log(program string) (*os.File, error) {
	c.logsMu.Lock()
	defer c.logsMu.Unlock()
	if log := c.logs[program]; log != nil {
		return log, nil
	}
	if err := os.MkdirAll(c.Logs(), 0o700); err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(c.Logs(), program+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	c.logs[program] = log
	return log, nil
}

// await polls until ready returns no error, and gives up when ctx or the process
// ends; a nil process is one that is started again.
func (c *ControlPlane) await(ctx context.Context, program string, p *process.Process, ready func(context.Context) error) error {
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	err := errors.New("was not asked yet")
	var ended <-chan struct{}
	if p != nil {
		ended = p.Done()
	}
	for {
		select {
		case <-ended:
			return fmt.Errorf("%s ended: %s\n%s", program, p.State(), c.logEnd(program))
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w\n%s", program, err, c.logEnd(program))
		case <-ticker.C:
		}
		if err = ready(ctx); err == nil {
			return nil
		}
	}
}

// logEnd returns the last kilobytes of a program's log.
func (c *ControlPlane) logEnd(program string) string {
	text, err := os.ReadFile(filepath.Join(c.Logs(), program+".log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4096):])
}
