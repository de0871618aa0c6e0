package operator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/test/apiserver"
	"github.com/twinway/twinway/test/statuscheck"
)

// in returns the world for another namespace, whose pods are run.
func (w *world) in(namespace string) *world {
	w.Helper()
	other := *w
	other.namespace = namespace
	statuscheck.Watch(w, apiserver.Config(), namespace)
	other.runPods(probing)
	return &other
}

// An operator for all namespaces has a role for all of them, and one for its
// own. It comes first, and alone: it would look after the Gateways of all tests.
func TestAnOperatorForAllNamespaces(t *testing.T) {
	home := emptyWorld(t)
	home.allowEverywhere(home.rules(roleEverywhere))
	home.options.WatchNamespaces = nil
	home.startOperator()
	for _, namespace := range []string{apiserver.Namespace(t), apiserver.Namespace(t)} {
		w := home.in(namespace)
		g, users := withEverything(w.gateway("edge")), w.users("edge")
		w.create(users, g)
		w.await(g, programmed, ready)
		if said := home.saysIn(w, "edge"); said != g.Status.ConfigurationHash {
			t.Errorf("the pod has %s, the status says %s", said, g.Status.ConfigurationHash)
		}
		w.delete(g)
		w.eventually("the pod is gone", func() bool { return !w.exists(w.podNamed("edge")) })
	}
}

// saysIn returns the configuration of a pod that the operator of this namespace
// looks after in another.
func (w *world) saysIn(other *world, gateway string) string {
	w.Helper()
	asking := other.askingBy(w.namespace, gateway)
	return other.answer(asking).Hash
}

// An operator for one namespace asks for nothing outside of it.
func TestAnOperatorForOneNamespace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign := *w
	foreign.namespace = apiserver.Namespace(t)
	unseen := foreign.gateway("edge")
	foreign.create(foreign.users("edge"), unseen)
	g := w.gateway("edge")
	w.create(w.users("edge"), g)
	w.await(g, noPods)
	time.Sleep(quiet) // for what must not happen
	foreign.get(unseen)
	if unseen.Status.ObservedGeneration != -1 {
		t.Errorf("a Gateway elsewhere was looked at:\n%s", show(unseen))
	}
	outside := func(path string) bool {
		return strings.Contains(path, "/api") && strings.Count(path, "/") > 4 && !strings.Contains(path, "/namespaces/"+w.namespace)
	}
	if i := slices.IndexFunc(w.requests.paths(), outside); i >= 0 {
		t.Errorf("the operator has asked for %s", w.requests.paths()[i])
	}
}
