// Package process runs programs beside tests and makes sure that none of them
// outlives the test binary: on Linux the kernel kills them with it, whatever
// the reason for its end.
//
// Each program has a process group of its own, so that Ctrl-C reaches the test
// binary first, which can then end them in order. A program that has many
// children of its own needs more than this, such as a pid namespace.
package process
