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
	// Logger is where the gateway reports; default slog's.
	Logger *slog.Logger
	// Clock is the time that is written to things; default time.Now.
	Clock func() time.Time
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
	return o
}
