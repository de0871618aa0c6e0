package podrunner

import (
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// terminate ends the process of a pod that was deleted, then its object.
func (p *pod) terminate(ctx context.Context) {
	if p.instance != nil {
		p.endProcess(ctx)
		p.ended()
	}
	p.waiting = ""
	for ctx.Err() == nil && p.object() != nil {
		p.report(ctx)
		p.deleteObject(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(tick):
		}
	}
}

// endProcess returns when the process has ended, which it is helped with when
// its time is up or its object is gone.
func (p *pod) endProcess(ctx context.Context) {
	_ = p.instance.process.Signal(syscall.SIGTERM)
	deadline := time.NewTimer(p.gracePeriod())
	defer deadline.Stop()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for p.object() != nil {
		select {
		case <-p.instance.process.Done():
			return
		case <-ctx.Done():
			p.instance.process.Kill()
			return
		case <-deadline.C:
			p.instance.process.Kill()
			return
		case <-ticker.C:
			p.instance.look()
			p.report(ctx)
		}
	}
	p.instance.process.Kill()
}

func (p *pod) deleteObject(ctx context.Context) {
	now := int64(0)
	err := p.runner.client.CoreV1().Pods(p.runner.options.Namespace).Delete(ctx, p.name, metav1.DeleteOptions{
		GracePeriodSeconds: &now, Preconditions: &metav1.Preconditions{UID: &p.uid},
	})
	if apierrors.IsConflict(err) || apierrors.IsNotFound(err) {
		return // gone already; the informer will say so
	}
}

// signalOf returns the signal that ended a process.
func signalOf(state *os.ProcessState) (syscall.Signal, bool) {
	wait, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !wait.Signaled() {
		return 0, false
	}
	return wait.Signal(), true
}

// containerID names an instance, in the form of a container runtime's.
func containerID(p *pod, restarts int32) string {
	return fmt.Sprintf("process://%s-%d", p.uid, restarts)
}

// phase returns the pod's, which is for good once its process has ended and it
// is not to run again.
func (p *pod) phase() corev1.PodPhase {
	object := p.object()
	switch {
	case object == nil || object.DeletionTimestamp == nil || p.instance != nil:
		if p.instance == nil && p.restarts == 0 && p.last == nil {
			return corev1.PodPending
		}
		return corev1.PodRunning
	case p.last != nil && p.last.ExitCode == 0:
		return corev1.PodSucceeded
	default:
		return corev1.PodFailed
	}
}
