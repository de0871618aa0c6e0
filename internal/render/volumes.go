package render

import (
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// Names of the volumes.
const (
	volumeData       = "data"
	volumeSnapshot   = "snapshot"
	volumeManagement = "management"
)

func (r renderer) volumes() []*corev1ac.VolumeApplyConfiguration {
	return []*corev1ac.VolumeApplyConfiguration{
		r.dataVolume(),
		secretVolume(volumeSnapshot, SnapshotSecretName(r.name)),
		secretVolume(volumeManagement, ManagementSecretName(r.name)),
	}
}

func (r renderer) dataVolume() *corev1ac.VolumeApplyConfiguration {
	volume := corev1ac.Volume().WithName(volumeData)
	if *r.spec.Storage.Volume.Type == v1alpha1.VolumeEphemeral {
		return volume.WithEmptyDir(corev1ac.EmptyDirVolumeSource())
	}
	return volume.WithPersistentVolumeClaim(corev1ac.PersistentVolumeClaimVolumeSource().WithClaimName(ClaimName(r.name)))
}

// secretVolume mounts a Secret for the group of the process alone. It is mounted
// as a whole: a single key would never be updated.
func secretVolume(name, secret string) *corev1ac.VolumeApplyConfiguration {
	const groupReads = 0o440
	return corev1ac.Volume().WithName(name).
		WithSecret(corev1ac.SecretVolumeSource().WithSecretName(secret).WithDefaultMode(groupReads))
}
