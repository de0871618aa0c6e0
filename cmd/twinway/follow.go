package main

import (
	"context"
	"log/slog"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/manifest"
	"github.com/twinway/twinway/internal/snapshot"
)

// follow applies changes of the manifests until ctx ends. What cannot be
// applied leaves the running configuration in force.
func follow(ctx context.Context, g *gateway.Gateway, config string, log *slog.Logger) {
	changes, err := manifest.Watch(ctx, config)
	if err != nil {
		log.Error("changes of the configuration are not followed", "directory", config, "error", err)
		return
	}
	for range changes {
		reload(g, config, log)
	}
}

func reload(g *gateway.Gateway, config string, log *slog.Logger) {
	snap, findings := load(config)
	report(log, findings)
	if snap == nil {
		g.ConfigurationInvalid()
		log.Error("the configuration on disk is not valid; the running one stays in force", "directory", config)
		return
	}
	changed, err := g.Apply(snap)
	switch {
	case err != nil:
		log.Error("the configuration on disk is refused; the running one stays in force", "error", err)
	case len(changed) > 0:
		log.Info("configuration applied", "changed", changed)
	}
}

// report logs findings, each by its severity.
func report(log *slog.Logger, findings snapshot.Findings) {
	for _, f := range findings {
		level := slog.LevelWarn
		if f.Severity == snapshot.Error {
			level = slog.LevelError
		}
		log.Log(context.Background(), level, f.String())
	}
}
