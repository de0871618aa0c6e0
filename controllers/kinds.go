package controllers

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// lookupInterval is how long an answer about a kind is believed.
const lookupInterval = 5 * time.Minute

// kindLookup knows whether the cluster has kinds that not every cluster has. It
// asks by discovery, for which no permission is needed.
type kindLookup struct {
	mapper meta.RESTMapper
	now    func() time.Time

	mu      sync.Mutex
	answers map[schema.GroupVersionKind]answer
}

type answer struct {
	known bool
	at    time.Time
}

func newKindLookup(mapper meta.RESTMapper) *kindLookup {
	return &kindLookup{mapper: mapper, now: time.Now, answers: map[schema.GroupVersionKind]answer{}}
}

// known says whether the cluster has a kind. While it cannot be asked, the last
// answer holds.
func (l *kindLookup) known(gvk schema.GroupVersionKind) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, asked := l.answers[gvk]
	if asked && l.now().Sub(last.at) < lookupInterval {
		return last.known
	}
	_, err := l.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil && !meta.IsNoMatchError(err) {
		return last.known
	}
	l.answers[gvk] = answer{known: err == nil, at: l.now()}
	return err == nil
}
