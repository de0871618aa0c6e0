package controllers

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// Indexes of the cache, for looking up who refers to an object.
const (
	indexGateway    = "spec.gatewayRef.name"
	indexConnection = "spec.connectionRef.name"
	indexSecret     = "references.secrets"
	indexConfigMap  = "references.configMaps"
)

func addIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	for _, index := range []struct {
		object client.Object
		field  string
		values client.IndexerFunc
	}{
		{&v1alpha1.Connection{}, indexGateway, func(o client.Object) []string {
			return []string{o.(*v1alpha1.Connection).Spec.GatewayRef.Name}
		}},
		{&v1alpha1.Subscription{}, indexConnection, func(o client.Object) []string {
			return []string{o.(*v1alpha1.Subscription).Spec.ConnectionRef.Name}
		}},
		{&v1alpha1.Gateway{}, indexSecret, func(o client.Object) []string {
			return compile.GatewayReferences(o.(*v1alpha1.Gateway)).Secrets
		}},
		{&v1alpha1.Gateway{}, indexConfigMap, func(o client.Object) []string {
			return compile.GatewayReferences(o.(*v1alpha1.Gateway)).ConfigMaps
		}},
		{&v1alpha1.Connection{}, indexSecret, func(o client.Object) []string {
			return compile.ConnectionReferences(o.(*v1alpha1.Connection)).Secrets
		}},
		{&v1alpha1.Connection{}, indexConfigMap, func(o client.Object) []string {
			return compile.ConnectionReferences(o.(*v1alpha1.Connection)).ConfigMaps
		}},
	} {
		if err := indexer.IndexField(ctx, index.object, index.field, index.values); err != nil {
			return fmt.Errorf("index %T by %s: %w", index.object, index.field, err)
		}
	}
	return nil
}
