package rest

// object is an object of the description.
type object = map[string]any

// Examples, which belong together.
const (
	exampleID      = "org.example:lamp"
	exampleSubject = "nginx:ditto"
)

var (
	exampleGrant = object{"grant": []any{"READ", "WRITE"}, "revoke": []any{}}
	exampleEntry = object{
		"subjects":  object{exampleSubject: object{"type": "example"}},
		"resources": object{"policy:/": exampleGrant, "thing:/": exampleGrant, "message:/": exampleGrant},
	}
	examplePolicy = object{"entries": object{"owner": exampleEntry}}
	exampleEvent  = object{
		"id": "1", "source": "/example", "specversion": "1.0", "type": "org.example.moved",
		"data": object{"topic": "org.example/lamp/things/twin/commands/modify", "path": "/attributes/location", "value": "Kitchen"},
	}
)

// errorStatuses are those that any operation may be answered with.
var errorStatuses = map[int]string{
	400: "Something of the request is wrong.",
	401: "Who asks could not be authenticated.",
	403: "Who asks may not do that.",
	404: "There is no such thing, or who asks may not know of it.",
	405: "The path does not have that method, or not for what is asked.",
	406: "None of the media types that the client accepts can be sent.",
	408: "It took too long.",
	409: "It contradicts something that there is.",
	412: "A condition does not hold.",
	413: "The body, or what it would make, is too large.",
	414: "The URI is too long.",
	415: "The body is of a type that cannot be read here.",
	422: "What is asked for cannot be.",
	424: "An acknowledgement failed, or did not come.",
	429: "There is too much under way already, or there were too many attempts.",
	431: "The headers, or what is known of who asks, are too large.",
	503: "The gateway does not take this now.",
}

// parameter returns a parameter that is a query parameter.
func parameter(name, description string, schema object, example any) object {
	p := object{"name": name, "in": "query", "description": description, "schema": schema}
	if example != nil {
		p["example"] = example
	}
	return p
}

func headerParameter(name, description string) object {
	return object{"name": name, "in": "header", "description": description, "schema": object{"type": "string"}}
}

func oneOf(values ...any) object { return object{"type": "string", "enum": values} }

func aString() object { return object{"type": "string"} }

func wholeNumber() object { return object{"type": "integer", "minimum": 1} }

func listOf(schema object) object { return object{"type": "array", "items": schema} }

func mapOf(schema object) object { return object{"type": "object", "additionalProperties": schema} }

// parameters are those of operations, by how operations name them.
var parameters = object{
	"fields":     parameter("fields", "What of it is wanted: names with commas between them, a/b or a(b,c) for what is in others.", aString(), nil),
	"ids":        parameter("ids", "The ids of the things, with commas between them.", aString(), exampleID),
	"namespace":  parameter("namespace", "Where what is created belongs. Default: that of the gateway.", aString(), "org.example"),
	"namespaces": parameter("namespaces", "Only things of these namespaces, with commas between them.", aString(), "org.example"),
	"filter":     parameter("filter", "Only what this RQL expression holds for.", aString(), `exists(thingId)`),
	"option":     parameter("option", "Options of a search: size(n), sort(+path,-path), cursor(text), with commas between them.", aString(), "size(10)"),
	"extraFields": parameter("extraFields", "What of the thing is to be told with each event.",
		aString(), "thingId"),
	"condition":            parameter("condition", "Only if this RQL expression holds for the thing.", aString(), `exists(thingId)`),
	"liveChannelCondition": parameter("live-channel-condition", "Ask the device if this RQL expression holds for the thing.", aString(), nil),
	"liveChannelTimeoutStrategy": parameter("live-channel-timeout-strategy", "What happens if the device does not answer.",
		oneOf("fail", "use-twin"), nil),
	"channel":            parameter("channel", "What is asked: the twin, or the device itself.", oneOf("twin", "live"), nil),
	"timeout":            parameter("timeout", "How long to wait: a number with ms, s or m, of seconds if there is no unit. 0: no answer is wanted.", aString(), "10s"),
	"responseRequired":   parameter("response-required", "Whether an answer is wanted. Without: 202, unless something is justOK wrong soon.", object{"type": "boolean"}, nil),
	"requestedAcks":      parameter("requested-acks", "What is waited for: labels with commas between them.", aString(), nil),
	"correlationId":      parameter("correlation-id", "What the answer, and what comes of the request, is to be recognised by.", aString(), "a1b2"),
	"allowPolicyLockout": parameter("allow-policy-lockout", "Whether who asks may lose the right to change the policy.", object{"type": "boolean"}, nil),
	"policyView":         parameter("policy-view", "How the policy is shown.", aString(), nil),
	"atHistoricalRevision": parameter("at-historical-revision", "As it was at this revision.",
		wholeNumber(), nil),
	"atHistoricalTimestamp":   parameter("at-historical-timestamp", "As it was at this time (RFC 3339).", aString(), nil),
	"fromHistoricalRevision":  parameter("from-historical-revision", "Events from this revision on, for server-sent events.", object{"type": "integer"}, nil),
	"toHistoricalRevision":    parameter("to-historical-revision", "Events up to this revision, for server-sent events.", object{"type": "integer"}, nil),
	"fromHistoricalTimestamp": parameter("from-historical-timestamp", "Events from this time on (RFC 3339), for server-sent events.", aString(), nil),
	"toHistoricalTimestamp":   parameter("to-historical-timestamp", "Events up to this time (RFC 3339), for server-sent events.", aString(), nil),
	"ifMatch":                 headerParameter("If-Match", "Only if it is this, or if there is any: *."),
	"ifNoneMatch":             headerParameter("If-None-Match", "Only if it is not this, or if there is none: *."),
	"ifEqual":                 headerParameter("If-Equal", "What happens if it is that already: update, skip or skip-minimizing-merge."),
	"getMetadata":             headerParameter("get-metadata", "Metadata to tell with it."),
	"putMetadata":             headerParameter("put-metadata", "Metadata to set with it."),
	"deleteMetadata":          headerParameter("delete-metadata", "Metadata to delete with it."),
}

// inPath are the parameters of paths.
var inPath = map[string]object{
	"thingId":          {"description": "The id of the thing, namespace:name.", "example": exampleID},
	"policyId":         {"description": "The id of the policy, namespace:name.", "example": exampleID},
	"importedPolicyId": {"description": "The id of the policy that is imported.", "example": "org.example:shared"},
	"featureId":        {"description": "The id of the feature.", "example": "lamp"},
	"label":            {"description": "The label of the entry.", "example": "owner"},
	"subjectId":        {"description": "The id of the subject. Slashes in it may be as they are.", "example": exampleSubject},
	"resource":         {"description": "The resource, such as thing:/attributes. Slashes in it are as they are.", "example": "thing:/"},
	"path":             {"description": "What is meant of it: names with slashes between them, which may be as they are.", "example": "location"},
	"subject":          {"description": "The subject of the message. Slashes in it may be as they are.", "example": "ask"},
}

// schemas are what bodies are.
var schemas = object{
	"Error": object{
		"type": "object", "required": []any{"status", "error", "message"},
		"properties": object{
			"status": object{"type": "integer"}, "error": aString(), "message": aString(), "description": aString(),
			"href": object{"type": "string", "format": "uri"},
		},
		"example": object{
			"status": 404, "error": "things:thing.notfound", "message": "There is no thing.", "description": "Check the id.",
		},
	},
	"Thing": object{"type": "object", "properties": object{
		"thingId": aString(), "policyId": aString(), "definition": object{"type": "string", "nullable": true},
		"attributes": ref("Object"), "features": ref("Features"), "_policy": ref("Policy"),
		"_copyPolicyFrom": aString(), "_revision": object{"type": "integer"}, "_modified": aString(), "_created": aString(),
		"_metadata": object{"type": "object"}, "_namespace": aString(),
	}},
	"Things": listOf(ref("Thing")),
	"Found": object{"type": "object", "properties": object{
		"items": ref("Things"), "cursor": aString(), "nextPageOffset": object{"type": "integer"},
	}},
	"Count":       object{"type": "integer"},
	"PolicyId":    aString(),
	"Definition":  object{"type": "string", "nullable": true, "description": "namespace:name:version, or a URL."},
	"Definitions": object{"type": "array", "items": aString(), "nullable": true},
	"Object":      object{"type": "object", "nullable": true},
	"Value":       object{"description": "Any JSON."},
	"Features":    object{"type": "object", "nullable": true, "additionalProperties": ref("Feature")},
	"Feature": object{"type": "object", "nullable": true, "properties": object{
		"definition": ref("Definitions"), "properties": ref("Object"), "desiredProperties": ref("Object"),
	}},
	"Policy": object{"type": "object", "properties": object{
		"policyId": aString(), "entries": ref("Entries"), "imports": ref("Imports"),
	}},
	"Entries": mapOf(ref("Entry")),
	"Entry": object{"type": "object", "properties": object{
		"subjects": ref("Subjects"), "resources": ref("Resources"), "importable": ref("Importable"), "namespaces": ref("Names"),
		"allowedAdditions": ref("Names"), "references": ref("References"),
	}},
	"Subjects": mapOf(ref("Subject")),
	"Subject": object{"type": "object", "properties": object{
		"type": aString(), "expiry": object{"type": "string", "format": "date-time"}, "announcement": object{"type": "object"},
	}},
	"Resources": mapOf(ref("Permissions")),
	"Permissions": object{"type": "object", "required": []any{"grant", "revoke"}, "properties": object{
		"grant": ref("Names"), "revoke": ref("Names"),
	}},
	"Importable": oneOf("implicit", "explicit", "never"),
	"Names":      listOf(aString()),
	"References": listOf(object{"type": "object", "properties": object{"import": aString(), "entry": aString()}}),
	"Imports":    mapOf(ref("Import")),
	"Import":     object{"type": "object", "properties": object{"entries": ref("Names"), "transitiveImports": ref("Names")}},
	"PermissionChecks": mapOf(object{"type": "object", "required": []any{"resource", "entityId", "hasPermissions"}, "properties": object{
		"resource": aString(), "entityId": aString(), "hasPermissions": ref("Names"),
	}}),
	"Permitted": mapOf(object{"type": "boolean"}),
	"Identity": object{"type": "object", "properties": object{
		"type": aString(), "defaultSubject": aString(), "subjects": ref("Names"),
	}},
	"Acknowledgements": mapOf(object{"type": "object", "properties": object{
		"status": object{"type": "integer"}, "payload": ref("Value"), "headers": object{"type": "object"},
	}}),
	"Health": object{"type": "object", "properties": object{"status": oneOf("UP", "DOWN")}},
}

// ref refers to a schema.
func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }
