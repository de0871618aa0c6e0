// Package controlplane runs a Kubernetes control plane as plain processes: etcd
// and kube-apiserver, and kube-controller-manager and kube-scheduler where they
// are asked for. They are the real programs; nothing is imitated.
//
// All state is below one directory. Data is not synced to disk: it need not
// survive the machine.
package controlplane
