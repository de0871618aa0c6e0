package podrunner

import (
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"
)

// Kill sends a signal to the process of a pod.
func (r *Runner) Kill(t testing.TB, pod string, s syscall.Signal) {
	t.Helper()
	if err := r.signal(pod, s); err != nil {
		t.Fatalf("%s: %v", pod, err)
	}
}

// Freeze stops the process of a pod where it is: its sockets stay, and nobody
// answers.
func (r *Runner) Freeze(t testing.TB, pod string) {
	t.Helper()
	r.Kill(t, pod, syscall.SIGSTOP)
}

// Unfreeze lets a frozen process go on.
func (r *Runner) Unfreeze(t testing.TB, pod string) {
	t.Helper()
	r.Kill(t, pod, syscall.SIGCONT)
}

// Logs returns the end of what all pods of that name have said.
func (r *Runner) Logs(pod string) string {
	r.mu.Lock()
	log := r.logs[pod]
	r.mu.Unlock()
	if log == nil {
		return ""
	}
	return log.String()
}

// Address returns host:port of a named port of a pod that was started.
func (r *Runner) Address(t testing.TB, pod, port string) string {
	t.Helper()
	p := r.find(pod)
	if p == nil {
		t.Fatalf("%s does not run", pod)
	}
	number, err := p.port(port)
	if err != nil {
		t.Fatalf("%s: %v", pod, err)
	}
	return net.JoinHostPort(p.ip.String(), fmt.Sprint(number))
}

// DelaySecrets changes how long a change of a Secret takes to reach the files
// of the pods. A change that was seen before counts from then.
func (r *Runner) DelaySecrets(d time.Duration) { r.secretDelay.Store(int64(d)) }

// find returns the pod of that name that has an address, or nil. The name can
// be that of a next one while the process of the last is on its way out.
func (r *Runner) find(name string) *pod {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found *pod
	for _, p := range r.running {
		if p.name == name && p.host != 0 {
			found = p
		}
	}
	return found
}

func (r *Runner) signal(name string, s syscall.Signal) error {
	p := r.find(name)
	if p == nil {
		return fmt.Errorf("does not run")
	}
	process := p.process.Load()
	if process == nil || process.State() != nil {
		return fmt.Errorf("has no process")
	}
	return process.Signal(s)
}
