package render

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
)

// Where a pod has what it is given.
const (
	dataDirectory       = "/data"
	snapshotDirectory   = "/etc/twinway/snapshot"
	managementDirectory = "/etc/twinway/management"
)

func (r renderer) container(image string) *corev1ac.ContainerApplyConfiguration {
	return corev1ac.Container().WithName(ContainerGateway).WithImage(image).
		WithArgs(
			"gateway",
			"--snapshot="+snapshotDirectory+"/"+KeySnapshot,
			"--data="+dataDirectory,
			fmt.Sprintf("--admin=:%d", r.adminPort()),
			fmt.Sprintf("--management=:%d", r.managementPort()),
			"--management-certificates="+managementDirectory,
			"--log-format=json",
		).
		WithEnv(r.environment()...).
		WithPorts(
			containerPort(PortClients, r.spec.Listener.Port),
			containerPort(PortAdmin, r.adminPort()),
			containerPort(PortManagement, r.managementPort()),
		).
		WithResources(r.resources()).
		WithStartupProbe(startupProbe()).WithReadinessProbe(readinessProbe()).WithLivenessProbe(livenessProbe()).
		WithSecurityContext(corev1ac.SecurityContext().
			WithAllowPrivilegeEscalation(false).WithReadOnlyRootFilesystem(true).
			WithCapabilities(corev1ac.Capabilities().WithDrop("ALL"))).
		// A gateway that cannot start says why in the last line of its log.
		WithTerminationMessagePolicy(corev1.TerminationMessageFallbackToLogsOnError).
		WithVolumeMounts(
			corev1ac.VolumeMount().WithName(volumeData).WithMountPath(dataDirectory),
			corev1ac.VolumeMount().WithName(volumeSnapshot).WithMountPath(snapshotDirectory).WithReadOnly(true),
			corev1ac.VolumeMount().WithName(volumeManagement).WithMountPath(managementDirectory).WithReadOnly(true),
		)
}

func containerPort(name string, port int32) *corev1ac.ContainerPortApplyConfiguration {
	return corev1ac.ContainerPort().WithName(name).WithContainerPort(port).WithProtocol(corev1.ProtocolTCP)
}

// resources returns requests and limits as the user wrote them, or the default.
func (r renderer) resources() *corev1ac.ResourceRequirementsApplyConfiguration {
	resources := corev1ac.ResourceRequirements()
	if requests := r.spec.Workload.Resources.Requests; len(requests) > 0 {
		resources.WithRequests(canonicalList(requests))
	}
	if limits := r.spec.Workload.Resources.Limits; len(limits) > 0 {
		resources.WithLimits(canonicalList(limits))
	}
	return resources
}

// environment tells the Go runtime to collect garbage before the limit kills the
// process. A tenth is left for what is not on its heap: the store's cache and
// the kernel's buffers for sockets.
func (r renderer) environment() []*corev1ac.EnvVarApplyConfiguration {
	limit, ok := r.spec.Workload.Resources.Limits[corev1.ResourceMemory]
	if !ok || limit.IsZero() {
		return nil
	}
	soft := limit.Value() / 10 * 9
	return []*corev1ac.EnvVarApplyConfiguration{corev1ac.EnvVar().WithName(envMemoryLimit).WithValue(strconv.FormatInt(soft, 10))}
}

// startupProbe gives a large store ten minutes to open; nothing else is probed
// before that.
func startupProbe() *corev1ac.ProbeApplyConfiguration {
	return probe("/healthz").WithPeriodSeconds(2).WithTimeoutSeconds(2).WithFailureThreshold(300)
}

// readinessProbe sees a drain within the default of its minDelay.
func readinessProbe() *corev1ac.ProbeApplyConfiguration {
	return probe("/readyz").WithPeriodSeconds(2).WithTimeoutSeconds(2).WithFailureThreshold(2)
}

// livenessProbe restarts a gateway that has been stuck for a minute. A restart
// costs every session, so a slow answer is not enough.
func livenessProbe() *corev1ac.ProbeApplyConfiguration {
	return probe("/healthz").WithPeriodSeconds(10).WithTimeoutSeconds(5).WithFailureThreshold(6)
}

func probe(path string) *corev1ac.ProbeApplyConfiguration {
	return corev1ac.Probe().WithHTTPGet(corev1ac.HTTPGetAction().WithPath(path).WithPort(intstr.FromString(PortAdmin)))
}
