// Package packaging tests what is installed: the Helm chart, the manifests of
// config, alerts and dashboard, the scripts for Argo CD, and the build of the
// image.
//
// It is a module of its own, since it needs what the gateway must not depend on:
// Lua, the parser of PromQL, the rules of Pod Security. Helm and kustomize are
// run as programs, as users run them; make test-packaging builds them first.
//
// The files under testdata/chart are what the chart renders; go test -update
// writes them anew.
package packaging
