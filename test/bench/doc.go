// Package bench measures a whole gateway, from the socket to the disk: real
// listener, real store, clients in the same process that do as little as they
// can. Its figures are for comparing two states of the tree on one machine.
package bench
