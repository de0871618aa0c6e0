package controllers

import (
	"testing"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/test/apiserver"
)

// Whether another operator looks after a Gateway is decided by its mark, and by
// whether it is there.
func TestKeeper(t *testing.T) {
	all := clientFor(t, apiserver.Config())
	nobody := clientFor(t, apiserver.ConfigFor(t, "nobody"))
	alive, gone, unelected := apiserver.Namespace(t), apiserver.Namespace(t), apiserver.Namespace(t)
	lease(t, all, alive, time.Now().Add(-leaseAge/2))
	lease(t, all, gone, time.Now().Add(-2*leaseAge))
	for _, test := range []struct {
		name string
		// mark is what the Secret has; empty for none.
		mark string
		// noSecret: there is none. foreign: it belongs to somebody else.
		noSecret, foreign bool
		// noLease: this operator has none. blind: it may not read those of others.
		noLease, blind bool
		want           string
	}{
		{name: "nobody yet", noSecret: true},
		{name: "a Secret from before there were marks"},
		{name: "this operator", mark: "mine"},
		{name: "one that is there", mark: alive, want: alive},
		{name: "one that has gone", mark: gone},
		{name: "one that never had a lease", mark: unelected},
		{name: "one of which nothing can be known", mark: gone, blind: true, want: gone},
		{name: "one that has gone, and this has no lease to show to others", mark: gone, noLease: true, want: gone},
		{name: "one without a lease, and neither has this", mark: unelected, noLease: true, want: unelected},
		{name: "no name of a namespace", mark: "../" + alive},
		{name: "a Secret of somebody else", mark: alive, foreign: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			gateway := &v1alpha1.Gateway{ObjectMeta: metav1.ObjectMeta{Namespace: apiserver.Namespace(t), Name: "edge", UID: "edge-uid"}}
			if !test.noSecret {
				secret := markedSecret(gateway, test.mark)
				if test.foreign {
					secret.OwnerReferences[0].UID = "another-uid"
				}
				if err := all.Create(t.Context(), secret); err != nil {
					t.Fatal(err)
				}
			}
			live := all
			if test.blind {
				live = nobody
			}
			got, err := newKeeper(all, live, "mine", !test.noLease).other(t.Context(), gateway)
			if got != test.want || err != nil {
				t.Errorf("%q, %v; want %q", got, err, test.want)
			}
		})
	}
}

// The names of leases come from annotations, so what is remembered is bounded.
func TestKeeperRemembersAFewLeases(t *testing.T) {
	all := clientFor(t, apiserver.Config())
	k := newKeeper(all, all, "mine", true)
	for i := range 3 * maxLeases {
		if _, err := k.alive(t.Context(), "namespace-"+number(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.leases) > maxLeases || len(k.leases) == 0 {
		t.Errorf("%d answers are kept", len(k.leases))
	}
}

func clientFor(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	scheme, err := Scheme()
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lease makes the lease of the operator of a namespace.
func lease(t *testing.T, c client.Client, namespace string, renewed time.Time) {
	t.Helper()
	object := &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: leaseName},
		Spec:       coordinationv1.LeaseSpec{RenewTime: new(metav1.NewMicroTime(renewed))},
	}
	if err := c.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

func markedSecret(gateway *v1alpha1.Gateway, mark string) *corev1.Secret {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{
		Namespace: gateway.Namespace, Name: render.ManagementSecretName(gateway.Name),
		OwnerReferences: []metav1.OwnerReference{{
			APIVersion: v1alpha1.GroupVersion.String(), Kind: v1alpha1.GatewayKind,
			Name: gateway.Name, UID: gateway.UID, Controller: new(true),
		}},
	}}
	if mark != "" {
		secret.Annotations = map[string]string{render.AnnotationOperator: mark}
	}
	return secret
}
