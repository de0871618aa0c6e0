package statuscheck

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Object is what the kinds have in common.
type Object struct {
	Kind               string
	Name               string
	Generation         int64
	Deleting           bool
	ObservedGeneration int64
	Conditions         []metav1.Condition
}

// String names the object.
func (o Object) String() string { return o.Kind + " " + o.Name }

// condition returns the condition of a type, or nil.
func (o Object) condition(kind string) *metav1.Condition {
	for i := range o.Conditions {
		if o.Conditions[i].Type == kind {
			return &o.Conditions[i]
		}
	}
	return nil
}

// holds says whether the condition is there and true.
func (o Object) holds(kind string) bool {
	c := o.condition(kind)
	return c != nil && c.Status == metav1.ConditionTrue
}

// parts returns the conditions that Ready sums up.
func (o Object) parts() []string {
	own := map[string]string{
		"Gateway":      v1alpha1.ConditionAvailable,
		"Connection":   v1alpha1.ConditionConnected,
		"Subscription": v1alpha1.ConditionActive,
	}
	return []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionResolvedRefs, v1alpha1.ConditionProgrammed, own[o.Kind]}
}

func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	builder := runtime.NewSchemeBuilder(v1alpha1.AddToScheme, corev1.AddToScheme)
	return scheme, builder.AddToScheme(scheme)
}

// newLists returns an empty list of each kind.
func newLists() []client.ObjectList {
	return []client.ObjectList{&v1alpha1.GatewayList{}, &v1alpha1.ConnectionList{}, &v1alpha1.SubscriptionList{}}
}

// objects reads all objects of the three kinds.
func objects(ctx context.Context, c client.Reader, namespace string) ([]Object, error) {
	var all []Object
	for _, list := range newLists() {
		if err := c.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return nil, fmt.Errorf("list: %w", err)
		}
		err := meta.EachListItem(list, func(object runtime.Object) error {
			all = append(all, view(object.(client.Object)))
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// view returns what is looked at of an object of the three kinds.
func view(object client.Object) Object {
	o := Object{Name: object.GetName(), Generation: object.GetGeneration(), Deleting: object.GetDeletionTimestamp() != nil}
	switch typed := object.(type) {
	case *v1alpha1.Gateway:
		o.Kind, o.ObservedGeneration, o.Conditions = "Gateway", typed.Status.ObservedGeneration, typed.Status.Conditions
	case *v1alpha1.Connection:
		o.Kind, o.ObservedGeneration, o.Conditions = "Connection", typed.Status.ObservedGeneration, typed.Status.Conditions
	case *v1alpha1.Subscription:
		o.Kind, o.ObservedGeneration, o.Conditions = "Subscription", typed.Status.ObservedGeneration, typed.Status.Conditions
	}
	return o
}
