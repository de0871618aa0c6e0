package render

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	networkingv1ac "k8s.io/client-go/applyconfigurations/networking/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// networkPolicy lets nobody but the operator reach the management port. What the
// pods connect to is not limited: identity providers and connections lead
// anywhere.
func (r renderer) networkPolicy() draft {
	if *r.spec.NetworkPolicy.State != v1alpha1.Enabled {
		return draft{}
	}
	everybody := networkingv1ac.NetworkPolicyIngressRule().WithPorts(policyPort(PortClients), policyPort(PortAdmin))
	operator := networkingv1ac.NetworkPolicyIngressRule().WithPorts(policyPort(PortManagement)).
		WithFrom(networkingv1ac.NetworkPolicyPeer().
			WithNamespaceSelector(selecting(map[string]string{corev1.LabelMetadataName: r.Settings.OperatorNamespace})).
			WithPodSelector(selecting(r.Settings.OperatorLabels)))
	policy := networkingv1ac.NetworkPolicy("", "").WithSpec(networkingv1ac.NetworkPolicySpec().
		WithPodSelector(selecting(Selector(r.name))).
		WithPolicyTypes(networkingv1.PolicyTypeIngress).
		WithIngress(everybody, operator))
	return draft{kind: kindNetworkPolicy, name: r.name, config: policy, meta: &policy.ObjectMetaApplyConfiguration}
}

// policyPort names a port, so that the policy fits pods whose template was
// rendered with other numbers.
func policyPort(name string) *networkingv1ac.NetworkPolicyPortApplyConfiguration {
	return networkingv1ac.NetworkPolicyPort().WithProtocol(corev1.ProtocolTCP).WithPort(intstr.FromString(name))
}

func selecting(labels map[string]string) *metav1ac.LabelSelectorApplyConfiguration {
	return metav1ac.LabelSelector().WithMatchLabels(labels)
}
