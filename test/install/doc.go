// Package install tests what people apply to a cluster against a real API
// server: the manifests of config, the samples, and the rights of the operator,
// which is run with no others than those that config grants.
package install
