package apply

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/twinway/twinway/internal/render"
)

func TestWhoseAnObjectIs(t *testing.T) {
	owner := Owner{Namespace: "ns", Name: "edge", UID: "1"}
	controlledBy := func(kind, version, name, uid string) []metav1.OwnerReference {
		yes := true
		return []metav1.OwnerReference{{APIVersion: version, Kind: kind, Name: name, UID: types.UID(uid), Controller: &yes}}
	}
	const ours = "twinway.dev/v1alpha1"
	for _, test := range []struct {
		name, kind    string
		owners        []metav1.OwnerReference
		labels        map[string]string
		mine, passing bool
	}{
		{"controlled by the Gateway", "Service", controlledBy("Gateway", ours, "edge", "1"), nil, true, false},
		{"by an earlier one of its name", "Service", controlledBy("Gateway", ours, "edge", "0"), nil, false, true},
		{"by another Gateway", "Service", controlledBy("Gateway", ours, "other", "2"), nil, false, false},
		{"by a Gateway of another group", "Service", controlledBy("Gateway", "gateway.networking.k8s.io/v1", "edge", "0"), nil, false, false},
		{"by nobody", "Service", nil, nil, false, false},
		{"by nobody, with our labels", "Service", nil, render.Labels("edge"), false, false},
		{"a claim with our labels", "PersistentVolumeClaim", nil, render.Labels("edge"), true, false},
		{"a claim that has lost the label of who manages it", "PersistentVolumeClaim", nil, without(render.LabelManagedBy), true, false},
		{"a claim that has lost the label of its Gateway", "PersistentVolumeClaim", nil, without(render.LabelGateway), true, false},
		{"a claim that has lost both", "PersistentVolumeClaim", nil, without(render.LabelGateway, render.LabelManagedBy), false, false},
		{"a claim of somebody else's instance of that name", "PersistentVolumeClaim", nil,
			map[string]string{render.LabelInstance: "edge", render.LabelManagedBy: "Helm"}, false, false},
		{"a claim of another Gateway", "PersistentVolumeClaim", nil, render.Labels("other"), false, false},
		{"a claim of nobody", "PersistentVolumeClaim", nil, nil, false, false},
		{"a claim with our labels of somebody else", "PersistentVolumeClaim", controlledBy("Thing", "v1", "x", "3"), render.Labels("edge"), false, false},
		{"owned but not controlled", "Service", []metav1.OwnerReference{{Kind: "Gateway", Name: "edge", UID: "1"}}, nil, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			object := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "edge", OwnerReferences: test.owners, Labels: test.labels}}
			err := owner.check(test.kind, object)
			conflict, ok := errors.AsType[*ConflictError](err)
			if (err == nil) != test.mine || ok && conflict.Passing != test.passing || err != nil && !ok {
				t.Errorf("%v", err)
			}
		})
	}
}

// without returns the labels of what belongs to the Gateway, but for some.
func without(removed ...string) map[string]string {
	labels := render.Labels("edge")
	for _, label := range removed {
		delete(labels, label)
	}
	return labels
}
