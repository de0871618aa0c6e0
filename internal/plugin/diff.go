package plugin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/render"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// Difference compares the configuration of a Gateway in the three places where
// it can be read.
type Difference struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Compiled is the hash of what this program makes of the objects in the cluster
	// now; empty if it refuses the Gateway.
	Compiled string `json:"compiled"`
	// Stored is the hash of what lies in the Secret that pods start with; empty if
	// there is none.
	Stored string `json:"stored"`
	// Reported is the hash in the Gateway's status; empty if there is none.
	Reported string `json:"reported"`
	// Same says that all three are there and equal.
	Same bool `json:"same"`
	// Live and Restart are the fields in which what is compiled differs from what
	// is stored: those that a running gateway takes over, and the others.
	Live    []string `json:"live"`
	Restart []string `json:"restart"`
	// Unreadable says why what is stored cannot be compared field by field.
	Unreadable string `json:"unreadable,omitempty"`
	// Findings are about the objects, one line each.
	Findings []string `json:"findings"`
}

// Diff compares the configuration that follows from the objects in the cluster
// with the one that pods start with and the one that the status speaks of. It
// needs the right to read the Secrets that the Gateway and its Connections refer
// to.
func (p *Plugin) Diff(ctx context.Context, namespace, name string) (Difference, error) {
	g, err := p.gateway(ctx, namespace, name)
	if err != nil {
		return Difference{}, err
	}
	objects, err := p.gather(ctx, g)
	if err != nil {
		return Difference{}, err
	}
	outcome, err := compileOne(objects)
	if err != nil {
		return Difference{}, err
	}
	return p.difference(ctx, g, outcome)
}

// difference compares what became of a Gateway with what is stored and reported.
func (p *Plugin) difference(ctx context.Context, g *v1alpha1.Gateway, outcome compile.Outcome) (Difference, error) {
	d := Difference{
		Namespace: g.Namespace, Name: g.Name, Reported: g.Status.ConfigurationHash,
		Live: []string{}, Restart: []string{}, Findings: []string{},
	}
	for _, f := range findings(outcome) {
		d.Findings = append(d.Findings, f.String())
	}
	if outcome.Snapshot != nil {
		d.Compiled = outcome.Snapshot.Hash()
	}
	if err := d.addStored(ctx, p.Client, g, outcome.Snapshot); err != nil {
		return Difference{}, err
	}
	d.Same = d.Compiled != "" && d.Compiled == d.Stored && d.Stored == d.Reported
	return d, nil
}

// findings returns everything that was found for a Gateway.
func findings(outcome compile.Outcome) snapshot.Findings {
	all := slices.Clone(outcome.Findings)
	for _, link := range outcome.Links {
		all = append(all, link.Findings...)
	}
	return all
}

// addStored reads what is stored and compares it with what was compiled.
func (d *Difference) addStored(ctx context.Context, c client.Reader, g *v1alpha1.Gateway, compiled *snapshot.Snapshot) error {
	secret := new(corev1.Secret)
	err := c.Get(ctx, client.ObjectKey{Namespace: g.Namespace, Name: render.SnapshotSecretName(g.Name)}, secret)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the Secret of the configuration: %w", err)
	}
	data, there := secret.Data[render.KeySnapshot]
	if !there {
		return nil
	}
	sum := sha256.Sum256(data)
	d.Stored = hex.EncodeToString(sum[:])
	stored, err := snapshot.Decode(data)
	switch {
	case err != nil:
		d.Unreadable = err.Error()
	case compiled != nil:
		live, restart := snapshot.Changes(stored, compiled)
		d.Live, d.Restart = append(d.Live, live...), append(d.Restart, restart...)
	}
	return nil
}

// Print writes the comparison for people.
func (d Difference) Print(w io.Writer) error {
	l := &lines{w: w}
	l.printf("Gateway %s/%s", d.Namespace, d.Name)
	l.printf("  objects in the cluster  %s", d.compare(d.Compiled, "refused, see the findings"))
	l.printf("  Secret for the pods     %s", d.compare(d.Stored, "none"))
	l.printf("  status                  %s", d.compare(d.Reported, "none"))
	if d.Unreadable != "" {
		l.printf("  the Secret cannot be compared field by field: %s", clean(d.Unreadable))
	}
	if len(d.Live) > 0 {
		l.printf("  to be taken over live:  %s", strings.Join(d.Live, ", "))
	}
	if len(d.Restart) > 0 {
		l.printf("  to be taken over by a restart: %s", strings.Join(d.Restart, ", "))
	}
	for _, f := range d.Findings {
		l.printf("  %s", clean(f))
	}
	return l.err
}

// compare returns a hash and whether it is the one that the objects come to.
func (d Difference) compare(hash, none string) string {
	switch {
	case hash == "":
		return none
	case d.Compiled == "" || hash == d.Compiled:
		return clean(short(hash))
	}
	return clean(short(hash)) + "  differs"
}
