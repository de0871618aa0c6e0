package pebble

import (
	"context"
	"fmt"
	"log/slog"

	pebbledb "github.com/cockroachdb/pebble/v2"

	"github.com/twinway/twinway/internal/gateway/store"
)

// logger gives Pebble's messages to slog.
type logger struct {
	slog *slog.Logger
	// fatal takes what Pebble would end the process for. It returns: the
	// directory is frozen then, so whatever Pebble does next does no harm.
	fatal func(error)
}

var _ pebbledb.Logger = logger{}

// Infof logs what Pebble does.
func (l logger) Infof(format string, args ...any) {
	if l.slog.Enabled(context.Background(), slog.LevelDebug) {
		l.slog.Debug(fmt.Sprintf(format, args...))
	}
}

// Errorf logs what went wrong and can be tried again.
func (l logger) Errorf(format string, args ...any) {
	l.slog.Error(fmt.Sprintf(format, args...))
}

// Fatalf makes the store fail.
func (l logger) Fatalf(format string, args ...any) {
	l.fatal(fmt.Errorf(format, args...))
}

// events returns the hooks into what Pebble does in the background.
func (s *Store) events() *pebbledb.EventListener {
	log := s.options.Logger
	return &pebbledb.EventListener{
		BackgroundError: func(err error) {
			// What goes on failing after the store has failed is no news.
			if !s.failstop.frozen.Load() {
				log.Error("store: background work failed", "error", err)
			}
		},
		DataCorruption: func(info pebbledb.DataCorruptionInfo) {
			s.count.corruptions.Add(1)
			// Pebble would read the file again and again in the background,
			// and never again compact what is in it.
			s.failstop.stop(fmt.Errorf("%w: %s: %w", store.ErrCorrupt, info.Path, info.Details))
		},
		DiskSlow: func(info pebbledb.DiskSlowInfo) {
			log.Warn("store: disk is slow", "path", info.Path, "operation", info.OpType.String(), "duration", info.Duration)
		},
		WriteStallBegin: func(info pebbledb.WriteStallBeginInfo) {
			s.count.stalls.Add(1)
			log.Warn("store: writes wait for compactions", "reason", info.Reason)
		},
	}
}
