package ack

import (
	"slices"

	"github.com/twinway/twinway/internal/gateway/protocol"
)

// MaxLabels is how many acknowledgements a message can wait for.
const MaxLabels = 64

// What messages wait for that do not say.
var (
	twinDefault = []string{protocol.LabelTwinPersisted}
	liveDefault = []string{protocol.LabelLiveResponse}
)

// effective returns the labels that a message of the kind requests in effect, each once; if they are too many, some of them,
// which are still too many.
func effective(k Kind, w *Wants) []string {
	if w.RequestedAcks == nil {
		return byDefault(k, w.required() && !w.instant())
	}
	given := *w.RequestedAcks
	switch {
	case k == TwinModification:
		// Protocol rule: a twin gives no live response. It is not asked whether it has stored something either, unless the
		// message says so.
		return without(given, protocol.LabelLiveResponse)
	case k.live():
		return liveLabels(given, w.required())
	}
	return without(given)
}

// byDefault returns the labels of a message that requests none itself.
func byDefault(k Kind, required bool) []string {
	switch {
	case !required || !k.collects():
		return nil
	case k.live():
		return liveDefault
	}
	return twinDefault
}

// liveLabels returns the labels of a message for a device. Protocol rules:
//   - Whoever waits for anything waits for the response too, or for neither.
//   - A device stores nothing. Who asks for that nevertheless has asked for exactly the other labels: a live response that was
//     not among them is not waited for, and one that was among them is, even if no response is required.
func liveLabels(given []string, required bool) []string {
	if slices.Contains(given, protocol.LabelTwinPersisted) || slices.Contains(given, protocol.LabelSearchPersisted) {
		return without(given, protocol.LabelTwinPersisted, protocol.LabelSearchPersisted)
	}
	if !required {
		return without(given, protocol.LabelLiveResponse)
	}
	labels := without(given)
	if len(labels) > 0 && !slices.Contains(labels, protocol.LabelLiveResponse) {
		labels = append(labels, protocol.LabelLiveResponse)
	}
	return labels
}

// without returns the labels except some, each once, and not more than one too many; nil if none are left. Nothing is copied if
// there is nothing to leave out.
func without(labels []string, except ...string) []string {
	for i, label := range labels {
		switch {
		case i > MaxLabels:
			return labels[:i:i]
		case slices.Contains(except, label) || slices.Contains(labels[:i], label):
			return sift(labels, except)
		}
	}
	if len(labels) == 0 {
		return nil
	}
	return slices.Clip(labels)
}

// sift is without for labels of which some are left out.
func sift(labels, except []string) []string {
	var kept []string
	for _, label := range labels {
		if slices.Contains(except, label) || slices.Contains(kept, label) {
			continue
		}
		if kept = append(kept, label); len(kept) > MaxLabels {
			break
		}
	}
	return kept
}
