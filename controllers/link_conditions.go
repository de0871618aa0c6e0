package controllers

import (
	"slices"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/management"
)

// linkFacts is all that the conditions of a Connection or a Subscription are made
// from.
type linkFacts struct {
	// link is what was found about the object itself.
	link link
	// gateway is the name of its Gateway; empty when it is not known.
	gateway string
	// gatewayFound, gatewayCompiled and gatewayPaused are about that Gateway.
	gatewayFound, gatewayCompiled, gatewayPaused bool
	// elsewhere says that another operator looks after that Gateway, and with it
	// after the object.
	elsewhere bool
	// connection is the name of the Connection of a Subscription; empty for a
	// Connection itself.
	connection string
	// connectionFound and connectionAccepted are about that Connection.
	connectionFound, connectionAccepted bool
	// hash is the configuration that the pods are to have.
	hash    string
	pods    []replica
	rolling bool
	// states are what the ready pods that have the configuration say of the object.
	states []management.LinkStatus
	// carriers are what they say of the Connection of a Subscription.
	carriers []management.LinkStatus
	// closed says that the spec asks for a closed connection.
	closed bool
	// early says that this operator has yet to look at the Gateway or to ask its
	// pods. What was said before of the same spec stays until then.
	early bool
}

// linkWords are what differs between Connections and Subscriptions.
type linkWords struct {
	// condition is the type of the condition that says whether it works, and
	// working its reason and message when it does.
	condition, reason, message string
	// ready is the message when all is well.
	ready string
}

var (
	connectionWords = linkWords{
		condition: v1alpha1.ConditionConnected, reason: v1alpha1.ReasonConnected, message: "The connection is open",
		ready: "The connection is as its spec says",
	}
	subscriptionWords = linkWords{
		condition: v1alpha1.ConditionActive, reason: v1alpha1.ReasonActive, message: "Signals can flow",
		ready: "The subscription is as its spec says",
	}
)

// linkConditions returns what is to be said of a Connection or a Subscription.
func linkConditions(f linkFacts, words linkWords) []named {
	found := judge(f.link.findings)
	conditions := []named{
		{v1alpha1.ConditionAccepted, found.accepted()},
		{v1alpha1.ConditionResolvedRefs, decide(f, upwardDecisions, found.resolved())},
		{v1alpha1.ConditionProgrammed, decide(f, linkProgrammedDecisions, f.programmed())},
		{words.condition, decide(f, linkStateDecisions, isTrue(words.reason, words.message))},
	}
	conditions = append(conditions, named{v1alpha1.ConditionReady, f.summary(conditions, words)})
	return append(conditions, progress(conditions[:4])...)
}

// summary is the condition Ready. A connection that is to be closed, and is, is as
// its spec says.
func (f linkFacts) summary(conditions []named, words linkWords) verdict {
	last := conditions[len(conditions)-1].verdict
	if f.closed && last.reason == v1alpha1.ReasonClosed {
		v := ready(conditions[:len(conditions)-1], last.message)
		if v.reason == v1alpha1.ReasonReady {
			v.reason = v1alpha1.ReasonClosed
		}
		return v
	}
	return ready(conditions, words.ready)
}

// upwardDecisions are the reasons why what an object belongs to is not there.
var upwardDecisions = []decision[linkFacts]{
	func(f linkFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonConnectionNotFound, "Connection "+f.connection+" does not exist"), f.connection != "" && !f.connectionFound
	},
	func(f linkFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonGatewayNotFound, "Gateway "+f.gateway+" does not exist"), !f.gatewayFound
	},
	func(f linkFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonRefInvalid, "Connection "+f.connection+" is not accepted"), f.connection != "" && !f.connectionAccepted
	},
	func(f linkFacts) (verdict, bool) {
		upward := judge(f.link.findings).upward
		return isFalse(v1alpha1.ReasonRefInvalid, describe(upward)), len(upward) > 0
	},
}

// linkProgrammedDecisions are the reasons why an object is not part of what every
// ready pod has.
var linkProgrammedDecisions = []decision[linkFacts]{
	func(f linkFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonNotCompiled, "It is not part of the gateway's configuration"), !f.link.accepted
	},
	func(f linkFacts) (verdict, bool) {
		return isUnknown(v1alpha1.ReasonPaused, "The Gateway is paused"), f.gatewayPaused
	},
	func(f linkFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonNotCompiled, "The spec of Gateway "+f.gateway+" cannot be used"), !f.gatewayCompiled
	},
	func(f linkFacts) (verdict, bool) { return rollout(f.pods, f.hash, f.rolling) },
}

func (f linkFacts) programmed() verdict {
	n := len(readyOf(f.pods))
	return isTrue(v1alpha1.ReasonProgrammed, progressOf(n, n))
}

// linkStateDecisions are the reasons why it does not work. What the pods say of it
// counts while a newer configuration is on its way to them, too.
var linkStateDecisions = []decision[linkFacts]{
	func(f linkFacts) (verdict, bool) {
		return isFalse(v1alpha1.ReasonNotCompiled, "It is not part of the gateway's configuration"), !f.link.accepted
	},
	func(f linkFacts) (verdict, bool) {
		return isUnknown(v1alpha1.ReasonPaused, "The Gateway is paused"), f.gatewayPaused
	},
	func(f linkFacts) (verdict, bool) {
		return isUnknown(v1alpha1.ReasonNoReadyPods, "No pod is ready"), len(readyOf(f.pods)) == 0
	},
	func(f linkFacts) (verdict, bool) {
		return isUnknown(v1alpha1.ReasonPushing, "No pod has it yet"), len(f.states) == 0
	},
	stateIs(management.LinkNotServed, v1alpha1.ReasonNotServed, "The gateway's image is too old to serve it"),
	func(f linkFacts) (verdict, bool) {
		v, failed := stateIs(management.LinkFailed, v1alpha1.ReasonSubscriptionRefused, "The other end does not take it")(f)
		return v, failed && f.connection != "" && isAnyOf(f.carriers, management.LinkOpen)
	},
	stateIs(management.LinkFailed, v1alpha1.ReasonConnectionFailed, "The connection cannot be made, which is tried again"),
	stateIs(management.LinkConnecting, v1alpha1.ReasonConnecting, "The connection is not open"),
	stateIs(management.LinkClosed, v1alpha1.ReasonClosed, "The connection is closed because its spec asks for it"),
}

// stateIs decides by a state that any of the pods reports.
func stateIs(state management.LinkState, reason, message string) decision[linkFacts] {
	return func(f linkFacts) (verdict, bool) {
		for _, s := range f.states {
			if s.State != state {
				continue
			}
			if s.Message != "" {
				return isFalse(reason, message+": "+s.Message), true
			}
			return isFalse(reason, message), true
		}
		return verdict{}, false
	}
}

// isAnyOf says whether any of the pods reports a state.
func isAnyOf(states []management.LinkStatus, state management.LinkState) bool {
	return slices.ContainsFunc(states, func(s management.LinkStatus) bool { return s.State == state })
}

// statesOf returns what the ready pods say of an object; which picks the list.
func statesOf(pods []replica, name string, which func(management.Status) []management.LinkStatus) []management.LinkStatus {
	var out []management.LinkStatus
	for _, r := range readyOf(pods) {
		if !r.heard {
			continue
		}
		for _, s := range which(r.status) {
			if s.Name == name {
				out = append(out, s)
			}
		}
	}
	return out
}
