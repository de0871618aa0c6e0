package controllers

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/pki"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/internal/snapshot"
)

// certificates are those of the management ports, one for each Gateway. They are
// kept in Secrets, and in memory as long as the Gateway is there, because what was
// just issued may not have reached the Secret, or the cache.
type certificates struct {
	authority *authority
	client    client.Client
	live      client.Reader
	now       func() time.Time

	mu     sync.Mutex
	issued map[types.NamespacedName]issued
}

type issued struct {
	gateway          types.UID
	certificate, key []byte
}

func newCertificates(a *authority, c client.Client, live client.Reader) *certificates {
	return &certificates{authority: a, client: c, live: live, now: time.Now, issued: map[types.NamespacedName]issued{}}
}

// of returns the certificates of a Gateway, issuing one if the one there is is due
// to be replaced.
func (c *certificates) of(ctx context.Context, gateway *v1alpha1.Gateway) (render.Certificates, error) {
	authority, err := c.authority.get(ctx)
	if err != nil {
		return render.Certificates{}, err
	}
	current, err := c.current(ctx, gateway)
	if err != nil {
		return render.Certificates{}, err
	}
	id := identityOf(gateway)
	if now := c.now(); pki.RenewServer(authority, id, current.certificate, current.key, now) {
		current.certificate, current.key, err = authority.IssueServer(id, now)
		if err != nil {
			return render.Certificates{}, fmt.Errorf("issue the certificate of %s: %w", id, err)
		}
	}
	c.remember(gateway, current)
	return render.Certificates{CA: authority.Bundle(), Certificate: current.certificate, Key: current.key}, nil
}

// current returns the certificate that a Gateway has, from memory or from its
// Secret; empty when there is none.
func (c *certificates) current(ctx context.Context, gateway *v1alpha1.Gateway) (issued, error) {
	c.mu.Lock()
	known, ok := c.issued[client.ObjectKeyFromObject(gateway)]
	c.mu.Unlock()
	if ok && known.gateway == gateway.UID {
		return known, nil
	}
	secret, err := c.stored(ctx, gateway)
	if secret == nil || err != nil {
		return issued{gateway: gateway.UID}, err
	}
	return issued{gateway.UID, secret.Data[render.KeyCertificate], secret.Data[render.KeyPrivateKey]}, nil
}

// stored returns the Secret of a Gateway, nil when there is none or when it
// belongs to somebody else.
func (c *certificates) stored(ctx context.Context, gateway *v1alpha1.Gateway) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	key := types.NamespacedName{Namespace: gateway.Namespace, Name: render.ManagementSecretName(gateway.Name)}
	if err := c.live.Get(ctx, key, secret); apierrors.IsNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("read Secret %s: %w", key, err)
	}
	if !metav1.IsControlledBy(secret, gateway) {
		return nil, nil
	}
	return secret, nil
}

// keep sees to it that the certificates of a Gateway do not end while its spec
// cannot be used, so that nothing else of it is applied.
func (c *certificates) keep(ctx context.Context, gateway *v1alpha1.Gateway) error {
	want, err := c.of(ctx, gateway)
	if err != nil {
		return err
	}
	secret, err := c.stored(ctx, gateway)
	if secret == nil || err != nil {
		return err
	}
	data := map[string][]byte{render.KeyCA: want.CA, render.KeyCertificate: want.Certificate, render.KeyPrivateKey: want.Key}
	same := true
	for key, value := range data {
		same = same && bytes.Equal(secret.Data[key], value)
	}
	if same {
		return nil
	}
	before := secret.DeepCopy()
	secret.Data = data
	patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := c.client.Patch(ctx, secret, patch, client.FieldOwner(render.FieldManager)); err != nil {
		return fmt.Errorf("renew Secret %s: the API server says %s", secret.Name, apierrors.ReasonForError(err))
	}
	return nil
}

func (c *certificates) remember(gateway *v1alpha1.Gateway, i issued) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.issued[client.ObjectKeyFromObject(gateway)] = i
}

func (c *certificates) forget(gateway types.NamespacedName) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.issued, gateway)
}

func identityOf(gateway *v1alpha1.Gateway) snapshot.Identity {
	return snapshot.Identity{Namespace: gateway.Namespace, Name: gateway.Name}
}
