package render

import (
	"slices"

	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
)

// envMemoryLimit tells the Go runtime how much memory it may use.
const envMemoryLimit = "GOMEMLIMIT"

// trusts says whether a remembered template may be rendered again in place of the
// one that this version renders from the same spec. Whoever may change a
// StatefulSet may change what is remembered, and must not get more by it than a
// gateway has: so all but what is harmless must be as it is rendered now.
//
// A version that renders something else than those before it must let the
// templates of those through, here, or its upgrade restarts their pods.
func (r renderer) trusts(remembered, fresh *template) bool {
	arguments := containerOf(fresh).Args
	foreign := slices.ContainsFunc(containerOf(remembered).Args, func(arg string) bool { return !slices.Contains(arguments, arg) })
	return !foreign && same(r.essence(remembered), r.essence(fresh))
}

// essence returns a copy of a template without that in which the templates of
// versions may differ, and without its arguments.
func (r renderer) essence(t *template) *template {
	t = copied(t)
	delete(annotationsOf(t), AnnotationRestartInputs)
	spec, container := podSpecOf(t), containerOf(t)
	spec.TerminationGracePeriodSeconds = nil
	for i := range spec.Volumes {
		if secret := spec.Volumes[i].Secret; secret != nil {
			secret.DefaultMode = nil
		}
	}
	container.Args, container.TerminationMessagePolicy = nil, nil
	container.Env = slices.DeleteFunc(container.Env, isMemoryLimit)
	if r.spec.Workload.Image == nil {
		container.Image = nil // the default is what is remembered
	}
	if resources := container.Resources; resources != nil {
		resources.Requests, resources.Limits = nil, nil
	}
	for _, probe := range []*corev1ac.ProbeApplyConfiguration{container.StartupProbe, container.ReadinessProbe, container.LivenessProbe} {
		clearTimes(probe)
	}
	return t
}

// isMemoryLimit recognises the one variable that is rendered, by value only: a
// reference would show the process something of the namespace.
func isMemoryLimit(env corev1ac.EnvVarApplyConfiguration) bool {
	return value(env.Name) == envMemoryLimit && env.ValueFrom == nil
}

// clearTimes leaves of a probe what is asked of whom.
func clearTimes(probe *corev1ac.ProbeApplyConfiguration) {
	if probe == nil {
		return
	}
	probe.InitialDelaySeconds, probe.PeriodSeconds, probe.TimeoutSeconds = nil, nil, nil
	probe.SuccessThreshold, probe.FailureThreshold = nil, nil
}
