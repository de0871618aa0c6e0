package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of the types in this package.
var GroupVersion = schema.GroupVersion{Group: "twinway.dev", Version: "v1alpha1"}

// SchemeGroupVersion is GroupVersion by the name that generated code knows it.
var SchemeGroupVersion = GroupVersion

// SchemeBuilder collects the types of this package for a runtime.Scheme.
var SchemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

// AddToScheme registers the types of this package with a runtime.Scheme.
var AddToScheme = SchemeBuilder.AddToScheme

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &Gateway{}, &GatewayList{}, &Connection{}, &ConnectionList{}, &Subscription{}, &SubscriptionList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
