package controllers

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/internal/snapshot/compile"
)

// evaluation is what a Gateway, with all that refers to it and that it refers to,
// comes to. It is shared and must not be changed.
type evaluation struct {
	// fingerprint identifies the objects it was made from, and their versions.
	fingerprint string
	// hash is the identity of the configuration; empty when the Gateway is refused.
	hash string
	// findings are about the Gateway.
	findings snapshot.Findings
	// links are what became of Connections and Subscriptions.
	links map[snapshot.Object]link
	// connections counts the Connections that refer to the Gateway, and
	// subscriptions the Subscriptions of each of them.
	connections   int
	subscriptions map[string]int
}

// link is what became of one Connection or Subscription.
type link struct {
	accepted bool
	findings snapshot.Findings
}

// compiled says whether there is a configuration.
func (e *evaluation) compiled() bool { return e.hash != "" }

// newEvaluation keeps of an outcome, with the configuration encoded, what is needed
// for long.
func newEvaluation(fingerprint string, outcome compile.Outcome, encoded []byte) *evaluation {
	e := &evaluation{
		fingerprint: fingerprint, findings: someOf(outcome.Findings),
		links: linksOf(outcome.Links), subscriptions: map[string]int{},
	}
	if outcome.Snapshot != nil {
		e.hash = hashOf(encoded)
	}
	return e
}

func linksOf(links []compile.Link) map[snapshot.Object]link {
	out := make(map[snapshot.Object]link, len(links))
	for _, l := range links {
		out[l.Object] = link{accepted: l.Accepted, findings: someOf(l.Findings)}
	}
	return out
}

// hashOf returns the identity of an encoded snapshot, as Snapshot.Hash does.
func hashOf(encoded []byte) string {
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])
}
