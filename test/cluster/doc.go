// Package cluster is the end-to-end test: the operator and its gateways in a
// whole Kubernetes cluster of one node, as users have them.
//
// Where the machine allows it, the node is real: kubelet, containerd, runc, the
// bridge plugin of CNI and kube-proxy, with an image of this tree's binary. All
// of that runs in network, mount, process, host name and IPC namespaces of its
// own, below a control group of its own: nothing of the machine's network,
// settings and folders changes, and when the test ends, however it does,
// everything has ended. Elsewhere the same test runs with processes in place of
// containers (package podrunner), and says so.
//
// It runs with make test-e2e, as root for the node.
package cluster
