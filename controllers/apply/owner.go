package apply

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
)

// Owner is the Gateway that objects belong to.
type Owner struct {
	// Namespace and Name are those of the Gateway, and UID tells it from an earlier
	// one of that name.
	Namespace, Name string
	UID             types.UID
}

// ConflictError says that an object with a name that the Gateway needs belongs to
// somebody else.
type ConflictError struct {
	// Kind and Name are those of the object.
	Kind, Name string
	// Passing says that it belongs to an earlier Gateway of the same name, with
	// which it is about to go.
	Passing bool
}

func (e *ConflictError) Error() string {
	if e.Passing {
		return fmt.Sprintf("%s %q belongs to an earlier Gateway of this name, whose deletion is not finished", e.Kind, e.Name)
	}
	return fmt.Sprintf("%s %q exists and does not belong to this Gateway; rename or delete one of them", e.Kind, e.Name)
}

// check returns a ConflictError unless the object belongs to the owner.
func (o Owner) check(kind string, object metav1.Object) error {
	controller := metav1.GetControllerOf(object)
	switch {
	case controller != nil && controller.UID == o.UID:
		return nil
	case controller == nil && kind == kindClaim && o.labelled(object):
		return nil
	}
	passing := controller != nil && controller.Kind == v1alpha1.GatewayKind && controller.Name == o.Name &&
		controller.APIVersion == v1alpha1.GroupVersion.String()
	return &ConflictError{Kind: kind, Name: object.GetName(), Passing: passing}
}

// kindClaim is the one kind that may outlive its Gateway.
const kindClaim = "PersistentVolumeClaim"

// labelled says whether the labels of a claim are those of the owner. One of them
// may have been removed by somebody, and is put back: the label of the Gateway says
// enough by itself, and where it is missing the others do.
func (o Owner) labelled(object metav1.Object) bool {
	labels := object.GetLabels()
	if gateway, there := labels[render.LabelGateway]; there {
		return gateway == o.Name
	}
	return labels[render.LabelManagedBy] == render.Manager && labels[render.LabelInstance] == o.Name
}
