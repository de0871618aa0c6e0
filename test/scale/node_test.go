package scale

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/loopback"
)

// node plays what runs pods: it makes those of a StatefulSet, gives each an
// address, has a standin listen there, and says that it is ready.
type node struct {
	t      *testing.T
	client client.Client
	dir    string

	mu       sync.Mutex
	free     []netip.Addr
	standins []*standin
}

// newNode returns a node without pods, which lose their addresses at the end of
// the test.
func newNode(t *testing.T, c client.Client) *node {
	t.Helper()
	n := &node{t: t, client: c, dir: t.TempDir()}
	t.Cleanup(func() {
		for _, s := range n.standins {
			s.close()
		}
	})
	return n
}

// run makes the first pods of the StatefulSet of a Gateway. It reads the Secrets
// that the pods would mount.
func (n *node) run(ctx context.Context, set *appsv1.StatefulSet, pods int) ([]*standin, error) {
	booted, err := n.mount(ctx, set)
	if err != nil {
		return nil, err
	}
	var all []*standin
	for i := range pods {
		s, err := n.pod(ctx, set, i, booted)
		if err != nil {
			return nil, fmt.Errorf("pod %d of %s: %w", i, set.Name, err)
		}
		all = append(all, s)
	}
	return all, n.reportSet(ctx, set, int32(pods))
}

// mount puts the certificates of a Gateway into a directory and returns the
// snapshot that its pods boot from.
func (n *node) mount(ctx context.Context, set *appsv1.StatefulSet) (*snapshot.Snapshot, error) {
	var certificates, configuration corev1.Secret
	for name, secret := range map[string]*corev1.Secret{
		render.ManagementSecretName(set.Name): &certificates, render.SnapshotSecretName(set.Name): &configuration,
	} {
		if err := n.client.Get(ctx, types.NamespacedName{Namespace: set.Namespace, Name: name}, secret); err != nil {
			return nil, err
		}
	}
	dir := n.certificates(set)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	gatewaytest.MountSecret(n.t, dir, certificates.Data)
	return snapshot.Decode(configuration.Data[render.KeySnapshot])
}

func (n *node) certificates(set *appsv1.StatefulSet) string {
	return filepath.Join(n.dir, set.Namespace+"_"+set.Name)
}

// pod makes one pod and its standin.
func (n *node) pod(ctx context.Context, set *appsv1.StatefulSet, ordinal int, booted *snapshot.Snapshot) (*standin, error) {
	address, err := n.address()
	if err != nil {
		return nil, err
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: set.Namespace, Name: fmt.Sprintf("%s-%d", set.Name, ordinal),
			Labels: set.Spec.Template.Labels, Annotations: set.Spec.Template.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(set, appsv1.SchemeGroupVersion.WithKind("StatefulSet"))},
		},
		Spec: *set.Spec.Template.Spec.DeepCopy(),
	}
	port := managementPort(pod)
	if port == 0 {
		return nil, errors.New("the template has no management port")
	}
	s, err := listen(net.JoinHostPort(address.String(), strconv.Itoa(int(port))), n.certificates(set), booted)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	n.standins = append(n.standins, s)
	n.mu.Unlock()
	if err := n.client.Create(ctx, pod); err != nil {
		return nil, err
	}
	return s, n.reportPod(ctx, pod, address)
}

// reportPod says of a pod that it runs and is ready.
func (n *node) reportPod(ctx context.Context, pod *corev1.Pod, address netip.Addr) error {
	before := pod.DeepCopy()
	now := metav1.Now()
	pod.Status = corev1.PodStatus{
		Phase: corev1.PodRunning, PodIP: address.String(), PodIPs: []corev1.PodIP{{IP: address.String()}}, StartTime: &now,
	}
	for _, kind := range []corev1.PodConditionType{corev1.PodScheduled, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		pod.Status.Conditions = append(pod.Status.Conditions, corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: now})
	}
	return n.client.Status().Patch(ctx, pod, client.MergeFrom(before))
}

// reportSet says of a StatefulSet that its pods are those that it is to have.
func (n *node) reportSet(ctx context.Context, set *appsv1.StatefulSet, pods int32) error {
	before := set.DeepCopy()
	set.Status.ObservedGeneration = set.Generation
	set.Status.Replicas, set.Status.ReadyReplicas, set.Status.CurrentReplicas = pods, pods, pods
	return n.client.Status().Patch(ctx, set, client.MergeFrom(before))
}

// address returns one that nobody else listens on.
func (n *node) address() (netip.Addr, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.free) == 0 {
		block, err := loopback.Acquire()
		if err != nil {
			return netip.Addr{}, err
		}
		n.t.Cleanup(func() { _ = block.Close() })
		for host := byte(1); host < 255; host++ {
			n.free = append(n.free, block.Address(host))
		}
	}
	next := n.free[0]
	n.free = n.free[1:]
	return next, nil
}

// all returns the standins there are.
func (n *node) all() []*standin {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.standins)
}

func managementPort(pod *corev1.Pod) int32 {
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if port.Name == render.PortManagement {
				return port.ContainerPort
			}
		}
	}
	return 0
}

// set waits until a Gateway has its StatefulSet, which is applied last.
func (n *node) set(ctx context.Context, namespace, gateway string) (*appsv1.StatefulSet, error) {
	key := types.NamespacedName{Namespace: namespace, Name: render.StatefulSetName(gateway)}
	for {
		set := &appsv1.StatefulSet{}
		err := n.client.Get(ctx, key, set)
		if err == nil {
			return set, nil
		}
		if client.IgnoreNotFound(err) != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("StatefulSet %s: %w", key, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
