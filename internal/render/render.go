package render

import (
	"errors"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// Settings are the same for all Gateways of an operator.
type Settings struct {
	// Image is the operator's own, for gateways that name none. Required.
	Image string
	// OperatorNamespace and OperatorLabels choose the pods that reach the
	// management port. Required: a policy without them would admit everybody.
	OperatorNamespace string
	OperatorLabels    map[string]string
	// PodMonitor says that the cluster knows the kind PodMonitor.
	PodMonitor bool
}

// Certificates are those of the management port, in PEM.
type Certificates struct {
	// CA are the authorities whose clients are let in.
	CA []byte
	// Certificate and Key are the gateway's own.
	Certificate, Key []byte
}

// Input is what a Gateway is rendered from. Nothing in it is changed.
type Input struct {
	// Gateway is the Gateway as it was read; its spec must be valid, as that of
	// one with a snapshot is.
	Gateway *v1alpha1.Gateway
	// Snapshot is its encoded configuration.
	Snapshot []byte
	// Management are the certificates of its pods.
	Management Certificates
	// Live is the StatefulSet that runs now, nil when there is none. It remembers
	// the template and the image that are to be kept.
	Live *appsv1.StatefulSet
	// Claim is the volume claim that there is, nil when there is none. One that was
	// kept for a Gateway of this name may be larger than what this one asks for.
	Claim *corev1.PersistentVolumeClaim
	// Settings are those of the operator.
	Settings Settings
}

// Object is one object as it is to be applied.
type Object struct {
	// GVK, Namespace and Name identify the object.
	GVK             schema.GroupVersionKind
	Namespace, Name string
	// Config is all that is said of it, in its JSON. A PodMonitor's type is none
	// that clients know. They write the answer of the API server into what they
	// apply, so it serves once.
	Config runtime.ApplyConfiguration
}

// Result is what a Gateway is to be in the cluster.
type Result struct {
	// Objects are in the order in which they are to be applied, the StatefulSet
	// last.
	Objects []Object
	// Restart says why the template differs from that of Live; empty when the pods
	// stay, or when there are none yet.
	Restart []RestartReason
	// Image is the image of the gateway's container.
	Image string
}

// Gateway renders a Gateway.
//
// Errors: an input that is incomplete, a spec that is not valid, and a pod
// template that is too large to be remembered.
func Gateway(in Input) (Result, error) {
	if err := in.validate(); err != nil {
		return Result{}, err
	}
	r := renderer{Input: in, name: in.Gateway.Name, namespace: in.Gateway.Namespace, spec: compile.Effective(in.Gateway.Spec)}
	template, err := r.podTemplate()
	if err != nil {
		return Result{}, fmt.Errorf("pod template: %w", err)
	}
	drafts := []draft{
		r.serviceAccount(), r.snapshotSecret(), r.managementSecret(),
		r.claim(), r.clientService(), r.podService(),
		r.networkPolicy(), r.disruptionBudget(), r.autoscaler(), r.podMonitor(),
		r.statefulSet(template),
	}
	result := Result{Restart: template.restart, Image: template.image}
	for _, d := range drafts {
		if d.config == nil {
			continue
		}
		object, err := r.seal(d)
		if err != nil {
			return Result{}, err
		}
		result.Objects = append(result.Objects, object)
	}
	return result, nil
}

// renderer renders one Gateway.
type renderer struct {
	Input
	name, namespace string
	// spec has every default filled in.
	spec v1alpha1.GatewaySpec
}

func (in Input) validate() error {
	switch {
	case in.Gateway == nil || in.Gateway.Name == "" || in.Gateway.Namespace == "":
		return errors.New("a Gateway with name and namespace is required")
	case in.Gateway.UID == "":
		return errors.New("the Gateway has no uid, so nothing could belong to it")
	case len(in.Snapshot) == 0:
		return errors.New("a snapshot is required")
	case len(in.Management.CA) == 0 || len(in.Management.Certificate) == 0 || len(in.Management.Key) == 0:
		return errors.New("certificates of the management port are required")
	case in.Settings.Image == "":
		return errors.New("settings: an image is required")
	case in.Settings.OperatorNamespace == "" || len(in.Settings.OperatorLabels) == 0:
		return errors.New("settings: namespace and labels of the operator are required")
	}
	return nil
}
