package v1alpha1

// Types of conditions. Reconciling and Stalled follow kstatus: they are absent
// unless they hold, and so are Draining and Paused.
const (
	// ConditionAccepted says whether the spec is valid.
	ConditionAccepted = "Accepted"
	// ConditionResolvedRefs says whether everything that is referenced exists
	// and is usable.
	ConditionResolvedRefs = "ResolvedRefs"
	// ConditionProgrammed says whether every ready replica has applied the
	// current configuration.
	ConditionProgrammed = "Programmed"
	// ConditionAvailable says of a Gateway whether at least one replica serves
	// clients.
	ConditionAvailable = "Available"
	// ConditionConnected says of a Connection whether it is open.
	ConditionConnected = "Connected"
	// ConditionActive says of a Subscription whether signals can flow.
	ConditionActive = "Active"
	// ConditionReady sums up the conditions above.
	ConditionReady = "Ready"
	// ConditionReconciling holds while the operator works towards the spec.
	ConditionReconciling = "Reconciling"
	// ConditionStalled holds when nothing will change until the user changes
	// something.
	ConditionStalled = "Stalled"
	// ConditionDraining holds while a Gateway is taken out of service because its
	// annotation asks for it.
	ConditionDraining = "Draining"
	// ConditionPaused holds while the operator leaves an object alone because its
	// annotation asks for it.
	ConditionPaused = "Paused"
)

// Reasons of conditions, for programs.
const (
	// ReasonPending is the reason of every condition before an operator has seen
	// the object.
	ReasonPending = "Pending"
	// ReasonAccepted means that the spec is valid.
	ReasonAccepted = "Accepted"
	// ReasonInvalid means that the spec breaks a rule.
	ReasonInvalid = "Invalid"
	// ReasonTooLarge means that the configuration does not fit into a Secret.
	ReasonTooLarge = "TooLarge"
	// ReasonResolved means that everything that is referenced is there.
	ReasonResolved = "Resolved"
	// ReasonRefNotFound means that something that is referenced is not there.
	ReasonRefNotFound = "RefNotFound"
	// ReasonRefInvalid means that something that is referenced is not usable.
	ReasonRefInvalid = "RefInvalid"
	// ReasonGatewayNotFound means that the Gateway is not there.
	ReasonGatewayNotFound = "GatewayNotFound"
	// ReasonConnectionNotFound means that the Connection is not there.
	ReasonConnectionNotFound = "ConnectionNotFound"
	// ReasonProgrammed means that every ready pod has applied the configuration.
	ReasonProgrammed = "Programmed"
	// ReasonPushing means that pods have yet to apply the configuration.
	ReasonPushing = "Pushing"
	// ReasonRefused means that a pod has refused the configuration.
	ReasonRefused = "Refused"
	// ReasonUnreachable means that a pod does not answer the operator.
	ReasonUnreachable = "Unreachable"
	// ReasonRestarting means that pods are replaced, or must restart, to be what the
	// spec asks for.
	ReasonRestarting = "Restarting"
	// ReasonNoReadyPods means that no pod is ready.
	ReasonNoReadyPods = "NoReadyPods"
	// ReasonNotCompiled means that there is no configuration for the spec.
	ReasonNotCompiled = "NotCompiled"
	// ReasonConflict means that an object with a name that the Gateway needs
	// belongs to somebody else.
	ReasonConflict = "Conflict"
	// ReasonApplyFailed means that the API server did not take an object.
	ReasonApplyFailed = "ApplyFailed"
	// ReasonAvailable means that clients are served.
	ReasonAvailable = "Available"
	// ReasonScaledToZero means that no replicas are asked for.
	ReasonScaledToZero = "ScaledToZero"
	// ReasonStarting means that pods are on their way.
	ReasonStarting = "Starting"
	// ReasonReady means that all the other conditions hold.
	ReasonReady = "Ready"
	// ReasonDraining means that the annotation asks to take it out of service.
	ReasonDraining = "Draining"
	// ReasonDrained means that all pods are out of service and no client is
	// connected to them.
	ReasonDrained = "Drained"
	// ReasonPaused means that the annotation asks to leave it alone.
	ReasonPaused = "Paused"
	// ReasonNotServed means that the version of the gateway is one of before there
	// were Connections. Current ones never say so.
	ReasonNotServed = "NotServed"
	// ReasonConnected means that the connection is open.
	ReasonConnected = "Connected"
	// ReasonConnecting means that the connection is being made, for the first time
	// or again.
	ReasonConnecting = "Connecting"
	// ReasonConnectionFailed means that the connection cannot be made until somebody
	// changes something. It is tried again nevertheless.
	ReasonConnectionFailed = "ConnectionFailed"
	// ReasonSubscriptionRefused means that the connection is open, but that the other
	// end does not take the Subscription.
	ReasonSubscriptionRefused = "SubscriptionRefused"
	// ReasonClosed means that the spec asks for a closed connection.
	ReasonClosed = "Closed"
	// ReasonActive means that signals can flow.
	ReasonActive = "Active"
	// ReasonConnectionNotReady means that the Connection is not ready.
	ReasonConnectionNotReady = "ConnectionNotReady"
)

// Annotations by which people ask the operator for something.
const (
	// AnnotationPaused with the value "true" on a Gateway makes the operator leave it
	// alone, with all that belongs to it.
	AnnotationPaused = "twinway.dev/paused"
	// AnnotationDrain with the value "true" on a Gateway takes its pods out of
	// service without ending them; without it they take clients again.
	AnnotationDrain = "twinway.dev/drain"
)
