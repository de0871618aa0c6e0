// Package external is what gateways exchange with outside systems: messages with an address, headers and a payload, whatever
// protocol carries them.
package external
