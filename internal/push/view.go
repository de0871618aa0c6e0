package push

import (
	"reflect"

	"github.com/twinway/twinway/internal/management"
)

// heard takes down what the pod says of itself. That it answers does not make
// up for a snapshot that could not be loaded for it.
func (k *keeper) heard(status *management.Status) {
	k.status = status
	before := k.view.Load()
	if before.Err != "" && k.unloaded == "" {
		k.log.Info("the pod is reached again")
	}
	if news := status.Refused; news != nil && !sameRefusal(before.Status.Refused, news) {
		k.log.Warn("the pod has refused a snapshot", "hash", short(news.Hash), "code", string(news.Code), "message", news.Message)
	}
	k.show(PodView{Pod: k.pod, Known: true, Err: k.unloaded, Status: *status})
}

// failed takes down that the pod could not be reached. What it said before is
// still shown.
func (k *keeper) failed(err error) {
	before := k.view.Load()
	if before.Err == "" {
		k.log.Warn("the pod cannot be reached", "err", err)
	}
	view := *before
	view.Err = clean(err.Error())
	k.show(view)
}

func (k *keeper) show(view PodView) {
	before := k.view.Swap(&view)
	if !same(*before, view) {
		k.changed()
	}
}

// same says whether two views tell the same. How many sessions there are
// changes all the time and tells nothing.
func same(a, b PodView) bool {
	a.Status.Sessions, b.Status.Sessions = 0, 0
	return reflect.DeepEqual(a, b)
}

func sameRefusal(a, b *management.Refusal) bool {
	return a != nil && b != nil && *a == *b
}

// short returns the beginning of a hash, which is enough to find it.
func short(hash string) string { return hash[:min(len(hash), 12)] }
