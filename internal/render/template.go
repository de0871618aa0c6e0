package render

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// graceMargin is what a pod has beyond the drain to close its store.
const graceMargin = 15 * time.Second

// newTemplate renders the template that this version of the operator gives to
// pods.
func (r renderer) newTemplate(image string) (*corev1ac.PodTemplateSpecApplyConfiguration, error) {
	restartInputs, err := r.restartInputs()
	if err != nil {
		return nil, err
	}
	spec, err := r.podSpec(image)
	if err != nil {
		return nil, err
	}
	pod := r.pod()
	return corev1ac.PodTemplateSpec().
		WithLabels(texts(pod.Labels)).WithLabels(Labels(r.name)).
		WithAnnotations(texts(pod.Annotations)).WithAnnotations(map[string]string{AnnotationRestartInputs: restartInputs}).
		WithSpec(spec), nil
}

// pod returns what the user says about pods.
func (r renderer) pod() v1alpha1.PodOverrides {
	if r.spec.Workload.Pod == nil {
		return v1alpha1.PodOverrides{}
	}
	return *r.spec.Workload.Pod
}

func (r renderer) podSpec(image string) (*corev1ac.PodSpecApplyConfiguration, error) {
	grace, err := r.gracePeriod()
	if err != nil {
		return nil, err
	}
	spec := corev1ac.PodSpec().
		WithServiceAccountName(r.name).
		WithAutomountServiceAccountToken(false).
		WithEnableServiceLinks(false).
		WithTerminationGracePeriodSeconds(grace).
		WithSecurityContext(r.podSecurity()).
		WithContainers(r.container(image)).
		WithVolumes(r.volumes()...)
	return spec, r.schedule(spec)
}

// gracePeriod returns how long a pod may take to end, in seconds.
func (r renderer) gracePeriod() (int64, error) {
	total := graceMargin
	for _, field := range []*v1alpha1.Duration{r.spec.Drain.MinDelay, r.spec.Drain.Budget} {
		d, err := time.ParseDuration(string(*field))
		if err != nil {
			return 0, fmt.Errorf("spec.drain: %w", err)
		}
		total += d
	}
	return int64(math.Ceil(total.Seconds())), nil
}

// schedule adds what the user says about where pods run.
func (r renderer) schedule(spec *corev1ac.PodSpecApplyConfiguration) error {
	pod := r.pod()
	spec.WithNodeSelector(texts(pod.NodeSelector))
	if pod.PriorityClassName != nil {
		spec.WithPriorityClassName(*pod.PriorityClassName)
	}
	for _, secret := range pod.ImagePullSecrets {
		spec.WithImagePullSecrets(corev1ac.LocalObjectReference().WithName(secret.Name))
	}
	if err := translate(pod.Tolerations, &spec.Tolerations); err != nil {
		return fmt.Errorf("spec.workload.pod.tolerations: %w", err)
	}
	if err := translate(pod.Affinity, &spec.Affinity); err != nil {
		return fmt.Errorf("spec.workload.pod.affinity: %w", err)
	}
	return nil
}

// translate turns API types into apply configurations, which have the same JSON.
func translate(from, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

// podSecurity meets the Pod Security Standard "restricted". Clients may have a
// port below 1024, which a process without capabilities listens on only where
// the pod says so; that is one of the sysctls that are safe.
func (r renderer) podSecurity() *corev1ac.PodSecurityContextApplyConfiguration {
	const user = 65532 // "nonroot" of the images without a distribution
	security := corev1ac.PodSecurityContext().
		WithRunAsNonRoot(true).WithRunAsUser(user).WithRunAsGroup(user).
		WithFSGroup(user).WithFSGroupChangePolicy(corev1.FSGroupChangeOnRootMismatch).
		WithSeccompProfile(corev1ac.SeccompProfile().WithType(corev1.SeccompProfileTypeRuntimeDefault))
	if port := r.spec.Listener.Port; port < 1024 {
		security.WithSysctls(corev1ac.Sysctl().WithName("net.ipv4.ip_unprivileged_port_start").WithValue(strconv.Itoa(int(port))))
	}
	return security
}

// restartInputs is the part of the configuration that a running gateway cannot
// take over, for the pods' annotation.
func (r renderer) restartInputs() (string, error) {
	data, err := json.Marshal(restartInputs{
		Port: r.spec.Listener.Port, TLS: r.spec.Listener.TLS != nil,
		Storage: string(*r.spec.Storage.Type), CacheSize: r.spec.Storage.CacheSize.Value(),
		Index: indexed(r.spec.Search.Index),
	})
	return string(data), err
}

// restartInputs agrees with what snapshot.Changes says of the fields.
type restartInputs struct {
	Port      int32  `json:"port"`
	TLS       bool   `json:"tls"`
	Storage   string `json:"storage"`
	CacheSize int64  `json:"cacheSize"`
	// Index stands for what is indexed, and is empty if that is everything, as
	// it was before it could be something else.
	Index string `json:"index,omitempty"`
}

// indexed returns what stands for what is indexed, however the list is ordered.
func indexed(index *v1alpha1.SearchIndex) string {
	if index == nil {
		return ""
	}
	return hash(encoded(slices.Sorted(slices.Values(index.Fields))))
}
