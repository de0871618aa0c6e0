package podrunner

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/twinway/twinway/test/process"
)

// tick is how often a pod's worker looks around.
const tick = 25 * time.Millisecond

// A container that ends is started again at once, and then later and later: a
// kubelet's ten seconds and five minutes would only make tests slow.
const (
	minBackoff = 100 * time.Millisecond
	maxBackoff = 2 * time.Second
)

// nodeName is the node that pods are bound to; there is no such Node.
const nodeName = "podrunner"

// pod is one pod and the goroutine that works for it, which owns all fields
// but those that are set before it starts and those that are atomic.
type pod struct {
	runner *Runner
	name   string
	uid    types.UID
	spec   *corev1.PodSpec
	labels map[string]string
	dir    string
	log    *process.Tail

	host    byte // guarded by Runner.mu until the address is there
	ip      netip.Addr
	process atomic.Pointer[process.Process]

	secrets  map[string]mounted // by name of the volume
	instance *instance
	restarts int32
	last     *corev1.ContainerStateTerminated
	waiting  string // why there is no instance
	started  metav1.Time
	status   status
	failures map[string]bool // that the test was told of
}

// run works until the object of the pod is gone, or ctx ends.
func (p *pod) run(ctx context.Context) {
	defer p.runner.release(p)
	defer p.kill()
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		p.fail(err)
		return
	}
	p.secrets, p.started = map[string]mounted{}, metav1.Now()
	if p.schedule(ctx) && p.prepare(ctx) {
		p.keepRunning(ctx)
	}
	p.until(ctx, func() bool { return false }) // what has failed stays as it is
	if ctx.Err() == nil {
		p.terminate(ctx)
	}
}

// fail fails the test, once for each error of the pod: what the test asks for is
// not known here, or must not be.
func (p *pod) fail(err error) {
	if p.failures[err.Error()] {
		return
	}
	if p.failures == nil {
		p.failures = map[string]bool{}
	}
	p.failures[err.Error()] = true
	p.runner.t.Errorf("pod %s: %v", p.name, err)
}

// object returns what the API server last said of the pod; nil when it is gone.
func (p *pod) object() *corev1.Pod {
	object, err := p.runner.pods.Pods(p.runner.options.Namespace).Get(p.name)
	if err != nil || object.UID != p.uid {
		return nil
	}
	return object
}

// wanted says whether the pod is still to run.
func (p *pod) wanted() bool {
	object := p.object()
	return object != nil && object.DeletionTimestamp == nil
}

// until calls step, again and again, until it returns true, and then returns
// true; it returns false when the pod is no longer wanted.
func (p *pod) until(ctx context.Context, step func() bool) bool {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for ctx.Err() == nil && p.wanted() {
		if step() {
			return true
		}
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
	return false
}

// schedule binds the pod to the node and takes an address for it.
func (p *pod) schedule(ctx context.Context) bool {
	bound := p.until(ctx, func() bool {
		if p.object() != nil && p.object().Spec.NodeName != "" {
			return true
		}
		binding := &corev1.Binding{
			ObjectMeta: metav1.ObjectMeta{Name: p.name, UID: p.uid},
			Target:     corev1.ObjectReference{Kind: "Node", Name: nodeName},
		}
		_ = p.runner.client.CoreV1().Pods(p.runner.options.Namespace).Bind(ctx, binding, metav1.CreateOptions{})
		return false // until the object says so
	})
	return bound && p.takeAddress()
}

func (p *pod) takeAddress() bool {
	p.runner.mu.Lock()
	defer p.runner.mu.Unlock()
	host, err := p.runner.addresses.take()
	if err != nil {
		p.fail(err)
		return false
	}
	p.ip = p.runner.options.Address(host)
	p.host = host
	return true
}

// prepare waits for the image and the volumes.
func (p *pod) prepare(ctx context.Context) bool {
	return p.until(ctx, func() bool {
		p.waiting = "ContainerCreating"
		if image := p.container().Image; image == p.runner.options.BrokenImage {
			p.waiting = "ImagePullBackOff"
		}
		err := p.mount(ctx)
		if err != nil && !errors.Is(err, errNotYet) {
			p.fail(err)
		}
		p.report(ctx)
		return err == nil && p.waiting == "ContainerCreating"
	})
}

// keepRunning starts the container whenever there is none.
func (p *pod) keepRunning(ctx context.Context) {
	backoff := minBackoff
	for {
		if err := p.start(ctx); err != nil {
			p.fail(err)
			return
		}
		began := time.Now()
		if !p.until(ctx, func() bool { return p.attend(ctx) }) {
			return
		}
		p.ended()
		if time.Since(began) > 2*maxBackoff {
			backoff = minBackoff
		}
		again := time.Now().Add(backoff)
		backoff = min(2*backoff, maxBackoff)
		waited := p.until(ctx, func() bool {
			p.report(ctx)
			return time.Now().After(again)
		})
		if !waited {
			return
		}
		p.restarts++
	}
}

// attend does what is due for a running container and says whether it has ended.
func (p *pod) attend(ctx context.Context) bool {
	if err := p.refresh(); err != nil {
		p.fail(err)
	}
	p.instance.look()
	p.report(ctx)
	if p.instance.process.State() != nil {
		return true
	}
	if p.instance.unhealthy() {
		p.instance.process.Stop(p.gracePeriod())
		return true
	}
	return false
}

// gracePeriod is how long the process has after SIGTERM.
func (p *pod) gracePeriod() time.Duration {
	if object := p.object(); object != nil && object.DeletionGracePeriodSeconds != nil {
		return time.Duration(*object.DeletionGracePeriodSeconds) * time.Second
	}
	if s := p.spec.TerminationGracePeriodSeconds; s != nil {
		return time.Duration(*s) * time.Second
	}
	return 30 * time.Second
}

// kill ends what may still run.
func (p *pod) kill() {
	if p.instance != nil {
		p.instance.end()
		p.instance.process.Kill()
	}
}
