package controllers

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/controllers/content"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/test/apiserver"
)

// behind is a cache that has an object as it was.
type behind struct {
	client.Reader
	was *corev1.Secret
}

func (b behind) Get(_ context.Context, _ client.ObjectKey, object client.Object, _ ...client.GetOption) error {
	object.SetUID(b.was.UID)
	object.SetResourceVersion(b.was.ResourceVersion)
	return nil
}

// A configuration that is not kept is read from where it is stored, even if that is
// known in an older version only; another one is never taken for it.
func TestConfigurationsAreLoadedFromWhereTheyAreStored(t *testing.T) {
	c, err := client.New(apiserver.Config(), client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: apiserver.Namespace(t), Name: render.SnapshotSecretName("edge")},
		Data:       map[string][]byte{render.KeySnapshot: []byte("one")},
	}
	if err := c.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	contents := content.NewReader(behind{c, secret.DeepCopy()}, c, content.DefaultCapacity)
	r := &gatewayReconciler{content: contents, evaluator: newEvaluator(c, contents)}
	gateway := types.NamespacedName{Namespace: secret.Namespace, Name: "edge"}
	load := func(text string) string {
		t.Helper()
		data, err := r.loading(gateway, hashOf([]byte(text)))(t.Context())
		if (err == nil) != (string(data) == text) {
			t.Fatalf("%q and %v", data, err)
		}
		return string(data)
	}
	if load("one") == "" {
		t.Error("what is stored is not loaded")
	}
	if got := load("two"); got != "" {
		t.Errorf("%q is loaded for what is not stored yet", got)
	}
	secret.Data[render.KeySnapshot] = []byte("two")
	if err := c.Update(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	if load("two") == "" {
		t.Error("what was stored just now is not loaded")
	}
	r.evaluator.kept.put(hashOf([]byte("three")), []byte("three"))
	if load("three") == "" {
		t.Error("what is kept is not loaded")
	}
}
