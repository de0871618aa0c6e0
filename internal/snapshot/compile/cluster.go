package compile

import (
	"regexp"
	"strings"
	"time"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// cluster checks what only a cluster needs of the spec of a Gateway.
func (c *check) cluster(spec v1alpha1.GatewaySpec) {
	c.replicas(spec.Replicas, spec.Autoscaling)
	c.volume("spec.storage.volume", spec.Storage.Volume)
	c.workload("spec.workload", spec.Workload)
	c.service("spec.service", spec.Service, spec.Listener.Port)

	c.toggle("spec.disruptionBudget.state", *spec.DisruptionBudget.State)
	c.integer("spec.disruptionBudget.maxUnavailable", *spec.DisruptionBudget.MaxUnavailable, 0, 100)
	c.toggle("spec.networkPolicy.state", *spec.NetworkPolicy.State)
	c.toggle("spec.monitoring.podMonitor", *spec.Monitoring.PodMonitor)
	c.duration("spec.monitoring.interval", *spec.Monitoring.Interval, 5*time.Second, 10*time.Minute)
	c.labels("spec.monitoring.labels", spec.Monitoring.Labels)
}

// toggle checks that a value is Enabled or Disabled.
func (c *check) toggle(path string, value v1alpha1.Toggle) snapshot.Toggle {
	return snapshot.Toggle(choice(c, path, value, v1alpha1.Enabled, v1alpha1.Disabled))
}

const (
	maxReplicas = 100
	oneWriter   = "embedded storage has one writer: "
)

func (c *check) replicas(replicas *int32, autoscaling *v1alpha1.Autoscaling) {
	if replicas != nil {
		c.integer("spec.replicas", *replicas, 0, maxReplicas)
		if *replicas > 1 {
			c.errorf("spec.replicas", snapshot.RuleRange, oneWriter+"replicas must be 0 or 1")
		}
	}
	if autoscaling == nil {
		return
	}
	const path = "spec.autoscaling"
	if replicas != nil {
		c.errorf(path, snapshot.RuleUnique, "replicas and autoscaling exclude each other")
	}
	c.integer(path+".minReplicas", *autoscaling.MinReplicas, 1, maxReplicas)
	c.integer(path+".maxReplicas", autoscaling.MaxReplicas, 1, maxReplicas)
	c.integer(path+".targetCPUUtilization", *autoscaling.TargetCPUUtilization, 1, 100)
	if autoscaling.MaxReplicas > 1 {
		c.errorf(path+".maxReplicas", snapshot.RuleRange, oneWriter+"autoscaling.maxReplicas must be 1")
	}
	if *autoscaling.MinReplicas > autoscaling.MaxReplicas {
		c.errorf(path+".minReplicas", snapshot.RuleRange, "minReplicas must not be above maxReplicas")
	}
}

func (c *check) volume(path string, v *v1alpha1.Volume) {
	if choice(c, path+".type", *v.Type, v1alpha1.VolumeClaim, v1alpha1.VolumeEphemeral) == v1alpha1.VolumeEphemeral &&
		(v.Size != nil || v.StorageClassName != nil || v.Retention != nil) {
		c.errorf(path, snapshot.RuleKnown, "size, storageClassName and retention are for type Claim")
	}
	if v.Size != nil {
		c.size(path+".size", *v.Size, 64<<20, 64<<40)
	}
	if v.Retention != nil {
		choice(c, path+".retention", *v.Retention, v1alpha1.RetentionRetain, v1alpha1.RetentionDelete)
	}
	c.optionalText(path+".storageClassName", v.StorageClassName, subdomainSyntax, maxSubdomain, subdomainDescription)
}

func (c *check) service(path string, s *v1alpha1.Service, listener int32) {
	kind := choice(c, path+".type", *s.Type, v1alpha1.ServiceClusterIP, v1alpha1.ServiceNodePort, v1alpha1.ServiceLoadBalancer)
	if *s.Port != listener { // which was looked at
		c.integer(path+".port", *s.Port, 1, 65_535)
	}
	if s.NodePort != nil {
		c.integer(path+".nodePort", *s.NodePort, 1, 65_535)
		if kind == v1alpha1.ServiceClusterIP {
			c.errorf(path+".nodePort", snapshot.RuleKnown, "nodePort is for types NodePort and LoadBalancer")
		}
	}
	c.optionalText(path+".loadBalancerClass", s.LoadBalancerClass, qualifiedSyntax, maxSubdomain, qualifiedDescription)
	if s.LoadBalancerClass != nil && kind != v1alpha1.ServiceLoadBalancer {
		c.errorf(path+".loadBalancerClass", snapshot.RuleKnown, "loadBalancerClass is for type LoadBalancer")
	}
	c.annotations(path+".annotations", s.Annotations)
}

// qualifiedSyntax is that of the keys of labels and annotations.
var qualifiedSyntax = regexp.MustCompile(`^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$`)

const qualifiedDescription = "letters, digits, dots, hyphens and underscores, at most 63 characters, with or without a domain and a slash before them"

var labelValueSyntax = regexp.MustCompile(`^([a-zA-Z0-9]([-a-zA-Z0-9_.]*[a-zA-Z0-9])?)?$`)

const maxMetadata = 32

// labels checks labels, none of whose keys may begin with one of the reserved.
func (c *check) labels(path string, labels map[string]v1alpha1.LabelValue, reserved ...string) {
	mapping(c, path, labels, maxMetadata, func(at, key string, value v1alpha1.LabelValue) {
		if !qualifiedSyntax.MatchString(key) {
			c.errorf(path, snapshot.RuleSyntax, "the keys must be those of labels: %s", qualifiedDescription)
		}
		if hasAnyPrefix(key, reserved) {
			c.errorf(path, snapshot.RuleKnown, "labels of twinway.dev and app.kubernetes.io are the operator's")
		}
		c.text(at, string(value), labelValueSyntax, 63,
			"empty, or letters, digits, dots, hyphens and underscores between letters or digits")
	})
}

var anyText = regexp.MustCompile(`(?s)^.*$`)

func (c *check) annotations(path string, annotations map[string]v1alpha1.AnnotationValue) {
	mapping(c, path, annotations, maxMetadata, func(at, key string, value v1alpha1.AnnotationValue) {
		if !qualifiedSyntax.MatchString(key) {
			c.errorf(path, snapshot.RuleSyntax, "the keys must be those of annotations: %s", qualifiedDescription)
		}
		if strings.HasPrefix(key, "twinway.dev/") {
			c.errorf(path, snapshot.RuleKnown, "annotations of twinway.dev are the operator's")
		}
		c.text(at, string(value), anyText, 4096, "text")
	})
}

func hasAnyPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}
