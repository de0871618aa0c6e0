package controllers

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

const current, earlier = "current", "earlier"

// Pods in the states that matter.
func serving(hash string) replica {
	return replica{ready: true, heard: true, status: management.Status{Hash: hash, Ready: true}}
}

func refusing(code management.RefusalCode) replica {
	r := serving(earlier)
	r.status.Refused = &management.Refusal{Hash: current, Code: code, Message: "why"}
	return r
}

// leaving is a pod that is taken out of service; drained says that this is done.
func leaving(drained bool) replica {
	return replica{heard: true, status: management.Status{Hash: current, Draining: true, Drained: drained}}
}

func starting() replica { return replica{} }

func silent() replica { return replica{ready: true, problem: "connection refused"} }

func lost(hash string) replica {
	r := serving(hash)
	r.problem = "timeout"
	return r
}

// problem is a finding that is an error.
func problem(kind string, rule snapshot.Rule, field string) snapshot.Findings {
	return snapshot.Findings{{
		Severity: snapshot.Error, Object: snapshot.Object{Kind: kind, Namespace: "ns", Name: "edge"}, Rule: rule, FieldPath: field, Message: "wrong",
	}}
}

func compiledWith() *evaluation { return &evaluation{hash: current} }

// said is the conditions in the order of gatewayConditions, each as
// "Type=Status Reason".
func said(conditions []named) []string {
	var out []string
	for _, c := range conditions {
		out = append(out, fmt.Sprintf("%s=%s %s", c.condition, c.verdict.status, c.verdict.reason))
	}
	return out
}

func TestGatewayConditions(t *testing.T) {
	for _, test := range []struct {
		name  string
		facts gatewayFacts
		want  string
	}{
		{
			"all is well",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, pods: []replica{serving(current)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Available=True Available, Ready=True Ready",
		},
		{
			"a pod is lost after it had the configuration",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, pods: []replica{lost(current)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Available=True Available, Ready=True Ready",
		},
		{
			"a pod is lost before it had the configuration",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 2, pods: []replica{serving(current), lost(earlier)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Unreachable, Available=True Available, Ready=False Unreachable, Reconciling=True Unreachable",
		},
		{
			"a ready pod never answered",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, pods: []replica{silent()}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Unreachable, Available=True Available, Ready=False Unreachable, Reconciling=True Unreachable",
		},
		{
			"one of two pods has it",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 2, pods: []replica{serving(current), serving(earlier)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Pushing, Available=True Available, Ready=False Pushing, Reconciling=True Pushing",
		},
		{
			"pods that are not ready do not count",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 2, pods: []replica{serving(current), starting()}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Available=True Available, Ready=True Ready",
		},
		{
			"no pod is ready yet",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, pods: []replica{starting()}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Available=False Starting, Ready=False Starting, Reconciling=True Starting",
		},
		{
			"no pods are wanted",
			gatewayFacts{evaluation: compiledWith(), hash: current},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Available=False ScaledToZero, Ready=False ScaledToZero",
		},
		{
			"a pod refuses because it must restart, and does",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, rolling: true, pods: []replica{refusing(management.RefusedRestart)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Restarting, Available=True Available, Ready=False Restarting, Reconciling=True Restarting",
		},
		{
			"pods that have the configuration are replaced by others",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, rolling: true, pods: []replica{serving(current)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Restarting, Available=True Available, Ready=False Restarting, Reconciling=True Restarting",
		},
		{
			"a pod cannot use it, and is replaced by one that may",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, rolling: true, pods: []replica{refusing(management.RefusedUnusable)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Restarting, Available=True Available, Ready=False Restarting, Reconciling=True Restarting",
		},
		{
			"the pod that replaces another is not ready",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, rolling: true, pods: []replica{starting()}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Available=False Starting, Ready=False Starting, Reconciling=True Starting",
		},
		{
			"the last pod goes, and none is wanted",
			gatewayFacts{evaluation: compiledWith(), hash: current, rolling: true, pods: []replica{serving(current)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Available=False ScaledToZero, Ready=False ScaledToZero",
		},
		{
			"no pods are wanted, of another template",
			gatewayFacts{evaluation: compiledWith(), hash: current, rolling: true},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Available=False ScaledToZero, Ready=False ScaledToZero",
		},
		{
			"the workload is new",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, rolling: true},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Available=False Starting, Ready=False Starting, Reconciling=True Starting",
		},
		{
			"a pod refuses because it must restart, and nobody restarts it",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, pods: []replica{refusing(management.RefusedRestart)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Refused, Available=True Available, Ready=False Refused, Stalled=True Refused",
		},
		{
			"a pod cannot use it",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 2, pods: []replica{serving(current), refusing(management.RefusedUnusable)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Refused, Available=True Available, Ready=False Refused, Stalled=True Refused",
		},
		{
			"the spec is wrong from the start",
			gatewayFacts{evaluation: &evaluation{findings: problem("Gateway", snapshot.RuleRange, "spec.listener.port")}, wanted: 1},
			"Accepted=False Invalid, ResolvedRefs=True Resolved, Programmed=False NotCompiled, Available=False NotCompiled, Ready=False Invalid, Stalled=True Invalid",
		},
		{
			"the spec has become wrong",
			gatewayFacts{
				evaluation: &evaluation{findings: problem("Gateway", snapshot.RuleRange, "spec.listener.port")},
				hash:       earlier, wanted: 1, pods: []replica{serving(earlier)},
			},
			"Accepted=False Invalid, ResolvedRefs=True Resolved, Programmed=False NotCompiled, Available=True Available, Ready=False Invalid, Stalled=True Invalid",
		},
		{
			"the configuration is too large",
			gatewayFacts{evaluation: &evaluation{findings: problem("Gateway", snapshot.RuleBounded, "")}, wanted: 1},
			"Accepted=False TooLarge, ResolvedRefs=True Resolved, Programmed=False NotCompiled, Available=False NotCompiled, Ready=False TooLarge, Stalled=True TooLarge",
		},
		{
			"a Secret is missing",
			gatewayFacts{evaluation: &evaluation{findings: problem("Gateway", snapshot.RuleReference, "spec.listener.tls")}, wanted: 1},
			"Accepted=True Accepted, ResolvedRefs=False RefNotFound, Programmed=False NotCompiled, Available=False NotCompiled, Ready=False RefNotFound, Stalled=True RefNotFound",
		},
		{
			"a Secret is not usable",
			gatewayFacts{evaluation: &evaluation{findings: problem("Secret", snapshot.RulePasswordHash, "data[x]")}, wanted: 1},
			"Accepted=True Accepted, ResolvedRefs=False RefInvalid, Programmed=False NotCompiled, Available=False NotCompiled, Ready=False RefInvalid, Stalled=True RefInvalid",
		},
		{
			"an object of somebody else is in the way",
			gatewayFacts{evaluation: compiledWith(), conflict: "Service", hash: earlier, wanted: 1, pods: []replica{serving(earlier)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Conflict, Available=True Available, Ready=False Conflict, Stalled=True Conflict",
		},
		{
			"an object of an earlier Gateway is about to go",
			gatewayFacts{evaluation: compiledWith(), conflict: "Service", passing: true, wanted: 1},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Conflict, Available=False NotCompiled, Ready=False Conflict, Reconciling=True Conflict",
		},
		{
			"the API server does not take an object",
			gatewayFacts{evaluation: compiledWith(), failure: "quota", hash: current, wanted: 1, pods: []replica{serving(current)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False ApplyFailed, Available=True Available, Ready=False ApplyFailed, Reconciling=True ApplyFailed",
		},
		{
			"it is taken out of service",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, drain: true, pods: []replica{starting()}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Available=False Draining, Ready=False Draining, Draining=True Draining",
		},
		{
			"its pods are out of service, and have clients left",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 2, drain: true, pods: []replica{leaving(true), leaving(false)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Available=False Draining, Ready=False Draining, Draining=True Draining",
		},
		{
			"its pods are out of service, and no client is left",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 2, drain: true, pods: []replica{leaving(true), leaving(true)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Available=False Draining, Ready=False Draining, Draining=True Drained",
		},
		{
			"another pod of it is ending",
			gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 1, drain: true, ending: true, pods: []replica{leaving(true)}},
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Available=False Draining, Ready=False Draining, Draining=True Draining",
		},
		{
			"it is taken out of service while its spec is wrong",
			gatewayFacts{
				evaluation: &evaluation{findings: problem("Gateway", snapshot.RuleRange, "spec.listener.port")},
				hash:       earlier, wanted: 1, drain: true, pods: []replica{serving(earlier)},
			},
			"Accepted=False Invalid, ResolvedRefs=True Resolved, Programmed=False NotCompiled, Available=False Draining, Ready=False Draining, Draining=True Draining, Stalled=True Invalid",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.Split(test.want, ", "), said(gatewayConditions(test.facts))); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMessagesCountPods(t *testing.T) {
	pods := []replica{serving(current), refusing(management.RefusedUnusable), serving(current)}
	f := gatewayFacts{evaluation: compiledWith(), hash: current, wanted: 3, pods: pods}
	const want = "2/3 pods have applied the configuration; refused: why"
	if got := gatewayConditions(f)[2].verdict.message; got != want {
		t.Errorf("message = %q, want %q", got, want)
	}
}

// Whatever the facts are, the conditions are complete, each is there once, Ready
// is True exactly when the four others are, and work under way and being stuck
// exclude each other.
func TestConditionsOfAnyGateway(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	findings := []snapshot.Findings{
		nil, nil, problem("Gateway", snapshot.RuleRange, "spec"), problem("Gateway", snapshot.RuleReference, "spec"), problem("Secret", snapshot.RuleKeys, ""),
	}
	pods := []replica{
		serving(current), serving(earlier), starting(), silent(), lost(current), lost(earlier),
		refusing(management.RefusedRestart), refusing(management.RefusedUnusable),
	}
	for range 20_000 {
		f := gatewayFacts{evaluation: &evaluation{findings: findings[random.IntN(len(findings))]}, wanted: random.IntN(3)}
		if f.evaluation.findings == nil {
			f.evaluation.hash = current
		}
		f.hash = []string{"", current, earlier}[random.IntN(3)]
		f.drain, f.rolling = random.IntN(2) == 0, random.IntN(2) == 0
		f.conflict = []string{"", "", "Service"}[random.IntN(3)]
		f.passing = f.conflict != "" && random.IntN(2) == 0
		f.failure = []string{"", "", "quota"}[random.IntN(3)]
		for range random.IntN(4) {
			f.pods = append(f.pods, pods[random.IntN(len(pods))])
		}
		checkConditions(t, fmt.Sprintf("%+v", f), gatewayConditions(f), v1alpha1.ConditionAvailable)
	}
}

// checkConditions checks what holds of the conditions of every kind; last is the
// fourth of those that Ready sums up.
func checkConditions(t *testing.T, facts string, conditions []named, last string) {
	t.Helper()
	seen := map[string]verdict{}
	for _, c := range conditions {
		if _, twice := seen[c.condition]; twice || c.verdict.reason == "" || c.verdict.message == "" || c.verdict.status == "" {
			t.Fatalf("%s: condition %+v", facts, c)
		}
		seen[c.condition] = c.verdict
	}
	all := true
	for _, condition := range []string{v1alpha1.ConditionAccepted, v1alpha1.ConditionResolvedRefs, v1alpha1.ConditionProgrammed, last} {
		if _, there := seen[condition]; !there {
			t.Fatalf("%s: no condition %s", facts, condition)
		}
		all = all && seen[condition].status == metav1.ConditionTrue
	}
	ready := seen[v1alpha1.ConditionReady]
	if isReady := ready.status == metav1.ConditionTrue; isReady != all && ready.reason != v1alpha1.ReasonClosed {
		t.Fatalf("%s: Ready is %v, conditions %v", facts, ready, said(conditions))
	}
	_, reconciling := seen[v1alpha1.ConditionReconciling]
	_, stalled := seen[v1alpha1.ConditionStalled]
	settled := all || slices.Contains(settledReasons, ready.reason)
	if reconciling && stalled || !reconciling && !stalled && !settled {
		t.Fatalf("%s: neither settled nor on its way, or too much at once: %v", facts, said(conditions))
	}
}
