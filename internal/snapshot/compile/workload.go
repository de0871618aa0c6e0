package compile

import (
	"regexp"

	corev1 "k8s.io/api/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

var imageSyntax = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._/:@-]*$`)

func (c *check) workload(path string, w *v1alpha1.Workload) {
	c.optionalText(path+".image", w.Image, imageSyntax, 500,
		"an image, such as registry.example.com/twinway:v1 or registry.example.com/twinway@sha256:...")
	choice(c, path+".updatePolicy", *w.UpdatePolicy, v1alpha1.UpdateManual, v1alpha1.UpdateAutomatic)
	c.resources(path+".resources", w.Resources)
	c.pod(path+".pod", w.Pod)
}

// minMemory is what a gateway needs to start and to take clients.
const minMemory = 64 << 20

func (c *check) resources(path string, r *corev1.ResourceRequirements) {
	if r.Claims != nil {
		c.errorf(path, snapshot.RuleKnown, "claims of dynamic resources are not supported")
	}
	if memory, limited := r.Limits[corev1.ResourceMemory]; limited && memory.CmpInt64(minMemory) < 0 {
		c.errorf(path, snapshot.RuleRange, "limits.memory must be at least %s", bytes(minMemory))
	}
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		request, requested := r.Requests[name]
		limit, limited := r.Limits[name]
		if requested && limited && request.Cmp(limit) > 0 {
			c.errorf(path, snapshot.RuleRange, "requests must not be above limits")
		}
	}
}

// Bounds on what may be said about the scheduling of pods.
const (
	maxTolerations = 32
	maxPullSecrets = 8
)

// pod checks what may be said about pods. Affinity and tolerations are in the
// words of Kubernetes, which checks them when there is a pod.
func (c *check) pod(path string, p *v1alpha1.PodOverrides) {
	c.labels(path+".labels", p.Labels, "twinway.dev/", "app.kubernetes.io/")
	c.annotations(path+".annotations", p.Annotations)
	c.labels(path+".nodeSelector", p.NodeSelector)
	c.optionalText(path+".priorityClassName", p.PriorityClassName, subdomainSyntax, maxSubdomain, subdomainDescription)
	optional(c, path+".tolerations", p.Tolerations, maxTolerations, func(string, corev1.Toleration) bool { return true })
	names := optional(c, path+".imagePullSecrets", p.ImagePullSecrets, maxPullSecrets, func(path string, ref v1alpha1.SecretReference) string {
		c.objectName(path+".name", ref.Name)
		return ref.Name
	})
	unique(c, path+".imagePullSecrets", names, func(name string) string { return name })
}
