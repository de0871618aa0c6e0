package cluster

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/test/statuscheck"
)

func TestMain(m *testing.M) { Main(m) }

// guard is how long something may take before it counts as never.
const guard = 2 * time.Minute

// clients is how many sessions are open while things change.
const clients = 1000

// hash is of the password "ditto", at the lowest cost: a thousand clients come at
// once.
const hash = "$2a$04$hHL5CTylF9SH8gl0cOnYb.uLiL.RFra.QSjPyhCtqX2dO6Y0/w7Gy"

const namespace = "e2e"

// story is one cluster's, from the installation to its end. Its steps build on
// each other.
type story struct {
	*testing.T
	client client.Client
	ctx    context.Context
}

func TestStory(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	scheme := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(v1alpha1.AddToScheme, corev1.AddToScheme)
	if err := builder.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(the.Config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	s := &story{T: t, client: c, ctx: ctx}
	t.Cleanup(s.explain)
	s.install()
	statuscheck.Watch(t, the.Config, namespace)
	steps := []struct {
		name string
		run  func(*story)
	}{
		{"the sample becomes ready", (*story).applySample},
		{"clients are served through the Service", (*story).serve},
		{"a change of the spec restarts the pod", (*story).changeSpec},
		{"a change of the configuration closes no session", (*story).changeConfiguration},
		{"a rolling update closes sessions in order", (*story).update},
		{"a killed gateway comes back with its data", (*story).killGateway},
		{"a killed operator closes no session and catches up", (*story).killOperator},
		{"a drained gateway keeps its process", (*story).drain},
		{"a deleted Gateway leaves its volume", (*story).remove},
	}
	for _, step := range steps {
		began := time.Now()
		step.run(s)
		if step.name != "a deleted Gateway leaves its volume" {
			statuscheck.Check(t, c, namespace)
		}
		if t.Failed() {
			t.Fatalf("failed: %s", step.name)
		}
		t.Logf("%-55s %5.1fs", step.name, time.Since(began).Seconds())
	}
	the.Uninstall(t)
}

// explain shows what there is to know when the test has failed.
func (s *story) explain() {
	if !s.Failed() {
		return
	}
	for _, args := range [][]string{
		{"get", "gateways.twinway.dev,pods,pvc,statefulsets", "--all-namespaces", "--output=wide"},
		{"--namespace", namespace, "get", "gateways.twinway.dev", "--output=yaml"},
		{"--namespace", namespace, "logs", "demo-0", "--tail=50"},
		{"get", "events", "--all-namespaces"},
	} {
		out, _ := the.tryKubectl("", args...)
		s.Logf("kubectl %s\n%s", strings.Join(args, " "), out)
	}
	s.Logf("the operator says at last:\n%s", machine.OperatorLog(s))
}

// await polls until the condition holds.
func (s *story) await(what string, holds func() bool) {
	s.Helper()
	for end := time.Now().Add(guard); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			s.Fatalf("never: %s", what)
		}
	}
}

func (s *story) install() {
	s.Helper()
	machine.Prepare(s)
	the.Install(s)
	machine.RunOperator(s)
	the.Kubectl(s, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
	namespaceManifest := fmt.Sprintf(`{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {pod-security.kubernetes.io/enforce: restricted}}}`, namespace)
	the.KubectlWith(s, namespaceManifest, "apply", "--filename", "-")
	machine.RunGateways(s, namespace)
}

// gateway returns the Gateway as it is.
func (s *story) gateway() *v1alpha1.Gateway {
	s.Helper()
	var g v1alpha1.Gateway
	if err := s.client.Get(s.ctx, client.ObjectKey{Namespace: namespace, Name: "demo"}, &g); err != nil {
		s.Fatal(err)
	}
	return &g
}

// pod returns the Gateway's pod, or nil.
func (s *story) pod() *corev1.Pod {
	s.Helper()
	var pod corev1.Pod
	err := s.client.Get(s.ctx, client.ObjectKey{Namespace: namespace, Name: "demo-0"}, &pod)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		s.Fatal(err)
	}
	return &pod
}

// settled says whether the Gateway is ready as its spec is now, for kstatus and
// for people.
func (s *story) settled() bool {
	g := s.gateway()
	o := statuscheck.Object{
		Kind: "Gateway", Generation: g.Generation, ObservedGeneration: g.Status.ObservedGeneration, Conditions: g.Status.Conditions,
	}
	if statuscheck.Compute(o) != statuscheck.Current || g.Status.ProgrammedReplicas != 1 {
		return false
	}
	pod := s.pod()
	return pod != nil && pod.DeletionTimestamp == nil
}

// awaitSettled waits until the Gateway is ready after a change.
func (s *story) awaitSettled() {
	s.Helper()
	s.await("the Gateway is ready", s.settled)
}

// patch changes the Gateway.
func (s *story) patch(patch string) {
	s.Helper()
	the.Kubectl(s, "--namespace", namespace, "patch", "gateways.twinway.dev", "demo", "--type=merge", "--patch", patch)
}

// addUser adds a user to the Secret that the Gateway refers to.
func (s *story) addUser(name string) {
	s.Helper()
	the.Kubectl(s, "--namespace", namespace, "patch", "secret", "demo-users", "--type=merge", "--patch",
		fmt.Sprintf(`{"stringData":{%q:%q}}`, name, hash))
}

func (s *story) address() string {
	s.Helper()
	return machine.Clients(s, namespace, "demo")
}

// mustHold checks that the thing that serve created is there for its creator.
func (s *story) mustHold() {
	s.Helper()
	session := mustDial(s.T, s.address(), "ditto")
	if status, err := session.command("retrieve", "kept", ""); status != 200 {
		s.Fatalf("what was acknowledged is answered %d, %v", status, err)
	}
}

func (s *story) applySample() {
	the.Kubectl(s, "--namespace", namespace, "apply", "--server-side", "--kustomize", "config/samples")
	the.Kubectl(s, "--namespace", namespace, "wait", "--for=condition=Ready", "gateways.twinway.dev/demo", "--timeout=120s")
	s.awaitSettled()
}

func (s *story) serve() {
	session := mustDial(s.T, s.address(), "ditto")
	if status, err := session.command("create", "kept", `,"value":{"attributes":{"kept":true}}`); status != 201 {
		s.Fatalf("create is answered %d, %v", status, err)
	}
	s.mustHold()
}

// changeSpec shortens the drain, which is part of the pod, so that the rest of
// the story is short as well.
func (s *story) changeSpec() {
	before := s.pod().UID
	s.patch(`{"spec":{"drain":{"minDelay":"1s","budget":"10s"}}}`)
	s.await("the pod is another", func() bool { pod := s.pod(); return pod != nil && pod.UID != before })
	s.awaitSettled()
	s.mustHold()
	s.addUser("crowd")
	mustDial(s.T, s.address(), "crowd")
}

func (s *story) changeConfiguration() {
	s.awaitSettled()
	sessions := crowd(s.T, s.address(), "crowd", clients)
	before, pod := s.gateway().Status.ConfigurationHash, s.pod()
	began := time.Now()
	s.addUser("newcomer")
	s.await("the configuration is another", func() bool { return s.gateway().Status.ConfigurationHash != before })
	s.awaitSettled()
	s.Logf("all pods had the new configuration after %s", time.Since(began).Round(time.Millisecond))
	mustDial(s.T, s.address(), "newcomer")
	if alive := living(sessions); alive != clients {
		s.Errorf("%d of %d sessions are left", alive, clients)
	}
	if after := s.pod(); after.UID != pod.UID || restarts(after) != restarts(pod) {
		s.Error("the pod was restarted")
	}
}

// restarts counts those of the pod's container.
func restarts(pod *corev1.Pod) int32 {
	if len(pod.Status.ContainerStatuses) == 0 {
		return 0
	}
	return pod.Status.ContainerStatuses[0].RestartCount
}

func (s *story) update() {
	sessions := crowd(s.T, s.address(), "crowd", clients)
	s.patch(fmt.Sprintf(`{"spec":{"workload":{"image":%q}}}`, OtherImage))
	ctx, cancel := context.WithTimeout(s.ctx, guard)
	defer cancel()
	codes := map[websocket.StatusCode]int{}
	for _, session := range sessions {
		codes[session.end(ctx)]++
	}
	if codes[websocket.StatusServiceRestart] != clients {
		s.Errorf("sessions were closed with %v, not all with 1012", codes)
	}
	s.await("the pod has the other image", func() bool {
		pod := s.pod()
		return pod != nil && pod.Spec.Containers[0].Image == OtherImage
	})
	s.awaitSettled()
	if image := s.gateway().Status.Image; image != OtherImage {
		s.Errorf("status.image is %s", image)
	}
	s.mustHold()
}

func (s *story) killGateway() {
	before := restarts(s.pod())
	machine.KillGateway(s, "demo-0")
	s.await("the gateway is started again", func() bool { pod := s.pod(); return pod != nil && restarts(pod) > before })
	s.awaitSettled()
	s.mustHold()
}

func (s *story) killOperator() {
	sessions := crowd(s.T, s.address(), "crowd", 10)
	machine.KillOperator(s)
	s.addUser("latecomer")
	mustDial(s.T, s.address(), "latecomer")
	if alive := living(sessions); alive != len(sessions) {
		s.Errorf("%d of %d sessions are left", alive, len(sessions))
	}
	s.awaitSettled()
}

func (s *story) drain() {
	sessions := crowd(s.T, s.address(), "crowd", 10)
	pod := s.pod()
	s.annotate("twinway.dev/drain=true")
	ctx, cancel := context.WithTimeout(s.ctx, guard)
	defer cancel()
	for _, session := range sessions {
		if code := session.end(ctx); code != websocket.StatusServiceRestart {
			s.Errorf("a session was closed with %d", code)
		}
	}
	s.await("the Gateway says that it drains", func() bool {
		return conditionHolds(s.gateway(), v1alpha1.ConditionDraining)
	})
	statuscheck.Check(s, s.client, namespace)
	s.annotate("twinway.dev/drain-")
	s.mustHold()
	s.awaitSettled()
	if after := s.pod(); after.UID != pod.UID || restarts(after) != restarts(pod) {
		s.Error("the pod was restarted")
	}
}

func (s *story) annotate(annotation string) {
	s.Helper()
	the.Kubectl(s, "--namespace", namespace, "annotate", "gateways.twinway.dev", "demo", annotation)
}

func conditionHolds(g *v1alpha1.Gateway, kind string) bool {
	for _, c := range g.Status.Conditions {
		if c.Type == kind {
			return c.Status == "True"
		}
	}
	return false
}

func (s *story) remove() {
	the.Kubectl(s, "--namespace", namespace, "delete", "gateways.twinway.dev", "demo", "--wait", "--timeout=60s")
	s.await("nothing but the volume is left", func() bool {
		out := the.Kubectl(s, "--namespace", namespace, "get", "all,secrets,serviceaccounts,networkpolicies,poddisruptionbudgets",
			"--selector", "twinway.dev/gateway=demo", "--output=name")
		return strings.TrimSpace(out) == ""
	})
	if claim := the.Kubectl(s, "--namespace", namespace, "get", "persistentvolumeclaims", "--output=name"); !strings.Contains(claim, "demo-data") {
		s.Errorf("the claims are %q", claim)
	}
}
