package rest

// base is what all paths of the API begin with.
var base = []string{"api", "2"}

// routes are all paths of the API, behind the base.
var routes = []struct {
	pattern string
	methods methods
}{
	{"/things", methods{"POST": createThing}},
	{"/things/{thingId}", whole},
	{"/things/{thingId}/policyId", methods{"GET": command, "PUT": command, "PATCH": command}},
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
	{"/policies/{policyId}/imports", modifiable},
	{"/policies/{policyId}/imports/{importedPolicyId}", modifiable},
	{"/policies/{policyId}/imports/{importedPolicyId}/entries", replaceable},
	{"/policies/{policyId}/imports/{importedPolicyId}/transitiveImports", replaceable},
	{"/checkPermissions", methods{"POST": checkPermissions}},
	{"/whoami", methods{"GET": whoami}},
}

// whole and part are what can be done with a thing and most parts of it.
var (
	whole = methods{"GET": command, "PUT": command, "PATCH": command, "DELETE": command}
	part  = whole
)

// replaceable and modifiable are what can be done with parts of policies, and with the whole.
var (
	replaceable = methods{"GET": policyCommand, "PUT": policyCommand}
	modifiable  = methods{"GET": policyCommand, "PUT": policyCommand, "DELETE": policyCommand}
)

// everything is the tree of all routes.
var everything = func() *tree {
	t := &tree{}
	for _, r := range routes {
		t.add(r.pattern, r.methods)
	}
	return t
}()
