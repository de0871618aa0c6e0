package operator_test

import (
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// Hashes of the password "ditto", at the lowest cost.
const (
	bcrypt      = "$2a$04$hHL5CTylF9SH8gl0cOnYb.uLiL.RFra.QSjPyhCtqX2dO6Y0/w7Gy"
	otherBcrypt = "$2a$10$cAdndSyx8xgdDH29EAGbQukWu2X3yjf6AxwnhF6DLPv3Yerl7qd5C"
)

func (w *world) named(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}

// gateway returns a Gateway whose users are in Secret NAME-users, and which ends
// quickly.
func (w *world) gateway(name string) *v1alpha1.Gateway {
	return &v1alpha1.Gateway{ObjectMeta: w.named(name), Spec: v1alpha1.GatewaySpec{
		Listener: v1alpha1.Listener{Port: 8080},
		Authentication: v1alpha1.Authentication{Basic: &v1alpha1.BasicAuthentication{
			UsersSecretRef: v1alpha1.SecretReference{Name: name + "-users"},
		}},
		Drain: &v1alpha1.Drain{MinDelay: new(v1alpha1.Duration("0s")), Budget: new(v1alpha1.Duration("1s"))},
	}}
}

// users returns the Secret that a Gateway refers to, with user "ditto" and more.
func (w *world) users(gateway string, more ...string) *corev1.Secret {
	s := &corev1.Secret{ObjectMeta: w.named(gateway + "-users"), StringData: map[string]string{"ditto": bcrypt}}
	for _, name := range more {
		s.StringData[name] = bcrypt
	}
	return s
}

func (w *world) connection(name, gateway string) *v1alpha1.Connection {
	return &v1alpha1.Connection{ObjectMeta: w.named(name), Spec: v1alpha1.ConnectionSpec{
		GatewayRef: v1alpha1.GatewayReference{Name: gateway},
		Type:       v1alpha1.ConnectionDittoWebSocket, URI: "ws://127.0.0.1:1/ws/2",
	}}
}

func (w *world) subscription(name, connection, filter string) *v1alpha1.Subscription {
	return &v1alpha1.Subscription{ObjectMeta: w.named(name), Spec: v1alpha1.SubscriptionSpec{
		ConnectionRef: v1alpha1.ConnectionReference{Name: connection},
		Direction:     v1alpha1.Outbound, Signal: v1alpha1.SignalTwinEvents, Filter: &filter,
		AuthorizationSubjects: []v1alpha1.AuthorizationSubject{"integration:cloud"}, Target: &v1alpha1.Target{},
	}}
}

func (w *world) create(objects ...client.Object) {
	w.Helper()
	for _, object := range objects {
		if err := w.Create(w.ctx, object); err != nil {
			w.Fatalf("create %T %s: %v", object, object.GetName(), err)
		}
	}
}

func (w *world) delete(object client.Object) {
	w.Helper()
	if err := w.Delete(w.ctx, object, client.PropagationPolicy(metav1.DeletePropagationBackground)); err != nil {
		w.Fatalf("delete %T %s: %v", object, object.GetName(), err)
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

// annotate sets an annotation, or removes it if the value is empty.
func (w *world) annotate(object client.Object, key, value string) {
	w.Helper()
	change(w, object, func(o client.Object) {
		annotations := o.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[key] = value
		if value == "" {
			delete(annotations, key)
		}
		o.SetAnnotations(annotations)
	})
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

// identified returns an object of any kind, to be read.
func (w *world) identified(kind schema.GroupVersionKind, name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(kind)
	u.SetNamespace(w.namespace)
	u.SetName(name)
	return u
}

// renderedObject is one of the objects of a Gateway.
type renderedObject struct {
	kind schema.GroupVersionKind
	name string
}

func (o renderedObject) String() string { return o.kind.Kind + " " + o.name }

// renderedOf returns what there is to be of a Gateway that has everything.
func renderedOf(gateway string) []renderedObject {
	var all []renderedObject
	for _, kind := range render.Kinds() {
		for _, name := range namesOf(kind.Kind, gateway) {
			all = append(all, renderedObject{kind, name})
		}
	}
	return all
}

func namesOf(kind, gateway string) []string {
	switch kind {
	case "Secret":
		return []string{render.SnapshotSecretName(gateway), render.ManagementSecretName(gateway)}
	case "Service":
		return []string{gateway, render.PodServiceName(gateway)}
	case "PersistentVolumeClaim":
		return []string{render.ClaimName(gateway)}
	}
	return []string{gateway}
}

// withEverything makes a Gateway one of which every kind is rendered.
func withEverything(g *v1alpha1.Gateway) *v1alpha1.Gateway {
	g.Spec.Autoscaling = &v1alpha1.Autoscaling{MaxReplicas: 1}
	return g
}

// kindOf returns a kind that is rendered, by its name.
func kindOf(name string) schema.GroupVersionKind {
	for _, kind := range render.Kinds() {
		if kind.Kind == name {
			return kind
		}
	}
	panic("nothing of kind " + name + " is rendered")
}
