// Package loopback gives each test binary 254 loopback addresses of its own, so
// that programs can listen on the ports they are known for, can be restarted on
// them, and never take those of a test that runs at the same time.
//
// It needs a machine on which all of 127.0.0.0/8 is loopback, as on Linux.
package loopback
