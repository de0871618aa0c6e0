package controllers

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers/apply"
	"github.com/twinway/twinway/controllers/content"
	"github.com/twinway/twinway/internal/push"
	"github.com/twinway/twinway/internal/render"
)

// When a Gateway is looked at again although nothing happens.
const (
	// recheckConflict is for an object of somebody else that is in the way, which
	// is not watched.
	recheckConflict = time.Minute
	// recheckPassing is for one that is about to go.
	recheckPassing = 5 * time.Second
)

// gatewayReconciler brings about what the spec of a Gateway says, and says in its
// status how far it has come.
type gatewayReconciler struct {
	options Options
	// client reads from the cache.
	client       client.Client
	content      *content.Reader
	evaluator    *evaluator
	keeper       *keeper
	certificates *certificates
	applier      *apply.Applier
	fleet        *push.Fleet
	notifier     *notifier
	monitors     *kindLookup
	events       recorder
	metrics      *metrics
	statuses     *memory[v1alpha1.GatewayStatus]
}

// +kubebuilder:rbac:groups=twinway.dev,resources=gateways;connections;subscriptions,verbs=get;list;watch
// +kubebuilder:rbac:groups=twinway.dev,resources=gateways/status;connections/status;subscriptions/status,verbs=get;patch
// +kubebuilder:rbac:groups="",resources=configmaps;pods,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=secrets;serviceaccounts;services,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups="",resources=persistentvolumeclaims,verbs=get;list;watch;create;patch
// +kubebuilder:rbac:groups=apps,resources=statefulsets,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=policy,resources=poddisruptionbudgets,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=autoscaling,resources=horizontalpodautoscalers,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=monitoring.coreos.com,resources=podmonitors,verbs=get;list;create;patch;delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Reconcile implements reconcile.Reconciler.
func (r *gatewayReconciler) Reconcile(ctx context.Context, request reconcile.Request) (reconcile.Result, error) {
	gateway := &v1alpha1.Gateway{}
	if err := r.client.Get(ctx, request.NamespacedName, gateway); apierrors.IsNotFound(err) {
		r.keeper.forget(request.NamespacedName)
		r.forget(ctx, request.NamespacedName)
		return reconcile.Result{}, nil
	} else if err != nil {
		return reconcile.Result{}, err
	}
	if gateway.DeletionTimestamp != nil {
		// What it has goes with it, by owner references. Nothing is made again.
		r.fleet.Remove(identityOf(gateway))
		return reconcile.Result{}, nil
	}
	if other, err := r.keeper.other(ctx, gateway); err != nil || other != "" {
		return r.leave(ctx, gateway, other), err
	}
	r.keeper.forget(request.NamespacedName)
	if asksFor(gateway, v1alpha1.AnnotationPaused) {
		return r.pause(ctx, gateway)
	}
	return r.reconcile(ctx, gateway)
}

// asksFor says whether an annotation of an object asks for something.
func asksFor(object client.Object, annotation string) bool {
	return object.GetAnnotations()[annotation] == "true"
}

// forget drops all that is remembered of a Gateway that is gone.
func (r *gatewayReconciler) forget(ctx context.Context, key types.NamespacedName) {
	r.fleet.Remove(identity(key))
	r.evaluator.forget(key)
	r.certificates.forget(key)
	r.applier.Forget(key)
	r.statuses.forget(key)
	r.metrics.forget(key)
	r.notifier.gatewayWent(ctx, key)
}

// leave leaves a Gateway to another operator, if there is one. Its status is that
// operator's, too: what is to be said about it is said in an event, once.
func (r *gatewayReconciler) leave(ctx context.Context, gateway *v1alpha1.Gateway, to string) reconcile.Result {
	if to == "" {
		return reconcile.Result{}
	}
	key := client.ObjectKeyFromObject(gateway)
	if r.keeper.leave(key, to) {
		r.forget(ctx, key)
		r.events.warning(gateway, EventConflict, actionApply, fmt.Sprintf(
			"The Gateway is looked after by the operator in namespace %s, and left alone by the one in %s; "+
				"if the first has gone, delete Secret %s", to, r.options.Namespace, render.ManagementSecretName(gateway.Name)))
	}
	return reconcile.Result{RequeueAfter: recheckConflict}
}

// pause leaves a Gateway alone, its pods included, and says so.
func (r *gatewayReconciler) pause(ctx context.Context, gateway *v1alpha1.Gateway) (reconcile.Result, error) {
	r.fleet.Remove(identityOf(gateway))
	before := r.statuses.latest(gateway, gateway.Status)
	after := pausedStatus(gateway, before, now())
	if _, err := r.writeStatus(ctx, gateway, before, after); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	r.events.gatewayTransitions(gateway, before, after)
	r.notifier.gatewayCame(ctx, client.ObjectKeyFromObject(gateway), v1alpha1.ReasonPaused)
	return reconcile.Result{}, nil
}

// reconcile gathers the facts, does what is to be done, and writes what became of
// it.
func (r *gatewayReconciler) reconcile(ctx context.Context, gateway *v1alpha1.Gateway) (reconcile.Result, error) {
	// What was written is forgotten when the cache has it, and this object may be
	// older by the time the work is done.
	before := r.statuses.latest(gateway, gateway.Status)
	f, work, err := r.work(ctx, gateway)
	if err != nil {
		return reconcile.Result{}, err
	}
	if f.early(before) {
		r.events.restarts(gateway, work.restarts)
		return reconcile.Result{RequeueAfter: r.again(f)}, nil
	}
	after := gatewayStatus(f, before, now())
	if _, err := r.writeStatus(ctx, gateway, before, after); err != nil {
		return reconcile.Result{}, client.IgnoreNotFound(err)
	}
	key := client.ObjectKeyFromObject(gateway)
	r.metrics.observe(key, f, after)
	r.events.gatewayTransitions(gateway, before, after)
	r.events.restarts(gateway, work.restarts)
	r.notifier.gatewayCame(ctx, key, f.words())
	if work.failed != nil {
		return reconcile.Result{}, work.failed
	}
	return reconcile.Result{RequeueAfter: r.again(f)}, nil
}

// again returns when a Gateway is looked at although nothing happens. The jitter
// keeps those that were made together apart.
func (r *gatewayReconciler) again(f gatewayFacts) time.Duration {
	switch {
	case f.passing:
		return recheckPassing
	case f.conflict != "":
		return recheckConflict
	}
	tenth := int64(r.options.Resync / 10)
	return r.options.Resync - time.Duration(tenth) + time.Duration(rand.Int64N(2*tenth+1)) //nolint:gosec // spreads load, guards nothing
}

// work is what a look at a Gateway has brought about.
type work struct {
	// restarts are why pods are replaced, if the look has caused that.
	restarts []render.RestartReason
	// failed is what is to be tried again soon; nil when nothing is.
	failed error
}

// work compiles a Gateway, applies its objects and hands its configuration to its
// pods. It returns the facts that the status is made from.
func (r *gatewayReconciler) work(ctx context.Context, gateway *v1alpha1.Gateway) (gatewayFacts, work, error) {
	f := gatewayFacts{gateway: gateway, drain: asksFor(gateway, v1alpha1.AnnotationDrain)}
	var w work
	var err error
	if f.evaluation, err = r.evaluator.evaluate(ctx, gateway); err != nil {
		return f, w, err
	}
	set, err := r.statefulSet(ctx, gateway)
	if err != nil {
		return f, w, err
	}
	stored := false
	if f.evaluation.compiled() {
		stored, w, err = r.program(ctx, gateway, set, &f)
	} else {
		w.failed = r.certificates.keep(ctx, gateway)
	}
	if err != nil {
		return f, w, err
	}
	if err := r.push(ctx, gateway, set, stored, &f); err != nil {
		return f, w, err
	}
	r.count(set, &f)
	return f, w, nil
}

// program makes the objects of a Gateway what they should be. It says whether its
// configuration is stored, so that it may be pushed. What prevents something goes
// into the facts; an error is what no status could be written about.
func (r *gatewayReconciler) program(
	ctx context.Context, gateway *v1alpha1.Gateway, set *appsv1.StatefulSet, f *gatewayFacts,
) (stored bool, w work, err error) {
	encoded, err := r.evaluator.configuration(ctx, gateway, f.evaluation)
	if err != nil {
		return false, w, err
	}
	rendered, err := r.render(ctx, gateway, set, encoded)
	if err != nil {
		f.failure, w.failed = err.Error(), err
		return false, w, ctx.Err()
	}
	f.image = rendered.Image
	owner := apply.Owner{Namespace: gateway.Namespace, Name: gateway.Name, UID: gateway.UID}
	report, err := r.applier.Apply(ctx, owner, rendered.Objects)
	if conflict, ok := errors.AsType[*apply.ConflictError](err); ok {
		f.conflict, f.passing = conflict.Error(), conflict.Passing
		return false, w, nil
	}
	if err != nil {
		return false, w, err
	}
	// The cache may not have what was just written.
	f.rolling = set != nil && len(rendered.Restart) > 0
	if report.Wrote(kindStatefulSet, gateway.Name) && set != nil {
		w.restarts = rendered.Restart
	}
	if w.failed = report.Err(); w.failed == nil {
		w.failed = r.applier.Prune(ctx, owner, render.Kinds(), rendered.Objects)
	}
	if w.failed != nil {
		f.failure = w.failed.Error()
	}
	return report.Stored(kindSecret, render.SnapshotSecretName(gateway.Name)), w, nil
}

func (r *gatewayReconciler) render(
	ctx context.Context, gateway *v1alpha1.Gateway, set *appsv1.StatefulSet, encoded []byte,
) (render.Result, error) {
	certificates, err := r.certificates.of(ctx, gateway)
	if err != nil {
		return render.Result{}, err
	}
	claim, err := r.claim(ctx, gateway)
	if err != nil {
		return render.Result{}, err
	}
	return render.Gateway(render.Input{
		Gateway: gateway, Snapshot: encoded, Management: certificates, Live: set, Claim: claim,
		Settings: render.Settings{
			Image: r.options.Image, OperatorNamespace: r.options.Namespace, OperatorLabels: operatorLabels(),
			PodMonitor: r.monitors.known(render.PodMonitorKind),
		},
	})
}

// claim returns the volume claim that a Gateway takes over, nil when there is none.
func (r *gatewayReconciler) claim(ctx context.Context, gateway *v1alpha1.Gateway) (*corev1.PersistentVolumeClaim, error) {
	claim := &corev1.PersistentVolumeClaim{}
	key := types.NamespacedName{Namespace: gateway.Namespace, Name: render.ClaimName(gateway.Name)}
	if err := r.client.Get(ctx, key, claim); apierrors.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read PersistentVolumeClaim %s: %w", key, err)
	}
	return claim, nil
}

// push tells the pods what they are to have: what was stored now, or the last that
// was stored before. Then it looks what they say.
func (r *gatewayReconciler) push(ctx context.Context, gateway *v1alpha1.Gateway, set *appsv1.StatefulSet, stored bool, f *gatewayFacts) error {
	f.hash = f.evaluation.hash
	if !stored {
		var err error
		if f.hash, err = r.lastStored(ctx, gateway); err != nil {
			return err
		}
	}
	id := identityOf(gateway)
	pods, err := podsOf(ctx, r.client, client.ObjectKeyFromObject(gateway), uidOf(set))
	if err != nil {
		return err
	}
	if f.hash == "" {
		r.fleet.Remove(id)
	} else {
		key := client.ObjectKeyFromObject(gateway)
		r.metrics.desired(key, f.hash)
		r.fleet.Set(id, push.Desired{Hash: f.hash, Load: r.loading(key, f.hash), Pods: targetsOf(pods), Drain: f.drain})
	}
	f.pods, f.ending = replicasOf(pods, r.fleet.View(id)), areEnding(pods)
	return nil
}

// lastStored returns the hash of the configuration that was stored last, empty when
// there is none.
func (r *gatewayReconciler) lastStored(ctx context.Context, gateway *v1alpha1.Gateway) (string, error) {
	key := types.NamespacedName{Namespace: gateway.Namespace, Name: render.SnapshotSecretName(gateway.Name)}
	secret, err := r.content.Secret(ctx, key)
	if secret == nil || err != nil || !metav1.IsControlledBy(secret, gateway) || len(secret.Data[render.KeySnapshot]) == 0 {
		return "", err
	}
	return hashOf(secret.Data[render.KeySnapshot]), nil
}

// statefulSet returns the StatefulSet of a Gateway, nil when there is none.
func (r *gatewayReconciler) statefulSet(ctx context.Context, gateway *v1alpha1.Gateway) (*appsv1.StatefulSet, error) {
	return statefulSetOf(ctx, r.client, gateway)
}

func statefulSetOf(ctx context.Context, cache client.Reader, gateway *v1alpha1.Gateway) (*appsv1.StatefulSet, error) {
	set := &appsv1.StatefulSet{}
	key := types.NamespacedName{Namespace: gateway.Namespace, Name: render.StatefulSetName(gateway.Name)}
	if err := cache.Get(ctx, key, set); apierrors.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read StatefulSet %s: %w", key, err)
	}
	if !metav1.IsControlledBy(set, gateway) {
		return nil, nil
	}
	return set, nil
}

func uidOf(set *appsv1.StatefulSet) types.UID {
	if set == nil {
		return ""
	}
	return set.UID
}

// isRolling says whether pods of a StatefulSet are to be replaced by others, or have
// been and not all are ready. The revisions of the pods are looked at, too: when a
// template is changed back while pods are replaced, the StatefulSet has one revision
// although there are pods of the other.
func isRolling(set *appsv1.StatefulSet, pods []replica) bool {
	if set == nil {
		return false
	}
	return set.Generation != set.Status.ObservedGeneration || set.Status.CurrentRevision != set.Status.UpdateRevision ||
		slices.ContainsFunc(pods, func(r replica) bool { return r.revision != set.Status.UpdateRevision })
}

// count adds what the StatefulSet says about the number of pods and their image.
func (r *gatewayReconciler) count(set *appsv1.StatefulSet, f *gatewayFacts) {
	f.rolling = f.rolling || isRolling(set, f.pods)
	f.wanted = 1
	if f.gateway.Spec.Replicas != nil {
		f.wanted = int(*f.gateway.Spec.Replicas)
	}
	if set == nil {
		return
	}
	if f.gateway.Spec.Autoscaling != nil && set.Spec.Replicas != nil {
		f.wanted = int(*set.Spec.Replicas)
	}
	for _, container := range set.Spec.Template.Spec.Containers {
		if container.Name == render.ContainerGateway && f.image == "" {
			f.image = container.Image
		}
	}
}

// words says what the Connections and Subscriptions of a Gateway depend on.
func (f gatewayFacts) words() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %t", f.evaluation.fingerprint, f.hash, f.rolling)
	for _, p := range f.pods {
		fmt.Fprintf(&b, " %t/%t", p.ready, p.applied(f.hash))
	}
	return b.String()
}

// Kinds of objects as reports name them.
const (
	kindSecret      = "Secret"
	kindStatefulSet = "StatefulSet"
)

// now returns the time in the precision of the API.
func now() metav1.Time { return metav1.Now().Rfc3339Copy() }
