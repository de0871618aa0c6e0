package controllers

import (
	"slices"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/management"
)

// gatewayFacts is all that the status of a Gateway is made from.
type gatewayFacts struct {
	gateway    *v1alpha1.Gateway
	evaluation *evaluation
	// conflict is the object of somebody else that is in the way, and failure what
	// the API server did not take; each is empty when there is none.
	conflict, failure string
	// passing says that the conflict ends by itself.
	passing bool
	// hash is the configuration that the pods are to have. It is that of the
	// evaluation, or the last one that was stored if there is no newer.
	hash string
	// wanted is how many pods there are to be, and pods how many there are.
	wanted int
	pods   []replica
	// ending says that there are other pods, which are about to go.
	ending bool
	// rolling says that pods are being replaced by others.
	rolling bool
	image   string
	drain   bool
}

func (f gatewayFacts) ready() []replica { return readyOf(f.pods) }

// gatewayConditions returns what is to be said of a Gateway.
func gatewayConditions(f gatewayFacts) []named {
	found := judge(f.evaluation.findings)
	conditions := []named{
		{v1alpha1.ConditionAccepted, found.accepted()},
		{v1alpha1.ConditionResolvedRefs, found.resolved()},
		{v1alpha1.ConditionProgrammed, decide(f, programmedDecisions, f.programmed())},
		{v1alpha1.ConditionAvailable, decide(f, availableDecisions, f.available())},
	}
	conditions = append(conditions, named{v1alpha1.ConditionReady, f.summary(conditions)})
	if f.drain {
		conditions = append(conditions, named{v1alpha1.ConditionDraining, f.draining()})
	}
	return append(conditions, f.progress(conditions[:4])...)
}

// summary is the condition Ready. That a Gateway was taken out of service, or has
// no pods because none are wanted, explains all that follows from it.
func (f gatewayFacts) summary(conditions []named) verdict {
	if f.drain {
		return isFalse(v1alpha1.ReasonDraining, "The gateway is out of service because its annotation asks for it")
	}
	order := []named{conditions[0], conditions[1], conditions[3], conditions[2]}
	if f.blocked() {
		order = conditions
	}
	return ready(order, "The gateway serves what its spec says")
}

// blocked says that the operator cannot do what it should, whatever the pods do.
func (f gatewayFacts) blocked() bool {
	return f.conflict != "" || f.failure != "" || !f.evaluation.compiled()
}

// early says that the facts are not complete, and that nothing has become known
// that the status does not say: the pods have yet to be asked by an operator that
// has just taken over, or a pod is new.
func (f gatewayFacts) early(before v1alpha1.GatewayStatus) bool {
	return isAwaited(f.pods) && !f.blocked() &&
		before.ObservedGeneration == f.gateway.Generation && before.ConfigurationHash == f.hash
}

// progress is Reconciling or Stalled. A conflict that passes, and a refusal while
// pods are replaced, are work under way.
func (f gatewayFacts) progress(conditions []named) []named {
	out := progress(conditions)
	if len(out) == 1 && out[0].condition == v1alpha1.ConditionStalled && f.passing && out[0].verdict.reason == v1alpha1.ReasonConflict {
		out[0].condition = v1alpha1.ConditionReconciling
	}
	return out
}

// programmedDecisions are the reasons why a Gateway is not programmed, what
// prevents everything else first.
var programmedDecisions = []decision[gatewayFacts]{
	func(f gatewayFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonConflict, f.conflict), f.conflict != ""
	},
	func(f gatewayFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonNotCompiled, notCompiled(f.hash != "")), !f.evaluation.compiled()
	},
	func(f gatewayFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonApplyFailed, f.failure), f.failure != ""
	},
	gatewayFacts.restarting,
	func(f gatewayFacts) (verdict, bool) { return rollout(f.pods, f.hash, f.rolling) },
}

// restarting says that the pods that are ready are not all those that the spec asks
// for. What pods that are about to go say of a configuration, a refusal included, is
// no longer of interest.
func (f gatewayFacts) restarting() (verdict, bool) {
	ready := f.ready()
	message := progressOf(countApplied(ready, f.hash), len(ready)) + "; pods are being replaced, because their template has changed"
	return isFalse(v1alpha1.ReasonRestarting, message), f.rolling && f.wanted > 0 && len(ready) > 0
}

func notCompiled(serving bool) string {
	if serving {
		return "The spec cannot be used; the last configuration that could stays in force"
	}
	return "The spec cannot be used, and there is no earlier configuration"
}

func (f gatewayFacts) programmed() verdict {
	return isTrue(v1alpha1.ReasonProgrammed, progressOf(len(f.ready()), len(f.ready())))
}

// rollout says why a configuration is not in force in every ready pod.
func rollout(pods []replica, hash string, rolling bool) (verdict, bool) {
	ready := readyOf(pods)
	applied := countApplied(ready, hash)
	count := progressOf(applied, len(ready))
	if len(ready) == 0 {
		return isUnknown(v1alpha1.ReasonNoReadyPods, "No pod is ready"), true
	}
	if applied == len(ready) {
		return verdict{}, false
	}
	for _, r := range ready {
		refusal := r.refused(hash)
		switch {
		case refusal == nil:
		case refusal.Code == management.RefusedRestart && rolling:
			return isFalse(v1alpha1.ReasonRestarting, count+"; the others restart to do so"), true
		default:
			return isFalse(v1alpha1.ReasonRefused, count+"; refused: "+refusal.Message), true
		}
	}
	for _, r := range ready {
		if r.problem != "" && !r.applied(hash) {
			return isFalse(v1alpha1.ReasonUnreachable, count+"; not reached: "+r.problem), true
		}
	}
	return isFalse(v1alpha1.ReasonPushing, count), true
}

func progressOf(applied, of int) string {
	if of == 1 {
		return number(applied) + "/1 pod has applied the configuration"
	}
	return number(applied) + "/" + number(of) + " pods have applied the configuration"
}

// availableDecisions are the reasons why a Gateway serves no clients.
var availableDecisions = []decision[gatewayFacts]{
	func(f gatewayFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonDraining, "The pods are out of service because the annotation asks for it"), f.drain
	},
	func(f gatewayFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonScaledToZero, "No replicas are asked for"), f.wanted == 0 && f.hash != ""
	},
	func(f gatewayFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonNotCompiled, "There has been no configuration to run"), f.hash == "" && len(f.pods) == 0
	},
	func(f gatewayFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonStarting, "No pod is ready yet"), len(f.ready()) == 0
	},
}

func (f gatewayFacts) available() verdict {
	return isTrue(v1alpha1.ReasonAvailable, "Clients are served")
}

// draining is the condition Draining, which holds as long as the annotation asks
// for it.
func (f gatewayFacts) draining() verdict {
	if f.ending || slices.ContainsFunc(f.pods, func(r replica) bool { return !r.drained() }) {
		return isTrue(v1alpha1.ReasonDraining, "Pods are being taken out of service")
	}
	return isTrue(v1alpha1.ReasonDrained, "All pods are out of service, and no client is connected")
}
