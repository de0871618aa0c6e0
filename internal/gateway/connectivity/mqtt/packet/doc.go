// Package packet is what a client of a broker and the broker say to each other: the packets of MQTT 3.1.1 and MQTT 5 as one, written and
// read by the libraries of Eclipse Paho for each.
//
//	ReadHeader        of the next packet, before any of it is read
//	Append...         what a client sends
//	Parse...          what a broker sends
//
// Invariants:
//
//   - How long a packet is is known before there is memory for it: the libraries take whatever a header says.
//   - No input makes a function panic or take memory out of proportion to the input.
//   - All subscription identifiers of a message are kept: a message that came by several subscriptions has several. The library for MQTT 5
//     keeps one.
//
// The package does no I/O but reading headers, and knows nothing of sessions.
package packet
