package controllers

import (
	"context"
	"fmt"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

const (
	// leaseAge is how long after its lease was renewed last an operator counts as
	// one that is there.
	leaseAge = time.Minute
	// leaseMemory is how long an answer about a lease is used again, so that many
	// Gateways do not ask the same at once.
	leaseMemory = 5 * time.Second
	// maxLeases bounds the answers that are kept. The names come from annotations.
	maxLeases = 64
)

// +kubebuilder:rbac:groups=coordination.k8s.io,resources=leases,resourceNames=twinway-operator,verbs=get

// keeper tells which operator looks after a Gateway. Two that both did would issue
// certificates against each other, and write statuses against each other, for ever.
// So each leaves its mark on the Secret with the certificates, and leaves alone
// what has the mark of another, status included.
//
// A Gateway is taken over by an operator that has a lease, from one that has not
// renewed its own. Of two operators at most one can do that.
type keeper struct {
	// cache has the metadata of Secrets, live reads leases.
	cache, live client.Reader
	// namespace is the operator's own.
	namespace string
	// elected says that this operator has a lease.
	elected bool
	now     func() time.Time

	mu     sync.Mutex
	leases map[string]leaseAnswer
	told   map[types.NamespacedName]string
}

// leaseAnswer says whether an operator was there, and when that was asked.
type leaseAnswer struct {
	alive bool
	asked time.Time
}

func newKeeper(cache, live client.Reader, namespace string, elected bool) *keeper {
	return &keeper{
		cache: cache, live: live, namespace: namespace, elected: elected, now: time.Now,
		leases: map[string]leaseAnswer{}, told: map[types.NamespacedName]string{},
	}
}

// other returns the namespace of the other operator that looks after a Gateway;
// empty when none does, so that this one is to.
func (k *keeper) other(ctx context.Context, gateway *v1alpha1.Gateway) (string, error) {
	namespace, err := k.mark(ctx, gateway)
	if err != nil || namespace == "" || namespace == k.namespace {
		return "", err
	}
	if !k.elected {
		return namespace, nil
	}
	alive, err := k.alive(ctx, namespace)
	if err != nil || !alive {
		return "", err
	}
	return namespace, nil
}

// mark returns the namespace of the operator that has left its mark on a Gateway;
// empty when there is none. What cannot be a namespace is no mark.
func (k *keeper) mark(ctx context.Context, gateway *v1alpha1.Gateway) (string, error) {
	secret := &metav1.PartialObjectMetadata{}
	secret.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(kindSecret))
	key := types.NamespacedName{Namespace: gateway.Namespace, Name: render.ManagementSecretName(gateway.Name)}
	if err := k.cache.Get(ctx, key, secret); apierrors.IsNotFound(err) {
		return "", nil
	} else if err != nil {
		return "", fmt.Errorf("read Secret %s: %w", key, err)
	}
	mark := secret.Annotations[render.AnnotationOperator]
	if !metav1.IsControlledBy(secret, gateway) || len(validation.IsDNS1123Label(mark)) > 0 {
		return "", nil
	}
	return mark, nil
}

// alive says whether the operator of a namespace is there, as far as can be seen.
func (k *keeper) alive(ctx context.Context, namespace string) (bool, error) {
	k.mu.Lock()
	answer, known := k.leases[namespace]
	k.mu.Unlock()
	if known && k.now().Sub(answer.asked) < leaseMemory {
		return answer.alive, nil
	}
	alive, err := k.ask(ctx, namespace)
	if err != nil {
		return false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.leases) >= maxLeases {
		clear(k.leases)
	}
	k.leases[namespace] = leaseAnswer{alive, k.now()}
	return alive, nil
}

// ask looks at the lease of an operator. One that may not be looked at is taken
// for one that is there.
func (k *keeper) ask(ctx context.Context, namespace string) (bool, error) {
	lease := &coordinationv1.Lease{}
	key := types.NamespacedName{Namespace: namespace, Name: leaseName}
	switch err := k.live.Get(ctx, key, lease); {
	case apierrors.IsNotFound(err):
		return false, nil
	case apierrors.IsForbidden(err):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("read Lease %s: %w", key, err)
	}
	return lease.Spec.RenewTime != nil && k.now().Sub(lease.Spec.RenewTime.Time) < leaseAge, nil
}

// leave notes that a Gateway is left to another operator, and says whether that is
// new.
func (k *keeper) leave(gateway types.NamespacedName, to string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.told[gateway]
	k.told[gateway] = to
	return before != to
}

// forget drops what is remembered of a Gateway.
func (k *keeper) forget(gateway types.NamespacedName) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.told, gateway)
}
