package rest

import "net/http"

// operation is what is said of a method of a path, beside what is said of all.
type operation struct {
	summary string
	// status are those of success.
	status []int
	// takes and gives are the bodies, "" for none. What is given goes with the statuses that have a body.
	takes, gives body
	// example is a body that is taken.
	example any
	// parameters are those that are not in the path, by their names in the description.
	parameters []string
	// events says that what happens is told as server-sent events if the client accepts them; only that there is nothing else.
	events, only bool
	// device says that somebody else may answer, with a status of their own.
	device bool
	// open says that everybody may ask.
	open bool
}

// body is what a body is: the name of a schema, or a media type.
type body string

// resource is what is said of a path.
type resource struct {
	pattern string
	tag     string
	// outside says that the path is not below the base of the API.
	outside    bool
	operations map[string]operation
}

// Groups of parameters, as operations name them.
var (
	conditional   = []string{"condition", "ifMatch", "ifNoneMatch", "timeout", "responseRequired", "correlationId"}
	onThing       = with(conditional, "channel", "liveChannelTimeoutStrategy")
	toRead        = with(onThing, "fields", "liveChannelCondition", "atHistoricalRevision", "atHistoricalTimestamp", "getMetadata")
	toWrite       = with(onThing, "requestedAcks", "ifEqual", "putMetadata", "deleteMetadata")
	toFollow      = []string{"namespaces", "filter", "extraFields"}
	toReplay      = []string{"fromHistoricalRevision", "toHistoricalRevision", "fromHistoricalTimestamp", "toHistoricalTimestamp"}
	ofPolicy      = with(conditional, "allowPolicyLockout")
	toCountByForm = []string{"timeout", "responseRequired", "correlationId"}
	toSend        = []string{"condition", "timeout", "responseRequired", "requestedAcks", "correlationId"}
	toCount       = with(toCountByForm, "namespaces", "filter")
	toListen      = []string{"namespaces", "filter", "extraFields", "correlationId"}
)

func with(names []string, more ...string) []string {
	return append(append([]string(nil), names...), more...)
}

// Statuses of success, by what is done.
var (
	reads    = []int{http.StatusOK, http.StatusAccepted, http.StatusNotModified}
	writes   = []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent, http.StatusNotModified}
	replaces = []int{http.StatusOK, http.StatusAccepted, http.StatusNoContent, http.StatusNotModified}
	sends    = []int{http.StatusOK, http.StatusAccepted, http.StatusNoContent}
	searched = []int{http.StatusOK, http.StatusAccepted}
	justOK   = []int{http.StatusOK}
)

// partOfThing describes a thing or a part of it.
func partOfThing(pattern, name string, schema body, example any) resource {
	return resource{pattern: pattern, tag: "Things", operations: map[string]operation{
		http.MethodGet: {
			summary: "Retrieve " + name + ", or follow what happens to it", status: reads, gives: schema, device: true,
			parameters: with(with(toRead, toFollow...), toReplay...), events: true,
		},
		http.MethodPut: {
			summary: "Create or replace " + name, status: writes, takes: schema, gives: schema, example: example,
			parameters: toWrite, device: true,
		},
		http.MethodPatch: {
			summary: "Merge something into " + name, status: writes, takes: mediaMergePatch, gives: schema, example: example,
			parameters: toWrite, device: true,
		},
		http.MethodDelete: {summary: "Delete " + name, status: replaces, gives: "Acknowledgements", parameters: toWrite, device: true},
	}}
}

// partOfPolicy describes a policy or a part of it, with what else than reading can be done.
func partOfPolicy(pattern, name string, schema body, example any, methods ...string) resource {
	r := resource{pattern: pattern, tag: "Policies", operations: map[string]operation{
		http.MethodGet: {summary: "Retrieve " + name, status: reads, gives: schema, parameters: with(conditional, "fields", "policyView")},
	}}
	for _, method := range methods {
		switch method {
		case http.MethodPut:
			r.operations[method] = operation{
				summary: "Create or replace " + name, status: writes, takes: schema, gives: schema, example: example, parameters: ofPolicy,
			}
		case http.MethodDelete:
			r.operations[method] = operation{summary: "Delete " + name, status: replaces, gives: "Acknowledgements", parameters: ofPolicy}
		}
	}
	return r
}

// actionOnPolicy describes what can be done with the token of a request. Without a token it is refused.
func actionOnPolicy(pattern, summary string) resource {
	return resource{pattern: pattern, tag: "Policies", operations: map[string]operation{http.MethodPost: {
		summary: summary, status: replaces, takes: "Value", example: object{}, parameters: []string{"timeout", "responseRequired", "correlationId"},
	}}}
}

// boxOf describes messages with a subject, and those with any.
func boxOf(pattern, name string) []resource {
	follow := operation{summary: "Follow messages " + name, status: justOK, parameters: toListen, events: true, only: true}
	return []resource{
		{pattern: pattern, tag: "Messages", operations: map[string]operation{http.MethodGet: follow}},
		{pattern: pattern + "/{subject...}", tag: "Messages", operations: map[string]operation{
			http.MethodGet: follow,
			http.MethodPost: {
				summary: "Send a message " + name, status: sends, takes: mediaUnknown, gives: mediaUnknown, example: "Hello?",
				parameters: toSend, device: true,
			},
		}},
	}
}

// resources are all paths, and what can be done with them.
func resources() []resource {
	const put, del = http.MethodPut, http.MethodDelete
	all := []resource{
		{pattern: "/things", tag: "Things", operations: map[string]operation{
			http.MethodGet: {
				summary: "Retrieve things: those whose ids are given, or all; or follow what happens to them", status: justOK, gives: "Things",
				parameters: with(toFollow, "ids", "fields", "option", "timeout", "correlationId"), events: true,
			},
			http.MethodPost: {
				summary: "Create a thing with an id of its own", status: []int{http.StatusCreated, http.StatusAccepted}, takes: "Thing", gives: "Thing",
				example: object{"attributes": object{"location": "Kitchen"}}, parameters: with(toSend, "namespace"),
			},
		}},
		{pattern: "/search/things", tag: "Search", operations: map[string]operation{
			http.MethodGet: {
				summary: "Find things, a page of them, or all as events", status: searched, gives: "Found", parameters: with(toCount, "fields", "option"),
				events: true,
			},
			http.MethodPost: {
				summary: "Find things by a form", status: searched, takes: mediaForm, gives: "Found", parameters: toCountByForm,
				example: "filter=exists(thingId)&option=size(10)&fields=thingId",
			},
		}},
		{pattern: "/search/things/count", tag: "Search", operations: map[string]operation{
			http.MethodGet: {summary: "Count things", status: searched, gives: "Count", parameters: toCount},
			http.MethodPost: {
				summary: "Count things by a form", status: searched, takes: mediaForm, gives: "Count", parameters: toCountByForm,
				example: "filter=exists(thingId)",
			},
		}},
		partOfThing("/things/{thingId}", "a thing", "Thing", object{"attributes": object{"location": "Kitchen"}}),
		partOfThing("/things/{thingId}/policyId", "the id of the policy of a thing", "PolicyId", exampleID).without(del),
		partOfThing("/things/{thingId}/definition", "the definition of a thing", "Definition", "org.example:lamp:1.0.0"),
		partOfThing("/things/{thingId}/attributes", "the attributes of a thing", "Object", object{"location": "Kitchen"}),
		partOfThing("/things/{thingId}/attributes/{path...}", "an attribute, or something in it", "Value", 42),
		partOfThing("/things/{thingId}/features", "the features of a thing", "Features", object{"lamp": object{"properties": object{"on": true}}}),
		partOfThing("/things/{thingId}/features/{featureId}", "a feature", "Feature", object{"properties": object{"on": true}}),
		partOfThing("/things/{thingId}/features/{featureId}/definition", "the definition of a feature", "Definitions", []any{"org.example:lamp:1.0.0"}),
		partOfThing("/things/{thingId}/features/{featureId}/properties", "the properties of a feature", "Object", object{"on": true}),
		partOfThing("/things/{thingId}/features/{featureId}/properties/{path...}", "a property, or something in it", "Value", true),
		partOfThing("/things/{thingId}/features/{featureId}/desiredProperties", "the desired properties of a feature", "Object", object{"on": true}),
		partOfThing("/things/{thingId}/features/{featureId}/desiredProperties/{path...}", "a desired property, or something in it", "Value", false),
		{pattern: "/things/{thingId}/inbox/claim", tag: "Messages", operations: map[string]operation{http.MethodPost: {
			summary: "Claim a thing: ask whoever knows it for the rights to it", status: sends, takes: mediaUnknown, gives: mediaUnknown,
			example: "The code on the label is 4711.", parameters: toSend, device: true,
		}}},
		{pattern: "/policies", tag: "Policies", operations: map[string]operation{http.MethodPost: {
			summary: "Create a policy with an id of its own", status: []int{http.StatusCreated, http.StatusAccepted}, takes: "Policy", gives: "Policy",
			example: examplePolicy, parameters: with(ofPolicy, "namespace"),
		}}},
		partOfPolicy("/policies/{policyId}", "a policy", "Policy", examplePolicy, put, del),
		partOfPolicy("/policies/{policyId}/entries", "the entries of a policy", "Entries", examplePolicy["entries"], put),
		partOfPolicy("/policies/{policyId}/entries/{label}", "an entry of a policy", "Entry", exampleEntry, put, del),
		partOfPolicy("/policies/{policyId}/entries/{label}/subjects", "the subjects of an entry", "Subjects", exampleEntry["subjects"], put),
		partOfPolicy("/policies/{policyId}/entries/{label}/subjects/{subjectId...}", "a subject of an entry", "Subject", object{"type": "example"}, put, del),
		partOfPolicy("/policies/{policyId}/entries/{label}/resources", "the resources of an entry", "Resources", exampleEntry["resources"], put),
		partOfPolicy("/policies/{policyId}/entries/{label}/resources/{resource...}", "a resource of an entry", "Permissions", exampleGrant, put, del),
		partOfPolicy("/policies/{policyId}/entries/{label}/importable", "how an entry may be imported", "Importable", "implicit", put),
		partOfPolicy("/policies/{policyId}/entries/{label}/namespaces", "the namespaces that an entry holds for", "Names", []any{"org.example"}, put),
		partOfPolicy("/policies/{policyId}/entries/{label}/allowedAdditions", "what importing policies may add to an entry", "Names", []any{"subjects"}, put, del),
		partOfPolicy("/policies/{policyId}/entries/{label}/references", "the entries that an entry refers to", "References", []any{}, put, del),
		partOfPolicy("/policies/{policyId}/imports", "the imports of a policy", "Imports", object{}, put, del),
		partOfPolicy("/policies/{policyId}/imports/{importedPolicyId}", "an import of a policy", "Import", object{"entries": []any{}}, put, del),
		partOfPolicy("/policies/{policyId}/imports/{importedPolicyId}/entries", "which entries are imported", "Names", []any{}, put),
		partOfPolicy("/policies/{policyId}/imports/{importedPolicyId}/transitiveImports", "through which policies is imported", "Names", []any{}, put),
		actionOnPolicy("/policies/{policyId}/actions/activateTokenIntegration", "Add subjects from the token to a policy, in entries that the token may read for"),
		actionOnPolicy("/policies/{policyId}/actions/deactivateTokenIntegration", "Remove subjects from the token from a policy"),
		actionOnPolicy("/policies/{policyId}/entries/{label}/actions/activateTokenIntegration", "Add subjects from the token to an entry of a policy"),
		actionOnPolicy("/policies/{policyId}/entries/{label}/actions/deactivateTokenIntegration", "Remove subjects from the token from an entry of a policy"),
		{pattern: "/checkPermissions", tag: "Policies", operations: map[string]operation{http.MethodPost: {
			summary: "Ask which of some permissions the requester has", status: justOK, takes: "PermissionChecks", gives: "Permitted",
			example:    object{"mayRead": object{"resource": "thing:/attributes", "entityId": exampleID, "hasPermissions": []any{"READ"}}},
			parameters: []string{"correlationId"},
		}}},
		{pattern: "/whoami", tag: "Who", operations: map[string]operation{http.MethodGet: {
			summary: "Retrieve as whom the requester is known", status: justOK, gives: "Identity", parameters: []string{"correlationId"},
		}}},
		{pattern: "/cloudevents", tag: "Things", operations: map[string]operation{http.MethodPost: {
			summary: "Change a thing by the command in a CloudEvent", status: []int{http.StatusAccepted}, takes: mediaCloudEvent,
			example: exampleEvent, parameters: []string{"correlationId"},
		}}},
		open("/health", "Ask whether the gateway takes clients", "Health"),
		open("/status", "Ask whether the gateway takes clients", "Health"),
		open("/status/health", "Ask whether the gateway takes clients", "Health"),
		open("/apidoc", "Retrieve this description, or as a page for who accepts text/html", "Object"),
		open("/apidoc/openapi.json", "Retrieve this description", "Object"),
	}
	all = append(all, boxOf("/things/{thingId}/inbox/messages", "to a thing")...)
	all = append(all, boxOf("/things/{thingId}/outbox/messages", "from a thing")...)
	all = append(all, boxOf("/things/{thingId}/features/{featureId}/inbox/messages", "to a feature")...)
	return append(all, boxOf("/things/{thingId}/features/{featureId}/outbox/messages", "from a feature")...)
}

// without returns the resource without a method.
func (r resource) without(method string) resource {
	delete(r.operations, method)
	return r
}

// open describes what everybody may ask.
func open(pattern, summary string, schema body) resource {
	return resource{pattern: pattern, tag: "Gateway", outside: true, operations: map[string]operation{
		http.MethodGet: {summary: summary, status: justOK, gives: schema, open: true},
	}}
}
