package gateway

import (
	"log/slog"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Options are what the process decides, in contrast to the snapshot, which is
// what the user does.
type Options struct {
	// DataDir is the directory of the store; it is created if need be.
	DataDir string
	// FS is the file system of the store; default the machine's.
	FS vfs.FS
	// Listen is the address of the listener for clients; default all
	// addresses at the snapshot's port.
	Listen string
	// Admin is the address of the listener for probes and metrics; empty for
	// none.
	Admin string
	// Profiling serves the profiles of the process there as well.
	Profiling bool
	// Management is the listener for the operator; default none.
	Management Management
	// Keep makes the encoding of a snapshot durable that is in force: when the
	// gateway starts, and after each Apply. Default: it is not kept. An error is
	// logged, and the snapshot stays in force.
	Keep func(encoded []byte) error
	// Logger is where the gateway reports; default slog's.
	Logger *slog.Logger
	// Clock is the time that is written to things, and by which commands and
	// subscriptions time out; default time.Now.
	Clock func() time.Time
}

// Management is where and how the operator reaches the gateway.
type Management struct {
	// Address is the address of the listener; empty for none.
	Address string
	// Certificates is the directory of tls.crt, tls.key and ca.crt: who the
	// gateway is, and whose certificates it takes. They are read again when they
	// change.
	Certificates string
}

func (o Options) withDefaults() Options {
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Keep == nil {
		o.Keep = func([]byte) error { return nil }
	}
	return o
}
