// Package operator holds the operator to what it promises, in a cluster that is
// real but for its nodes: a real API server with its controllers, the operator
// with the rights that config/rbac gives it and no others, and the pods of
// gateways as processes of this tree.
//
// Each test has a namespace and an operator of its own, and after every step
// all statuses are held to the rules of package statuscheck.
package operator
