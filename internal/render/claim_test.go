package render_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// A claim that was kept for a Gateway of the same name is as large as it is.
func TestClaimNeverShrinks(t *testing.T) {
	for there, want := range map[string]string{"1Gi": "storage: 10Gi", "10Gi": "storage: 10Gi", "20Gi": "storage: 20Gi"} {
		in := input(t, "minimal")
		in.Claim = &corev1.PersistentVolumeClaim{}
		in.Claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(there)}
		if got := string(render1(t, in)); !strings.Contains(got, want) {
			t.Errorf("with a claim of %s there is no %q in what is rendered", there, want)
		}
	}
}
