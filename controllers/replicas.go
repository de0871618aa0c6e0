package controllers

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/render"
)

// replica is one pod of a Gateway, as the cluster and as the pod itself has it.
type replica struct {
	// ready says that the cluster sends it clients.
	ready bool
	// revision is that of the template it was made from.
	revision string
	// heard says that it has said something of itself, which is status.
	heard  bool
	status management.Status
	// problem is why it was not reached lately; empty when it was.
	problem string
	// awaited says that this operator is about to reach it for the first time.
	awaited bool
}

// applied says whether the replica has reported that a configuration is in force.
// What it reported counts although it may not be reached now: only a push or a
// restart can change it, and nothing that was reported outlives a restart.
func (r replica) applied(hash string) bool { return r.heard && r.status.Hash == hash }

// drained says whether the replica has reported that it has no clients and takes
// none. As with what it applied, that holds until it is told otherwise.
func (r replica) drained() bool { return r.heard && r.status.Drained }

// refused returns the refusal of a configuration, nil when there is none.
func (r replica) refused(hash string) *management.Refusal {
	if !r.heard || r.status.Refused == nil || r.status.Refused.Hash != hash || r.status.Hash == hash {
		return nil
	}
	return r.status.Refused
}

// isAwaited says whether there is a ready replica that has not been asked yet. It
// will have answered, or failed to, in a moment, of which the fleet tells.
func isAwaited(replicas []replica) bool {
	return slices.ContainsFunc(replicas, func(r replica) bool { return r.ready && r.awaited })
}

// readyOf returns the replicas that take clients.
func readyOf(replicas []replica) []replica {
	return slices.DeleteFunc(slices.Clone(replicas), func(r replica) bool { return !r.ready })
}

// countApplied returns how many of the replicas have applied a configuration.
func countApplied(replicas []replica, hash string) int {
	n := 0
	for _, r := range replicas {
		if r.applied(hash) {
			n++
		}
	}
	return n
}

// podsOf returns the pods of the StatefulSet of a Gateway. Others with its label
// are somebody else's.
func podsOf(ctx context.Context, cache client.Reader, gateway types.NamespacedName, set types.UID) ([]corev1.Pod, error) {
	if set == "" {
		return nil, nil
	}
	var pods corev1.PodList
	err := cache.List(ctx, &pods, client.InNamespace(gateway.Namespace), client.MatchingLabels(render.Selector(gateway.Name)))
	if err != nil {
		return nil, fmt.Errorf("list pods: %w", err)
	}
	return slices.DeleteFunc(pods.Items, func(p corev1.Pod) bool {
		controller := metav1.GetControllerOf(&p)
		return controller == nil || controller.UID != set
	}), nil
}

// replicasOf joins what the cluster says of pods with what they say themselves.
// Pods that are ending do not count.
func replicasOf(pods []corev1.Pod, views []push.PodView) []replica {
	heard := make(map[string]push.PodView, len(views))
	for _, view := range views {
		heard[view.Pod.UID] = view
	}
	var out []replica
	for i := range pods {
		pod := &pods[i]
		if pod.DeletionTimestamp != nil || hasEnded(pod) {
			continue
		}
		view, served := heard[runOf(pod)]
		out = append(out, replica{
			ready: isPodReady(pod), revision: pod.Labels[appsv1.ControllerRevisionHashLabelKey], heard: view.Known, status: view.Status, problem: view.Err,
			awaited: served && !view.Known && view.Err == "",
		})
	}
	return out
}

// areEnding says whether there are pods that are ending and have not ended.
func areEnding(pods []corev1.Pod) bool {
	return slices.ContainsFunc(pods, func(p corev1.Pod) bool { return p.DeletionTimestamp != nil && !hasEnded(&p) })
}

// targetsOf returns the pods that a configuration is pushed to.
func targetsOf(pods []corev1.Pod) []push.Pod {
	var out []push.Pod
	for i := range pods {
		pod := &pods[i]
		port := managementPort(pod)
		if pod.DeletionTimestamp != nil || hasEnded(pod) || pod.Status.PodIP == "" || port == 0 {
			continue
		}
		out = append(out, push.Pod{
			UID: runOf(pod), Name: pod.Name,
			Address: net.JoinHostPort(pod.Status.PodIP, strconv.Itoa(int(port))),
		})
	}
	return out
}

// runOf identifies one run of the gateway in a pod. A container that is started
// again may boot from an older configuration, so that what was heard of the run
// before says nothing about it.
func runOf(pod *corev1.Pod) string {
	run := int32(0)
	for _, status := range pod.Status.ContainerStatuses {
		if status.Name == render.ContainerGateway {
			run = status.RestartCount
		}
	}
	return string(pod.UID) + "/" + strconv.Itoa(int(run))
}

func isPodReady(pod *corev1.Pod) bool {
	return slices.ContainsFunc(pod.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func hasEnded(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
}

func managementPort(pod *corev1.Pod) int32 {
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if container.Name == render.ContainerGateway && port.Name == render.PortManagement {
				return port.ContainerPort
			}
		}
	}
	return 0
}
