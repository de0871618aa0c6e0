// Package benchsmoke runs every scenario of "twinway bench" for a moment against a real gateway: nothing may fail and nothing may be
// lost, however long it takes.
package benchsmoke
