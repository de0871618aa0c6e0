package podrunner

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/test/process"
)

// instance is one run of a pod's container.
type instance struct {
	process   *process.Process
	began     metav1.Time
	startup   *prober
	readiness *prober
	liveness  *prober

	// started and ready are what the pod's status says.
	started bool
	ready   bool

	probing context.Context
	end     context.CancelFunc
	probes  sync.WaitGroup
	later   bool // readiness and liveness are being probed
}

// start runs the container.
func (p *pod) start(ctx context.Context) error {
	i := &instance{}
	var err error
	container := p.container()
	if i.startup, err = p.newProber(container.StartupProbe); err != nil {
		return err
	}
	if i.readiness, err = p.newProber(container.ReadinessProbe); err != nil {
		return err
	}
	if i.liveness, err = p.newProber(container.LivenessProbe); err != nil {
		return err
	}
	command, err := p.command()
	if err != nil {
		return err
	}
	if i.process, err = process.Start(command); err != nil {
		return err
	}
	i.began = metav1.Now()
	probing, cancel := context.WithCancel(ctx)
	i.probing = probing
	i.end = func() { cancel(); i.probes.Wait() }
	i.probe(i.startup)
	p.instance, p.waiting = i, ""
	p.process.Store(i.process)
	return nil
}

// probe runs a prober, which may be nil, until the instance ends.
func (i *instance) probe(p *prober) {
	if p != nil {
		i.probes.Go(func() { p.run(i.probing) })
	}
}

// look draws the conclusions from what the probes have found.
func (i *instance) look() {
	i.started = i.startup == nil || i.startup.is(passing)
	if i.started && !i.later {
		i.later = true
		i.probe(i.readiness)
		i.probe(i.liveness)
	}
	i.ready = i.started && (i.readiness == nil || i.readiness.is(passing))
}

// unhealthy says whether the container is to be started again.
func (i *instance) unhealthy() bool {
	return i.liveness.is(failing) || !i.started && i.startup.is(failing)
}

// ended notes how the process did.
func (p *pod) ended() {
	p.instance.end()
	state := p.instance.process.State()
	reason := "Completed"
	if !state.Success() {
		reason = "Error"
	}
	p.last = &corev1.ContainerStateTerminated{
		ExitCode: int32(max(state.ExitCode(), 0)), Reason: reason,
		StartedAt: p.instance.began, FinishedAt: metav1.Now(), ContainerID: containerID(p, p.restarts),
	}
	if signal, ok := signalOf(state); ok {
		p.last.ExitCode = 128 + int32(signal)
	}
	p.instance, p.waiting = nil, "CrashLoopBackOff"
}
