package render

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// claim renders the volume of embedded storage. It is an object of its own and no
// template of the StatefulSet: those cannot be changed, and a volume may grow.
func (r renderer) claim() draft {
	volume := r.spec.Storage.Volume
	if *volume.Type != v1alpha1.VolumeClaim {
		return draft{}
	}
	spec := corev1ac.PersistentVolumeClaimSpec().
		// A StatefulSet runs at most one pod of a name, so that this is enough; some
		// drivers know nothing stricter.
		WithAccessModes(corev1.ReadWriteOnce).
		WithResources(corev1ac.VolumeResourceRequirements().WithRequests(corev1.ResourceList{
			corev1.ResourceStorage: canonical(corev1.ResourceStorage, r.claimSize()),
		}))
	if volume.StorageClassName != nil {
		spec.WithStorageClassName(*volume.StorageClassName)
	}
	claim := corev1ac.PersistentVolumeClaim("", "").WithSpec(spec)
	return draft{
		kind: kindClaim, name: ClaimName(r.name), orphaned: *volume.Retention == v1alpha1.RetentionRetain,
		config: claim, meta: &claim.ObjectMetaApplyConfiguration,
	}
}

// claimSize is what the spec asks for, and no less than what there is: a claim
// never shrinks.
func (r renderer) claimSize() resource.Quantity {
	size := *r.spec.Storage.Volume.Size
	if r.Claim == nil {
		return size
	}
	if there := r.Claim.Spec.Resources.Requests[corev1.ResourceStorage]; there.Cmp(size) > 0 {
		return there
	}
	return size
}
