package plugin

import (
	"context"

	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// configuration adds what the objects come to, and where that differs from what
// is stored.
func (b *bundle) configuration(ctx context.Context) {
	objects, err := b.gather(ctx, b.gateway)
	if err != nil {
		b.problem("configuration", err)
		return
	}
	b.references(objects)
	outcome, err := compileOne(objects)
	if err != nil {
		b.problem("configuration", err)
		return
	}
	b.printed("findings.txt", findings(outcome).Print)
	if outcome.Snapshot != nil {
		if data, err := render.SnapshotYAML(outcome.Snapshot); err != nil {
			b.problem("configuration", err)
		} else {
			b.file("configuration.yaml", data)
		}
	}
	d, err := b.difference(ctx, b.gateway, outcome)
	if err != nil {
		b.problem("comparison", err)
		return
	}
	b.printed("diff.txt", d.Print)
}

// references adds what may be said of the Secrets and ConfigMaps that are
// referred to.
func (b *bundle) references(objects compile.Objects) {
	referred := []contents{}
	for _, s := range objects.Secrets {
		referred = append(referred, contentsOfSecret(s.Secret))
	}
	for _, m := range objects.ConfigMaps {
		referred = append(referred, contentsOfConfigMap(m.ConfigMap))
	}
	b.yaml("references.yaml", referred)
}
