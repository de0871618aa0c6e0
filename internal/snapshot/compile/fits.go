package compile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/twinway/twinway/internal/snapshot"
)

// fits checks that the configuration can be stored, and names what takes most of
// its room.
func (c *check) fits(snap *snapshot.Snapshot) {
	size := len(snap.Encode())
	if size <= snapshot.MaxEncodedSize {
		return
	}
	const shown = 3
	var largest []string
	for _, p := range parts(snap)[:shown] {
		largest = append(largest, fmt.Sprintf("%s (%d KiB)", p.name, kib(p.size)))
	}
	c.errorf("", snapshot.RuleBounded, "the configuration has %d KiB, but only %d KiB can be stored; its largest parts are %s",
		kib(size), snapshot.MaxEncodedSize>>10, strings.Join(largest, ", "))
}

// kib rounds up, so that nothing that is there has the size 0.
func kib(size int) int { return (size + 1<<10 - 1) >> 10 }

// part is what takes room in a configuration.
type part struct {
	name string
	size int
}

// parts returns what may be large, the largest first. There are at least three.
func parts(snap *snapshot.Snapshot) []part {
	all := []part{
		{"the users", encodedSize(snap.Authentication.Basic)},
		{"the creation of entities", encodedSize(snap.EntityCreation)},
		{"the access to namespaces", encodedSize(snap.NamespaceAccess)},
		{"the policies", encodedSize(snap.Policies)},
		{"the certificate of the listener", encodedSize(snap.Listener.TLS)},
	}
	for _, p := range snap.Authentication.OIDC {
		all = append(all, part{"OIDC provider " + p.Name, encodedSize(p)})
	}
	for _, l := range snap.Connections {
		all = append(all, part{"Connection " + l.Name, encodedSize(l)})
	}
	for _, l := range snap.Subscriptions {
		all = append(all, part{"Subscription " + l.Name, encodedSize(l)})
	}
	slices.SortStableFunc(all, func(a, b part) int { return cmp.Compare(b.size, a.size) })
	return all
}

func encodedSize(value any) int {
	data, _ := json.Marshal(value) // nothing of a snapshot can fail
	return len(data)
}
