package podrunner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// errNotYet means that a volume cannot be mounted yet.
var errNotYet = errors.New("not there yet")

// mounted is a Secret as it was written last.
type mounted struct {
	version string    // resourceVersion of what was written
	changed time.Time // when another was seen first; zero when none was
}

// volumeDir returns the folder in place of a volume.
func (p *pod) volumeDir(name string) string {
	for _, volume := range p.spec.Volumes {
		if volume.Name == name && volume.PersistentVolumeClaim != nil {
			return filepath.Join(p.runner.dir, "claims", volume.PersistentVolumeClaim.ClaimName)
		}
	}
	return filepath.Join(p.dir, "volumes", name)
}

// mount makes all volumes, or says why it cannot yet.
func (p *pod) mount(ctx context.Context) error {
	for i := range p.spec.Volumes {
		volume := &p.spec.Volumes[i]
		if err := p.mountVolume(ctx, volume); err != nil {
			return fmt.Errorf("volume %s: %w", volume.Name, err)
		}
	}
	return nil
}

func (p *pod) mountVolume(ctx context.Context, volume *corev1.Volume) error {
	switch {
	case volume.Secret != nil:
		return p.mountSecret(volume.Name, volume.Secret)
	case volume.PersistentVolumeClaim != nil:
		if err := p.claim(ctx, volume.PersistentVolumeClaim.ClaimName); err != nil {
			return err
		}
	case volume.EmptyDir == nil:
		return errors.New("its kind is not known here")
	}
	return os.MkdirAll(p.volumeDir(volume.Name), 0o700)
}

func (p *pod) mountSecret(name string, source *corev1.SecretVolumeSource) error {
	secret, err := p.runner.secrets.Secrets(p.runner.options.Namespace).Get(source.SecretName)
	if apierrors.IsNotFound(err) && source.Optional != nil && *source.Optional {
		secret, err = &corev1.Secret{}, nil
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errNotYet, err)
	}
	if err := writeAtomically(p.volumeDir(name), files(secret, source)); err != nil {
		return err
	}
	p.secrets[name] = mounted{version: secret.ResourceVersion}
	return nil
}

// refresh writes the Secrets that have changed long enough ago. One that was
// deleted stays as it was.
func (p *pod) refresh() error {
	delay := time.Duration(p.runner.secretDelay.Load())
	for i := range p.spec.Volumes {
		name, source := p.spec.Volumes[i].Name, p.spec.Volumes[i].Secret
		if source == nil {
			continue
		}
		secret, err := p.runner.secrets.Secrets(p.runner.options.Namespace).Get(source.SecretName)
		if err != nil || secret.ResourceVersion == p.secrets[name].version {
			continue
		}
		if m := p.secrets[name]; m.changed.IsZero() {
			m.changed = time.Now()
			p.secrets[name] = m
		}
		if time.Since(p.secrets[name].changed) < delay {
			continue
		}
		if err := p.mountSecret(name, source); err != nil {
			return err
		}
	}
	return nil
}

// files returns what a Secret volume holds.
func files(secret *corev1.Secret, source *corev1.SecretVolumeSource) map[string][]byte {
	if len(source.Items) == 0 {
		return secret.Data
	}
	selected := map[string][]byte{}
	for _, item := range source.Items {
		if data, ok := secret.Data[item.Key]; ok {
			selected[item.Path] = data
		}
	}
	return selected
}

// claim takes a claim for the pod alone, and plays the storage that binds and
// grows it.
func (p *pod) claim(ctx context.Context, name string) error {
	claim, err := p.runner.claims.PersistentVolumeClaims(p.runner.options.Namespace).Get(name)
	if err != nil {
		return fmt.Errorf("%w: %w", errNotYet, err)
	}
	if err := p.runner.take(name, p); err != nil {
		return err
	}
	return p.runner.bindClaim(ctx, claim.DeepCopy())
}

// take refuses a claim that another pod has: embedded storage has one writer.
func (r *Runner) take(claim string, p *pod) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if owner, ok := r.claimedBy[claim]; ok && owner != p.uid {
		return fmt.Errorf("another pod still has claim %s", claim)
	}
	r.claimedBy[claim] = p.uid
	return nil
}

func (r *Runner) bindClaim(ctx context.Context, claim *corev1.PersistentVolumeClaim) error {
	if claim.Status.Phase == corev1.ClaimBound {
		return nil
	}
	if claim.Spec.VolumeName == "" {
		claim.Spec.VolumeName = "podrunner-" + string(claim.UID)
		var err error
		if claim, err = r.client.CoreV1().PersistentVolumeClaims(claim.Namespace).Update(ctx, claim, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("%w: %w", errNotYet, err)
		}
	}
	claim.Status.Phase = corev1.ClaimBound
	claim.Status.AccessModes = claim.Spec.AccessModes
	claim.Status.Capacity = claim.Spec.Resources.Requests
	if _, err := r.client.CoreV1().PersistentVolumeClaims(claim.Namespace).UpdateStatus(ctx, claim, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("%w: %w", errNotYet, err)
	}
	return nil
}
