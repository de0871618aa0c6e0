// Package crd tests the custom resources as a cluster knows them: the
// CustomResourceDefinitions on a real API server, seen through its API and
// through kubectl.
//
// The files in testdata read as what the API server takes, what it refuses and
// in which words. A rule without a case fails the tests.
package crd
