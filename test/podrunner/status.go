package podrunner

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// statusTimeout bounds one write, so that an API server that hangs does not
// keep the worker from its process.
const statusTimeout = 2 * time.Second

// status remembers what was written last.
type status struct {
	written    []byte
	conditions map[corev1.PodConditionType]corev1.PodCondition
}

// report writes the status of the pod when it is another than what was written
// last. A write that fails is tried again at the next call.
func (p *pod) report(ctx context.Context) {
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": p.uid},
		"status":   p.currentStatus(),
	})
	if err != nil {
		p.fail(err)
		return
	}
	if string(patch) == string(p.status.written) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, statusTimeout)
	defer cancel()
	_, err = p.runner.client.CoreV1().Pods(p.runner.options.Namespace).Patch(
		ctx, p.name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if err == nil {
		p.status.written = patch
	}
}

func (p *pod) currentStatus() corev1.PodStatus {
	ready := p.instance != nil && p.instance.ready
	return corev1.PodStatus{
		Phase:             p.phase(),
		StartTime:         &p.started,
		HostIP:            p.runner.options.Address(1).String(),
		PodIP:             p.ip.String(),
		PodIPs:            []corev1.PodIP{{IP: p.ip.String()}},
		ContainerStatuses: []corev1.ContainerStatus{p.containerStatus()},
		Conditions: []corev1.PodCondition{
			p.condition(corev1.PodScheduled, true),
			p.condition(corev1.PodInitialized, true),
			p.condition(corev1.ContainersReady, ready),
			p.condition(corev1.PodReady, ready),
		},
	}
}

// condition returns a condition whose time changes only when it does.
func (p *pod) condition(kind corev1.PodConditionType, holds bool) corev1.PodCondition {
	c := corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue}
	if !holds {
		c.Status, c.Reason = corev1.ConditionFalse, "ContainersNotReady"
	}
	if old, ok := p.status.conditions[kind]; ok && old.Status == c.Status {
		return old
	}
	c.LastTransitionTime = metav1.Now()
	if p.status.conditions == nil {
		p.status.conditions = map[corev1.PodConditionType]corev1.PodCondition{}
	}
	p.status.conditions[kind] = c
	return c
}

func (p *pod) containerStatus() corev1.ContainerStatus {
	container := p.container()
	s := corev1.ContainerStatus{
		Name: container.Name, Image: container.Image, ImageID: container.Image, RestartCount: p.restarts,
	}
	started := p.instance != nil && p.instance.started
	s.Started = &started
	if p.last != nil {
		s.LastTerminationState.Terminated = p.last
	}
	switch {
	case p.instance != nil:
		s.Ready = p.instance.ready
		s.ContainerID = containerID(p, p.restarts)
		s.State.Running = &corev1.ContainerStateRunning{StartedAt: p.instance.began}
	case p.waiting != "":
		s.State.Waiting = &corev1.ContainerStateWaiting{Reason: p.waiting}
	case p.last != nil:
		s.State.Terminated, s.LastTerminationState = p.last, corev1.ContainerState{}
	}
	return s
}
