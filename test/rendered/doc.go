// Package rendered applies what internal/render makes of Gateways to a real API
// server: that it is accepted whole, changes nothing the second time, and can
// follow the spec.
package rendered
