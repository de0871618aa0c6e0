// Package samples tests that what people copy does what it says: the samples beside brokers and servers on loopback, and the
// lines of the README.
package samples
