package controllers

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/twinway/twinway/internal/render"
)

// errMoved says that what a configuration is made from has changed in between.
var errMoved = errors.New("the configuration is no longer what it was")

// loading returns what loads the configuration of a Gateway to push it: from where
// it is kept for a while, else from where it is stored.
func (r *gatewayReconciler) loading(gateway types.NamespacedName, hash string) func(context.Context) ([]byte, error) {
	key := types.NamespacedName{Namespace: gateway.Namespace, Name: render.SnapshotSecretName(gateway.Name)}
	return func(ctx context.Context) ([]byte, error) {
		if encoded := r.evaluator.kept.get(hash); encoded != nil {
			return encoded, nil
		}
		secret, err := r.content.Secret(ctx, key)
		if err != nil {
			return nil, err
		}
		if encoded, ok := configurationIn(secret, hash); ok {
			return encoded, nil
		}
		// What is known of the Secret may be older than what was stored.
		if secret, err = r.content.LatestSecret(ctx, key); err != nil {
			return nil, err
		}
		if encoded, ok := configurationIn(secret, hash); ok {
			return encoded, nil
		}
		return nil, fmt.Errorf("read Secret %s: %w", key, errMoved)
	}
}

// configurationIn returns the configuration with a hash if it is in a Secret.
func configurationIn(secret *corev1.Secret, hash string) ([]byte, bool) {
	if secret == nil {
		return nil, false
	}
	encoded := secret.Data[render.KeySnapshot]
	return encoded, hashOf(encoded) == hash
}
