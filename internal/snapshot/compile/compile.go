package compile

import (
	"slices"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// Gateways compiles every Gateway among the objects, sorted by namespace and
// name. The Connections and Subscriptions that refer to none of them come back as
// orphans, each kind sorted alike.
//
// What is wrong with one object is held against nobody who does not refer to it.
func Gateways(objects Objects) (outcomes []Outcome, orphans []Link) {
	ix := newIndex(objects)
	for _, id := range sortedKeys(ix.gateways) {
		outcomes = append(outcomes, ix.outcome(id))
	}
	return outcomes, ix.orphans()
}

// Compile returns the effective configuration of the one Gateway among the
// objects, and everything it found in them. The snapshot is nil exactly when the
// Gateway is refused or there is not exactly one; it lacks the Connections and
// Subscriptions that are refused.
func Compile(objects Objects) (*snapshot.Snapshot, snapshot.Findings) {
	var r report
	r.duplicates(objects)
	ix := newIndex(objects)
	id, ok := r.choose(objects)
	if !ok {
		return nil, r.findings
	}
	outcome := ix.outcome(id)
	findings := slices.Concat(r.findings, outcome.Findings)
	for _, link := range slices.Concat(outcome.Links, ix.orphans()) {
		findings = append(findings, link.Findings...)
	}
	return outcome.Snapshot, distinct(findings)
}

// distinct leaves out what was found before: a Secret that several objects refer
// to is looked at for each of them.
func distinct(findings snapshot.Findings) snapshot.Findings {
	seen := make(map[snapshot.Finding]bool, len(findings))
	return slices.DeleteFunc(findings, func(f snapshot.Finding) bool {
		before := seen[f]
		seen[f] = true
		return before
	})
}

// outcome compiles one Gateway.
func (ix *index) outcome(id snapshot.Identity) Outcome {
	var r report
	gateway := one(&r, v1alpha1.GatewayKind, id, ix.gateways[id], func(g Gateway) Origin { return g.Origin })
	c := r.about(v1alpha1.GatewayKind, id.Namespace, id.Name, gateway.Origin)
	snap := c.gateway(Effective(gateway.Spec), ix)
	connections := ix.connectionsOf(id)
	subscriptions := ix.subscriptionsOf(connections)
	snap.Connections, snap.Subscriptions = accepted(connections), accepted(subscriptions)
	if !r.findings.HasErrors() {
		c.fits(snap)
	}
	if r.findings.HasErrors() {
		snap = nil
	}
	return Outcome{
		Gateway: id, Snapshot: snap, Findings: r.findings,
		Links: append(links(connections), links(subscriptions)...),
	}
}
