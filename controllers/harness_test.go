package controllers_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/controllers"
	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/podrunner"
	"github.com/twinway/twinway/test/statuscheck"
)

// guard is how long something may take before it counts as never.
const guard = 90 * time.Second

// bcrypt is a hash of the password "ditto".
const bcrypt = "$2a$10$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"

// world is a namespace with an operator of its own.
type world struct {
	*testing.T
	client.Client
	ctx       context.Context
	namespace string
	log       *journal
	options   controllers.ManagerOptions
	config    *rest.Config
	stop      func()
}

// newWorld makes a namespace and starts an operator for it.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := emptyWorld(t)
	w.startOperator()
	return w
}

// emptyWorld makes a namespace that nobody looks after yet.
func emptyWorld(t *testing.T) *world {
	t.Helper()
	scheme, err := controllers.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(apiserver.Config(), client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	w := &world{T: t, Client: c, ctx: ctx, namespace: apiserver.Namespace(t), log: &journal{}, stop: func() {}, config: apiserver.Config()}
	t.Cleanup(func() {
		w.stop()
		if t.Failed() {
			t.Log("the operator said:\n" + w.log.end())
		}
	})
	statuscheck.Watch(t, apiserver.Config(), w.namespace)
	w.options = controllers.ManagerOptions{
		Options: controllers.Options{
			Namespace: w.namespace, Image: "twinway:test",
			Logger: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		},
		WatchNamespaces: []string{w.namespace}, MetricsAddress: "0", ProbeAddress: "0",
	}
	return w
}

// startOperator starts an operator, which ends with the test or when it is
// stopped.
func (w *world) startOperator() {
	w.Helper()
	mgr, err := controllers.NewManager(w.ctx, w.config, w.options)
	if err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	w.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.Errorf("the operator ended: %v", err)
		}
	})
}

// runPods runs the pods of the namespace from now on.
func (w *world) runPods() *podrunner.Runner {
	return podrunner.Start(w, podrunner.Options{Namespace: w.namespace, ProbePeriod: 50 * time.Millisecond})
}

// journal is what the operator logs.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// end is what was said last.
func (j *journal) end() string {
	const most = 20_000
	text := j.String()
	if len(text) > most {
		return "…" + text[len(text)-most:]
	}
	return text
}

// gateway returns a Gateway whose users are in Secret NAME-users.
func (w *world) gateway(name string) *v1alpha1.Gateway {
	return &v1alpha1.Gateway{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.GatewaySpec{
			Listener: v1alpha1.Listener{Port: 8080},
			Authentication: v1alpha1.Authentication{Basic: &v1alpha1.BasicAuthentication{
				UsersSecretRef: v1alpha1.SecretReference{Name: name + "-users"},
			}},
			Drain: &v1alpha1.Drain{MinDelay: new(v1alpha1.Duration("0s")), Budget: new(v1alpha1.Duration("1s"))},
		},
	}
}

func (w *world) users(gateway string, users map[string]string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: gateway + "-users"},
		StringData: users,
	}
}

func (w *world) connection(name, gateway string) *v1alpha1.Connection {
	return &v1alpha1.Connection{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.ConnectionSpec{
			GatewayRef: v1alpha1.GatewayReference{Name: gateway},
			Type:       v1alpha1.ConnectionDittoWebSocket, URI: "ws://127.0.0.1:1/ws/2",
		},
	}
}

func (w *world) create(objects ...client.Object) {
	w.Helper()
	for _, object := range objects {
		if err := w.Create(w.ctx, object); err != nil {
			w.Fatalf("create %T %s: %v", object, object.GetName(), err)
		}
	}
}

// change reads an object, changes it and writes it.
func change[T client.Object](w *world, object T, how func(T)) {
	w.Helper()
	for {
		w.get(object)
		how(object)
		err := w.Update(w.ctx, object)
		if apierrors.IsConflict(err) {
			continue
		}
		if err != nil {
			w.Fatalf("update %T %s: %v", object, object.GetName(), err)
		}
		return
	}
}

func (w *world) get(object client.Object) {
	w.Helper()
	if err := w.Get(w.ctx, client.ObjectKeyFromObject(object), object); err != nil {
		w.Fatalf("get %T %s: %v", object, object.GetName(), err)
	}
}

func (w *world) exists(object client.Object) bool {
	w.Helper()
	err := w.Get(w.ctx, client.ObjectKeyFromObject(object), object)
	if err != nil && !apierrors.IsNotFound(err) {
		w.Fatalf("get %T %s: %v", object, object.GetName(), err)
	}
	return err == nil
}

func (w *world) named(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}

// eventually waits until something holds.
func (w *world) eventually(what string, holds func() bool) {
	w.Helper()
	for end := time.Now().Add(guard); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			w.Fatalf("still not: %s", what)
		}
	}
}

// conditioned is one of our own kinds.
type conditioned interface {
	client.Object
}

func conditionsOf(object conditioned) ([]metav1.Condition, int64) {
	switch o := object.(type) {
	case *v1alpha1.Gateway:
		return o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.Connection:
		return o.Status.Conditions, o.Status.ObservedGeneration
	case *v1alpha1.Subscription:
		return o.Status.Conditions, o.Status.ObservedGeneration
	}
	panic(fmt.Sprintf("%T has no conditions", object))
}

// awaitCondition waits until an object has a condition, for the spec it has, with
// a status and a reason.
func (w *world) awaitCondition(object conditioned, condition string, status metav1.ConditionStatus, reason string) metav1.Condition {
	w.Helper()
	for end := time.Now().Add(guard); ; time.Sleep(20 * time.Millisecond) {
		w.get(object)
		conditions, observed := conditionsOf(object)
		c := meta.FindStatusCondition(conditions, condition)
		if c != nil && c.Status == status && c.Reason == reason && (observed == object.GetGeneration() || condition == v1alpha1.ConditionPaused) {
			statuscheck.Check(w, w, w.namespace)
			return *c
		}
		if time.Now().After(end) {
			w.Fatalf("%T %s: %s is not %s with reason %s; conditions:\n%s", object, object.GetName(), condition, status, reason, show(conditions))
		}
	}
}

func show(conditions []metav1.Condition) string {
	var b bytes.Buffer
	for _, c := range conditions {
		fmt.Fprintf(&b, "  %s=%s %s (%d): %s\n", c.Type, c.Status, c.Reason, c.ObservedGeneration, c.Message)
	}
	return b.String()
}
