package controllers

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/management"
	"github.com/twinway/twinway/internal/snapshot"
)

// linked are the facts about a Connection that all is well with, but for what the
// pods say of it.
func linked(states ...management.LinkState) linkFacts {
	f := linkFacts{
		link: link{accepted: true}, gateway: "edge", gatewayFound: true, gatewayCompiled: true,
		hash: current, pods: []replica{serving(current)},
	}
	for _, state := range states {
		f.states = append(f.states, management.LinkStatus{Name: "cloud", State: state})
	}
	return f
}

func with(f linkFacts, how func(*linkFacts)) linkFacts {
	how(&f)
	return f
}

func TestConnectionConditions(t *testing.T) {
	for _, test := range []struct {
		name  string
		facts linkFacts
		want  string
	}{
		{
			"it is open", linked(management.LinkOpen),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Connected=True Connected, Ready=True Ready",
		},
		{
			"one pod has yet to connect", linked(management.LinkOpen, management.LinkConnecting),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Connected=False Connecting, Ready=False Connecting, Reconciling=True Connecting",
		},
		{
			"one pod cannot connect", linked(management.LinkConnecting, management.LinkFailed),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Connected=False ConnectionFailed, Ready=False ConnectionFailed, Reconciling=True ConnectionFailed",
		},
		{
			"a pod is of before there were Connections", linked(management.LinkNotServed),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Connected=False NotServed, Ready=False NotServed, Stalled=True NotServed",
		},
		{
			"it is closed as it should be", with(linked(management.LinkClosed), func(f *linkFacts) { f.closed = true }),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Connected=False Closed, Ready=True Closed",
		},
		{
			"no pod has said anything of it", linked(),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Connected=Unknown Pushing, Ready=Unknown Pushing, Reconciling=True Pushing",
		},
		{
			"no pod is ready", with(linked(), func(f *linkFacts) { f.pods = nil }),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown NoReadyPods, Connected=Unknown NoReadyPods, Ready=Unknown NoReadyPods",
		},
		{
			"a newer configuration is on its way", with(linked(management.LinkOpen), func(f *linkFacts) { f.pods = []replica{serving(earlier)} }),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False Pushing, Connected=True Connected, Ready=False Pushing, Reconciling=True Pushing",
		},
		{
			"there is no Gateway", linkFacts{gateway: "edge", link: link{findings: problem("Connection", snapshot.RuleReference, "spec.gatewayRef.name")}},
			"Accepted=True Accepted, ResolvedRefs=False GatewayNotFound, Programmed=False NotCompiled, Connected=False NotCompiled, Ready=False GatewayNotFound, Stalled=True GatewayNotFound",
		},
		{
			"its own spec is wrong", with(linked(), func(f *linkFacts) { f.link = link{findings: problem("Connection", snapshot.RuleRange, "spec.uri")} }),
			"Accepted=False Invalid, ResolvedRefs=True Resolved, Programmed=False NotCompiled, Connected=False NotCompiled, Ready=False Invalid, Stalled=True Invalid",
		},
		{
			"the Gateway's spec is wrong", with(linked(management.LinkOpen), func(f *linkFacts) { f.gatewayCompiled, f.hash = false, "" }),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=False NotCompiled, Connected=True Connected, Ready=False NotCompiled, Stalled=True NotCompiled",
		},
		{
			"the Gateway is paused", with(linked(management.LinkOpen), func(f *linkFacts) { f.gatewayPaused = true }),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=Unknown Paused, Connected=Unknown Paused, Ready=Unknown Paused",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.Split(test.want, ", "), said(linkConditions(test.facts, connectionWords))); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSubscriptionConditions(t *testing.T) {
	through := func(found, accepted bool, states ...management.LinkState) linkFacts {
		return with(linked(states...), func(f *linkFacts) {
			f.connection, f.connectionFound, f.connectionAccepted = "cloud", found, accepted
		})
	}
	for _, test := range []struct {
		name  string
		facts linkFacts
		want  string
	}{
		{
			"signals can flow", through(true, true, management.LinkOpen),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Active=True Active, Ready=True Ready",
		},
		{
			"the other end does not take it", with(through(true, true, management.LinkFailed), func(f *linkFacts) {
				f.carriers = []management.LinkStatus{{Name: "cloud", State: management.LinkOpen}}
			}),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Active=False SubscriptionRefused, Ready=False SubscriptionRefused, Reconciling=True SubscriptionRefused",
		},
		{
			"the connection cannot be made", with(through(true, true, management.LinkFailed), func(f *linkFacts) {
				f.carriers = []management.LinkStatus{{Name: "cloud", State: management.LinkFailed}}
			}),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Active=False ConnectionFailed, Ready=False ConnectionFailed, Reconciling=True ConnectionFailed",
		},
		{
			"the connection is being made", through(true, true, management.LinkConnecting),
			"Accepted=True Accepted, ResolvedRefs=True Resolved, Programmed=True Programmed, Active=False Connecting, Ready=False Connecting, Reconciling=True Connecting",
		},
		{
			"there is no Connection", linkFacts{connection: "cloud"},
			"Accepted=True Accepted, ResolvedRefs=False ConnectionNotFound, Programmed=False NotCompiled, Active=False NotCompiled, Ready=False ConnectionNotFound, Stalled=True ConnectionNotFound",
		},
		{
			"the Connection is refused", with(through(true, false), func(f *linkFacts) {
				f.link = link{findings: problem("Subscription", snapshot.RuleReference, "spec.connectionRef.name")}
			}),
			"Accepted=True Accepted, ResolvedRefs=False RefInvalid, Programmed=False NotCompiled, Active=False NotCompiled, Ready=False RefInvalid, Stalled=True RefInvalid",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.Split(test.want, ", "), said(linkConditions(test.facts, subscriptionWords))); diff != "" {
				t.Errorf("conditions (-want +got):\n%s", diff)
			}
		})
	}
}

// People read why a connection is not open in the words of the pod.
func TestMessagesOfConnections(t *testing.T) {
	for state, want := range map[management.LinkState]string{
		management.LinkOpen:       "The connection is open",
		management.LinkConnecting: "The connection is not open: reconnecting: EOF",
		management.LinkFailed:     "The connection cannot be made, which is tried again: reconnecting: EOF",
		management.LinkClosed:     "The connection is closed because its spec asks for it: reconnecting: EOF",
		management.LinkNotServed:  "The gateway's image is too old to serve it: reconnecting: EOF",
	} {
		f := linked(state)
		f.states[0].Message = "reconnecting: EOF"
		for _, c := range linkConditions(f, connectionWords) {
			if c.condition == v1alpha1.ConditionConnected && c.verdict.message != want {
				t.Errorf("%s: %q, want %q", state, c.verdict.message, want)
			}
		}
	}
}

func TestConditionsOfAnyLink(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	coin := func() bool { return random.IntN(3) > 0 }
	states := []management.LinkState{
		management.LinkOpen, management.LinkConnecting, management.LinkFailed, management.LinkClosed, management.LinkNotServed,
	}
	for range 20_000 {
		f := linkFacts{
			link: link{accepted: coin()}, gateway: "edge", gatewayFound: coin(), gatewayCompiled: coin(), gatewayPaused: !coin(),
			connectionFound: coin(), connectionAccepted: coin(), hash: current, rolling: coin(), closed: !coin(),
		}
		if coin() {
			f.connection = "cloud"
		}
		if !f.link.accepted {
			f.link.findings = problem("Connection", snapshot.RuleRange, []string{"spec.uri", "spec.gatewayRef.name"}[random.IntN(2)])
		}
		for range random.IntN(3) {
			f.pods = append(f.pods, []replica{serving(current), serving(earlier), starting(), silent(), refusing(management.RefusedUnusable)}[random.IntN(5)])
			f.states = append(f.states, management.LinkStatus{State: states[random.IntN(len(states))]})
		}
		checkConditions(t, fmt.Sprintf("%+v", f), linkConditions(f, connectionWords), v1alpha1.ConditionConnected)
	}
}
