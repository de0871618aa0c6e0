package controllers

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/render"
)

// restarted returns a ready pod, as it is cached, whose gateway has been started
// again so many times.
func restarted(t *testing.T, times int32) corev1.Pod {
	t.Helper()
	slim, err := slimPod(&corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "edge-0", UID: "1"},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: render.ContainerGateway, Ports: []corev1.ContainerPort{{Name: render.PortManagement, ContainerPort: 9443}},
		}}},
		Status: corev1.PodStatus{
			PodIP: "192.0.2.1", Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
			ContainerStatuses: []corev1.ContainerStatus{{Name: "proxy", RestartCount: 7}, {Name: render.ContainerGateway, RestartCount: times}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return *slim.(*corev1.Pod)
}

// A gateway that was started again may have booted from an older configuration:
// as long as it has said nothing, nothing is known of it.
func TestWhatWasHeardEndsWithTheRun(t *testing.T) {
	before := []corev1.Pod{restarted(t, 0)}
	views := []push.PodView{{Pod: targetsOf(before)[0], Known: true, Status: management.Status{Hash: current}}}
	if got := countApplied(readyOf(replicasOf(before, views)), current); got != 1 {
		t.Errorf("%d pods have the configuration, want 1", got)
	}
	after := []corev1.Pod{restarted(t, 1)}
	if got := countApplied(readyOf(replicasOf(after, views)), current); got != 0 {
		t.Errorf("%d pods have the configuration after a restart, want 0", got)
	}
	if targetsOf(before)[0] == targetsOf(after)[0] {
		t.Error("the pod is not asked anew")
	}
}
