package render

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"

	"github.com/twinway/twinway/api/v1alpha1"
)

// clientService renders the Service for clients.
func (r renderer) clientService() draft {
	service := r.spec.Service
	port := servicePort(PortClients, *service.Port).WithAppProtocol(r.applicationProtocol())
	if service.NodePort != nil && *service.Type != v1alpha1.ServiceClusterIP {
		port.WithNodePort(*service.NodePort)
	}
	spec := corev1ac.ServiceSpec().WithType(corev1.ServiceType(*service.Type)).
		WithSelector(Selector(r.name)).WithPorts(port)
	if service.LoadBalancerClass != nil && *service.Type == v1alpha1.ServiceLoadBalancer {
		spec.WithLoadBalancerClass(*service.LoadBalancerClass)
	}
	return r.service(r.name, texts(service.Annotations), spec)
}

// applicationProtocol tells proxies in front of the Service what it speaks, by
// the names of Kubernetes' own (KEP-3726).
func (r renderer) applicationProtocol() string {
	if r.spec.Listener.TLS != nil {
		return "kubernetes.io/wss"
	}
	return "kubernetes.io/ws"
}

// podService renders the headless Service that a StatefulSet must have. It names
// pods that are not ready too: their names are for people who look at them.
func (r renderer) podService() draft {
	spec := corev1ac.ServiceSpec().WithType(corev1.ServiceTypeClusterIP).WithClusterIP(corev1.ClusterIPNone).
		WithPublishNotReadyAddresses(true).WithSelector(Selector(r.name)).
		WithPorts(servicePort(PortClients, r.spec.Listener.Port), servicePort(PortAdmin, r.adminPort()))
	return r.service(PodServiceName(r.name), nil, spec)
}

func (r renderer) service(name string, annotations map[string]string, spec *corev1ac.ServiceSpecApplyConfiguration) draft {
	service := corev1ac.Service("", "").WithSpec(spec)
	return draft{kind: kindService, name: name, annotations: annotations, config: service, meta: &service.ObjectMetaApplyConfiguration}
}

// servicePort leads to the container's port of the same name, whatever number
// it has in pods that are there already. The protocol is said because a list
// entry is identified by it.
func servicePort(name string, port int32) *corev1ac.ServicePortApplyConfiguration {
	return corev1ac.ServicePort().WithName(name).WithProtocol(corev1.ProtocolTCP).
		WithPort(port).WithTargetPort(intstr.FromString(name))
}
