package controlplane

import (
	"context"
	"fmt"
)

// WithoutNodes are all controllers but those that would work against what plays
// the node (package podrunner): endpoints cannot be on loopback, volumes are not
// real, and there is no Node.
const WithoutNodes = "*,-endpoints-controller,-endpointslice-controller,-endpointslice-mirroring-controller," +
	"-persistentvolume-binder-controller,-persistentvolume-attach-detach-controller," +
	"-pod-garbage-collector-controller,-node-lifecycle-controller,-taint-eviction-controller,-cloud-node-lifecycle-controller"

func (c *ControlPlane) startControllerManager(ctx context.Context) error {
	if !c.options.ControllerManager {
		return nil
	}
	config, err := c.Kubeconfig("system:kube-controller-manager")
	if err != nil {
		return err
	}
	args := append(c.serviceArgs(config, portManager),
		"--use-service-account-credentials",
		"--service-account-private-key-file="+c.file("sa.key"),
		"--root-ca-file="+c.file("ca.crt"),
	)
	if c.options.Controllers != "" {
		args = append(args, "--controllers="+c.options.Controllers)
	}
	if c.options.Nodes {
		args = append(args, "--allocate-node-cidrs=true", "--cluster-cidr="+PodRange, "--node-cidr-mask-size=24")
	}
	return c.startService(ctx, "kube-controller-manager", portManager, args)
}

func (c *ControlPlane) startScheduler(ctx context.Context) error {
	if !c.options.Scheduler {
		return nil
	}
	config, err := c.Kubeconfig("system:kube-scheduler")
	if err != nil {
		return err
	}
	return c.startService(ctx, "kube-scheduler", portScheduler, c.serviceArgs(config, portScheduler))
}

// PodRange is where pods get their addresses when there are nodes.
const PodRange = "10.88.0.0/16"

// serviceArgs are what controller manager and scheduler have in common. There is
// one of each, so nothing has to be elected.
func (c *ControlPlane) serviceArgs(kubeconfig string, port int) []string {
	return []string{
		"--kubeconfig=" + kubeconfig,
		"--authentication-kubeconfig=" + kubeconfig,
		"--authorization-kubeconfig=" + kubeconfig,
		"--bind-address=" + c.options.Address.String(),
		fmt.Sprintf("--secure-port=%d", port),
		"--tls-cert-file=" + c.file("apiserver.crt"),
		"--tls-private-key-file=" + c.file("apiserver.key"),
		"--leader-elect=false",
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		"--profiling=false",
	}
}
