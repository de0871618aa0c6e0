package main

import (
	"context"
	"log/slog"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/manifest"
	"github.com/twinway/twinway/internal/snapshot"
)

// watch begins to watch the manifests. It comes before they are read first, so
// that no change in between is missed. The channel is nil if it is not possible.
func watch(ctx context.Context, config string, log *slog.Logger) <-chan struct{} {
	changes, err := manifest.Watch(ctx, config)
	if err != nil {
		log.Error("changes of the configuration are not followed", "directory", config, "error", err)
		return nil
	}
	return changes
}

// follow applies changes of the manifests until there are none any more. What
// cannot be applied leaves the running configuration in force.
func follow(changes <-chan struct{}, g *gateway.Gateway, config string, log *slog.Logger) {
	if changes == nil {
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
		log.LogAttrs(context.Background(), level, f.Message, attributes(f)...)
	}
}

// attributes returns what is known of where a finding is and what it is about.
func attributes(f snapshot.Finding) []slog.Attr {
	attrs := []slog.Attr{slog.String("rule", string(f.Rule))}
	for _, a := range []slog.Attr{
		slog.String("file", f.File), slog.Int("document", f.Document), slog.Int("line", f.Line),
		slog.String("object", f.Object.String()), slog.String("field", f.FieldPath),
	} {
		if v := a.Value; v.String() != "" && v.String() != "0" {
			attrs = append(attrs, a)
		}
	}
	return attrs
}
