package rest

// base is what all paths of the API begin with.
var base = []string{"api", "2"}

// route is a path, and what is there.
type route struct {
	pattern string
	methods methods
}

// routes are all paths of the API, behind the base.
var routes = []route{
	{"/things", methods{"GET": orEvents(listThings, allEvents), "POST": createThing}},
	{"/search/things", methods{"GET": orEvents(searchThings, foundEvents), "POST": searchThings}},
	{"/search/things/count", methods{"GET": countThings, "POST": countThings}},
	{"/things/{thingId}", whole},
	{"/things/{thingId}/policyId", methods{"GET": orEvents(command, thingEvents), "PUT": command, "PATCH": command}},
	{"/things/{thingId}/definition", part},
	{"/things/{thingId}/attributes", part},
	{"/things/{thingId}/attributes/{path...}", part},
	{"/things/{thingId}/features", part},
	{"/things/{thingId}/features/{featureId}", part},
	{"/things/{thingId}/features/{featureId}/definition", part},
	{"/things/{thingId}/features/{featureId}/properties", part},
	{"/things/{thingId}/features/{featureId}/properties/{path...}", part},
	{"/things/{thingId}/features/{featureId}/desiredProperties", part},
	{"/things/{thingId}/features/{featureId}/desiredProperties/{path...}", part},
	{"/things/{thingId}/inbox/claim", methods{"POST": claimThing}},
	{"/things/{thingId}/inbox/messages", received},
	{"/things/{thingId}/outbox/messages", received},
	{"/things/{thingId}/features/{featureId}/inbox/messages", received},
	{"/things/{thingId}/features/{featureId}/outbox/messages", received},
	{"/things/{thingId}/inbox/messages/{subject...}", messages},
	{"/things/{thingId}/outbox/messages/{subject...}", messages},
	{"/things/{thingId}/features/{featureId}/inbox/messages/{subject...}", messages},
	{"/things/{thingId}/features/{featureId}/outbox/messages/{subject...}", messages},
	{"/policies", methods{"POST": createPolicy}},
	{"/policies/{policyId}", modifiable},
	{"/policies/{policyId}/entries", replaceable},
	{"/policies/{policyId}/entries/{label}", modifiable},
	{"/policies/{policyId}/entries/{label}/subjects", replaceable},
	{"/policies/{policyId}/entries/{label}/subjects/{subjectId...}", modifiable},
	{"/policies/{policyId}/entries/{label}/resources", replaceable},
	{"/policies/{policyId}/entries/{label}/resources/{resource...}", modifiable},
	{"/policies/{policyId}/entries/{label}/importable", replaceable},
	{"/policies/{policyId}/entries/{label}/namespaces", replaceable},
	{"/policies/{policyId}/entries/{label}/allowedAdditions", modifiable},
	{"/policies/{policyId}/entries/{label}/references", modifiable},
	{"/policies/{policyId}/entries/{label}/actions/activateTokenIntegration", methods{"POST": activateToken}},
	{"/policies/{policyId}/entries/{label}/actions/deactivateTokenIntegration", methods{"POST": deactivateToken}},
	{"/policies/{policyId}/actions/activateTokenIntegration", methods{"POST": activateToken}},
	{"/policies/{policyId}/actions/deactivateTokenIntegration", methods{"POST": deactivateToken}},
	{"/policies/{policyId}/imports", modifiable},
	{"/policies/{policyId}/imports/{importedPolicyId}", modifiable},
	{"/policies/{policyId}/imports/{importedPolicyId}/entries", replaceable},
	{"/policies/{policyId}/imports/{importedPolicyId}/transitiveImports", replaceable},
	{"/checkPermissions", methods{"POST": checkPermissions}},
	{"/whoami", methods{"GET": whoami}},
	{"/cloudevents", methods{"POST": takeCloudEvent}},
}

// whole and part are what can be done with a thing and most parts of it.
var (
	whole = methods{"GET": orEvents(command, thingEvents), "PUT": command, "PATCH": command, "DELETE": command}
	part  = whole
)

// messages are those to a thing or from it; received are those with any subject.
var (
	messages = methods{"GET": orEvents(onlyPost, messageEvents), "POST": message}
	received = methods{"GET": orEvents(onlyEvents, messageEvents)}
)

// replaceable and modifiable are what can be done with parts of policies, and with the whole.
var (
	replaceable = methods{"GET": policyCommand, "PUT": policyCommand}
	modifiable  = methods{"GET": policyCommand, "PUT": policyCommand, "DELETE": policyCommand}
)

// everything is the tree of all routes.
var everything = treeOf(routes)

func treeOf(routes []route) *tree {
	t := &tree{}
	for _, r := range routes {
		t.add(r.pattern, r.methods)
	}
	return t
}
