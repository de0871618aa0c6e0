// Package compile turns API objects into the Snapshot that a gateway runs by.
//
// Compile is a pure function: the same objects give the same snapshot and the
// same findings, wherever they come from. `gateway --config`, `validate` and
// the operator call it, so what is refused on a laptop is refused in a cluster.
//
// It checks every rule of the API again and never trusts that an API server
// has done so. It knows no files and no YAML: an Origin says where an object
// was read from, for the findings. It knows no cluster either.
package compile
