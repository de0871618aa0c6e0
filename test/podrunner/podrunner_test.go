package podrunner_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes"

	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/podrunner"
)

// world is a namespace with a Secret, a claim and a StatefulSet of one pod,
// edge-0, and what runs it.
type world struct {
	*testing.T
	*podrunner.Runner
	ctx       context.Context
	client    *kubernetes.Clientset
	namespace string
}

// create makes a world whose pods nobody runs.
func create(t *testing.T, adapt func(*appsv1.StatefulSet)) *world {
	t.Helper()
	w := &world{T: t, namespace: apiserver.Namespace(t)}
	var cancel context.CancelFunc
	w.ctx, cancel = context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	w.client = kubernetes.NewForConfigOrDie(apiserver.Config())
	w.writeSecret("one")
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "edge-data"}, Spec: corev1.PersistentVolumeClaimSpec{
		AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
		Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
	}}
	if _, err := w.client.CoreV1().PersistentVolumeClaims(w.namespace).Create(w.ctx, claim, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	set := statefulSet()
	if adapt != nil {
		adapt(set)
	}
	if _, err := w.client.AppsV1().StatefulSets(w.namespace).Create(w.ctx, set, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	return w
}

// start makes a world whose pods run.
func start(t *testing.T, adapt func(*appsv1.StatefulSet)) *world {
	t.Helper()
	w := create(t, adapt)
	w.Runner = podrunner.Start(t, podrunner.Options{
		Namespace: w.namespace, Binary: os.Args[0], ProbePeriod: 20 * time.Millisecond, BrokenImage: "broken",
	})
	return w
}

func statefulSet() *appsv1.StatefulSet {
	labels := map[string]string{"twinway.dev/gateway": "edge"}
	probe := func(path string) *corev1.Probe {
		return &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: path, Port: intstr.FromString("admin")}}}
	}
	grace, token := int64(20), false
	startup := probe("/healthz")
	startup.FailureThreshold = 1000
	return &appsv1.StatefulSet{
		ObjectMeta: metav1.ObjectMeta{Name: "edge"},
		Spec: appsv1.StatefulSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labels},
				Spec: corev1.PodSpec{
					TerminationGracePeriodSeconds: &grace,
					AutomountServiceAccountToken:  &token,
					Containers: []corev1.Container{{
						Name: "gateway", Image: "one",
						Args: []string{"--snapshot=/etc/snapshot/snapshot.json", "--data=/data", "--admin=:8081"},
						Env: []corev1.EnvVar{{Name: envPuppet, Value: "1"}, {Name: "POD", ValueFrom: &corev1.EnvVarSource{
							FieldRef: &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}}}},
						Ports: []corev1.ContainerPort{{Name: "clients", ContainerPort: 8080}, {Name: "admin", ContainerPort: 8081}},
						VolumeMounts: []corev1.VolumeMount{
							{Name: "snapshot", MountPath: "/etc/snapshot"}, {Name: "data", MountPath: "/data"}},
						StartupProbe: startup, ReadinessProbe: probe("/readyz"), LivenessProbe: probe("/healthz"),
					}},
					Volumes: []corev1.Volume{
						{Name: "snapshot", VolumeSource: corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "edge-snapshot"}}},
						{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "edge-data"}}},
					},
				},
			},
		},
	}
}

func (w *world) writeSecret(content string) {
	w.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "edge-snapshot"}, Data: map[string][]byte{"snapshot.json": []byte(content)}}
	_, err := w.client.CoreV1().Secrets(w.namespace).Create(w.ctx, secret, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		_, err = w.client.CoreV1().Secrets(w.namespace).Update(w.ctx, secret, metav1.UpdateOptions{})
	}
	if err != nil {
		w.Fatal(err)
	}
}

// pod returns edge-0, or nil.
func (w *world) pod() *corev1.Pod {
	w.Helper()
	pod, err := w.client.CoreV1().Pods(w.namespace).Get(w.ctx, "edge-0", metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return pod
}

// await polls until edge-0 is as wanted.
func (w *world) await(what string, holds func(*corev1.Pod) bool) *corev1.Pod {
	w.Helper()
	for {
		pod := w.pod()
		if pod != nil && holds(pod) {
			return pod
		}
		if w.ctx.Err() != nil {
			w.Fatalf("the pod never is %s: %+v", what, pod)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (w *world) awaitReady() *corev1.Pod {
	w.Helper()
	return w.await("ready", ready)
}

func ready(pod *corev1.Pod) bool { return conditionOf(pod, corev1.PodReady) == corev1.ConditionTrue }

func unready(pod *corev1.Pod) bool { return conditionOf(pod, corev1.PodReady) == corev1.ConditionFalse }

func conditionOf(pod *corev1.Pod, kind corev1.PodConditionType) corev1.ConditionStatus {
	for _, c := range pod.Status.Conditions {
		if c.Type == kind {
			return c.Status
		}
	}
	return ""
}

func restarted(n int32) func(*corev1.Pod) bool {
	return func(pod *corev1.Pod) bool {
		return len(pod.Status.ContainerStatuses) == 1 && pod.Status.ContainerStatuses[0].RestartCount == n && ready(pod)
	}
}

// ask sends a request to the puppet in edge-0 and returns its answer.
func (w *world) ask(method, path string) string {
	w.Helper()
	request, err := http.NewRequestWithContext(w.ctx, method, "http://"+w.Address(w, "edge-0", "admin")+path, nil)
	if err != nil {
		w.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return string(body)
}

func (w *world) deletePod() {
	w.Helper()
	if err := w.client.CoreV1().Pods(w.namespace).Delete(w.ctx, "edge-0", metav1.DeleteOptions{}); err != nil {
		w.Fatal(err)
	}
}

func TestPodRunsAsItsSpecSays(t *testing.T) {
	w := start(t, nil)
	pod := w.awaitReady()
	if got := w.ask(http.MethodGet, "/secret"); got != "one" {
		t.Errorf("the mounted Secret reads %q", got)
	}
	if pod.Status.Phase != corev1.PodRunning || pod.Status.PodIP == "" || pod.Spec.NodeName == "" {
		t.Errorf("status %+v on node %q", pod.Status, pod.Spec.NodeName)
	}
	if want := fmt.Sprintf("puppet listens on %s of edge-0", w.Address(t, "edge-0", "clients")); !strings.Contains(w.Logs("edge-0"), want) {
		t.Errorf("the log lacks %q:\n%s", want, w.Logs("edge-0"))
	}
}

func TestChangedSecretReachesTheFiles(t *testing.T) {
	w := start(t, nil)
	w.awaitReady()
	w.DelaySecrets(time.Hour)
	w.writeSecret("two")
	time.Sleep(200 * time.Millisecond) // time for a change that must not come
	if got := w.ask(http.MethodGet, "/secret"); got != "one" {
		t.Errorf("in spite of the delay the Secret reads %q", got)
	}
	w.DelaySecrets(0)
	w.await("told of the change", func(*corev1.Pod) bool { return w.ask(http.MethodGet, "/secret") == "two" })
}

func TestPodWaitsForItsSecret(t *testing.T) {
	w := start(t, func(set *appsv1.StatefulSet) {
		set.Spec.Template.Spec.Volumes[0].Secret.SecretName = "late"
	})
	w.await("waiting", func(pod *corev1.Pod) bool {
		return len(pod.Status.ContainerStatuses) == 1 && pod.Status.ContainerStatuses[0].State.Waiting != nil
	})
	late := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "late"}, Data: map[string][]byte{"snapshot.json": nil}}
	if _, err := w.client.CoreV1().Secrets(w.namespace).Create(w.ctx, late, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	w.awaitReady()
}

func TestEndedProcessIsStartedAgain(t *testing.T) {
	w := start(t, nil)
	w.awaitReady()
	w.ask(http.MethodGet, "/exit")
	pod := w.await("started again", restarted(1))
	if code := pod.Status.ContainerStatuses[0].LastTerminationState.Terminated.ExitCode; code != 3 {
		t.Errorf("exit code %d", code)
	}
	w.Kill(t, "edge-0", syscall.SIGKILL)
	pod = w.await("started a third time", restarted(2))
	if code := pod.Status.ContainerStatuses[0].LastTerminationState.Terminated.ExitCode; code != 137 {
		t.Errorf("exit code %d", code)
	}
}

func TestProbesDecide(t *testing.T) {
	w := start(t, nil)
	w.awaitReady()
	w.ask(http.MethodGet, "/unready")
	if pod := w.await("unready", unready); pod.Status.ContainerStatuses[0].RestartCount != 0 {
		t.Error("a pod that is not ready was started again")
	}
	w.ask(http.MethodGet, "/sick")
	w.await("started again", restarted(1))
}

func TestFrozenProcess(t *testing.T) {
	w := start(t, func(set *appsv1.StatefulSet) { set.Spec.Template.Spec.Containers[0].LivenessProbe = nil })
	w.awaitReady()
	w.Freeze(t, "edge-0")
	w.await("unready", unready)
	w.Unfreeze(t, "edge-0")
	w.await("ready again, without a restart", restarted(0))
}

func TestDeletedPodEndsInOrder(t *testing.T) {
	w := start(t, nil)
	first := w.awaitReady()
	if got := w.ask(http.MethodPost, "/data"); got != "written" {
		t.Fatalf("the claim's folder reads %q", got)
	}
	w.deletePod()
	w.await("another", func(pod *corev1.Pod) bool { return pod.UID != first.UID && ready(pod) })
	if !strings.Contains(w.Logs("edge-0"), "told to end") {
		t.Error("the process was not asked to end")
	}
	if got := w.ask(http.MethodGet, "/data"); got != "written" {
		t.Errorf("in the next pod the claim's folder reads %q", got)
	}
}

func TestStubbornProcessIsKilled(t *testing.T) {
	w := start(t, func(set *appsv1.StatefulSet) {
		template := &set.Spec.Template.Spec
		*template.TerminationGracePeriodSeconds = 1
		template.Containers[0].Args = append(template.Containers[0].Args, "--stubborn=true")
	})
	first := w.awaitReady()
	w.deletePod()
	w.await("another", func(pod *corev1.Pod) bool { return pod.UID != first.UID && ready(pod) })
}

func TestRolloutReplacesThePod(t *testing.T) {
	w := start(t, nil)
	first := w.awaitReady()
	w.setImage("broken")
	w.await("without its image", func(pod *corev1.Pod) bool {
		s := pod.Status.ContainerStatuses
		return len(s) == 1 && s[0].State.Waiting != nil && s[0].State.Waiting.Reason == "ImagePullBackOff"
	})
	w.setImage("three")
	w.deletePod() // a StatefulSet does not replace a pod that never was ready
	w.await("the new one", func(pod *corev1.Pod) bool {
		return pod.UID != first.UID && pod.Spec.Containers[0].Image == "three" && ready(pod)
	})
}

func (w *world) setImage(image string) {
	w.Helper()
	patch := fmt.Sprintf(`{"spec":{"template":{"spec":{"containers":[{"name":"gateway","image":%q}]}}}}`, image)
	_, err := w.client.AppsV1().StatefulSets(w.namespace).Patch(
		w.ctx, "edge", types.StrategicMergePatchType, []byte(patch), metav1.PatchOptions{})
	if err != nil {
		w.Fatal(err)
	}
}

func TestRestartOfTheAPIServerIsSurvived(t *testing.T) {
	w := start(t, nil)
	first := w.awaitReady()
	apiserver.Restart(t, func() { w.ask(http.MethodGet, "/exit") })
	pod := w.await("started again", restarted(1))
	if pod.UID != first.UID {
		t.Error("it is another pod")
	}
}

// complaints is a test whose failures are kept.
type complaints struct {
	testing.TB
	mu  sync.Mutex
	all []string
}

func (c *complaints) Errorf(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, fmt.Sprintf(format, args...))
}

func (c *complaints) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.all, "\n")
}

func TestTwoPodsOnOneClaimFailTheTest(t *testing.T) {
	w := create(t, func(set *appsv1.StatefulSet) { set.Spec.Replicas = new(int32) })
	c := &complaints{TB: t}
	podrunner.Start(c, podrunner.Options{Namespace: w.namespace, Binary: os.Args[0]})
	for _, name := range []string{"one", "two"} {
		template := statefulSet().Spec.Template
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: template.Labels}, Spec: template.Spec}
		if _, err := w.client.CoreV1().Pods(w.namespace).Create(w.ctx, pod, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	for !strings.Contains(c.said(), "another pod still has claim edge-data") {
		if w.ctx.Err() != nil {
			t.Fatalf("the test was told %q", c.said())
		}
		time.Sleep(10 * time.Millisecond)
	}
}
