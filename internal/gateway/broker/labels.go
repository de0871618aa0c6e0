package broker

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/ack"
)

// labels are some of the labels of a plan: a bit for each. There are no more than that.
type labels uint64

const _ = uint(64 - ack.MaxLabels)

// customLabels returns those of a plan's labels that subscribers can acknowledge with.
func customLabels(all []string) (custom labels) {
	for i, label := range all {
		if !ack.BuiltIn(label) {
			custom |= 1 << i
		}
	}
	return custom
}

// some returns the labels of a plan that are in a list.
func some(all, list []string) (found labels) {
	for _, label := range list {
		if i := slices.Index(all, label); i >= 0 {
			found |= 1 << i
		}
	}
	return found
}

// among returns those of the labels, which are of a plan, that are in a list that is sorted. It may be long, and is looked at for
// each circle of subscribers.
func (l labels) among(all, sorted []string) (found labels) {
	for i, label := range all {
		if l&(1<<i) == 0 {
			continue
		}
		if _, in := slices.BinarySearch(sorted, label); in {
			found |= 1 << i
		}
	}
	return found
}

// names returns the labels of a plan that are meant, nil if none are.
func (l labels) names(all []string) (names []string) {
	for i, label := range all {
		if l&(1<<i) != 0 {
			names = append(names, label)
		}
	}
	return names
}
