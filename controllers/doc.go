// Package controllers holds the reconcilers of the operator.
//
// There is none yet. They will know the data plane only through the snapshot
// that they compile and the administration API of the pods, and nothing but
// the command line knows them.
package controllers
