package pubsub

import "iter"

// byNamespace yields the signals of each namespace, in order. Signals that
// are published together mostly share one, which then costs nothing.
func byNamespace(signals []*Signal) iter.Seq2[string, []*Signal] {
	return func(yield func(string, []*Signal) bool) {
		if same := sameNamespace(signals); same {
			yield(signals[0].Namespace, signals)
			return
		}
		parts := map[string][]*Signal{}
		for _, s := range signals {
			parts[s.Namespace] = append(parts[s.Namespace], s)
		}
		for ns, part := range parts {
			if !yield(ns, part) {
				return
			}
		}
	}
}

func sameNamespace(signals []*Signal) bool {
	for _, s := range signals[1:] {
		if s.Namespace != signals[0].Namespace {
			return false
		}
	}
	return true
}
