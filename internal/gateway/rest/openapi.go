package rest

import (
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// openapi returns the description of the API (OpenAPI 3.0). It does not change.
var openapi = sync.OnceValue(func() []byte {
	text, err := json.Marshal(describe())
	if err != nil {
		return []byte("{}") // nothing in it cannot be encoded
	}
	return text
})

// describe returns the description of all that is served.
func describe() object {
	paths := object{}
	for _, r := range resources() {
		paths[pathOf(r.pattern)] = r.describe()
	}
	return object{
		"openapi": "3.0.3",
		"info": object{
			"title": "Twinway HTTP API", "version": "2",
			"description": "Digital twins over HTTP. Query parameters may be headers of the same name, and the other way round.",
		},
		"servers": []any{object{"url": "/" + strings.Join(base, "/")}},
		"security": []any{
			object{"basic": []any{}}, object{"bearer": []any{}},
		},
		"paths": paths,
		"components": object{
			"schemas": schemas, "parameters": parameters,
			"securitySchemes": object{
				"basic":  object{"type": "http", "scheme": "basic"},
				"bearer": object{"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
			},
			"responses": errorResponses(),
		},
	}
}

// pathOf returns a pattern of a route as OpenAPI writes it.
func pathOf(pattern string) string { return strings.ReplaceAll(pattern, "...}", "}") }

func (r *resource) describe() object {
	item := object{}
	if names := namesIn(r.pattern); len(names) > 0 {
		item["parameters"] = names
	}
	if r.outside {
		item["servers"] = []any{object{"url": "/"}}
	}
	for method, o := range r.operations {
		item[strings.ToLower(method)] = o.describe(r.tag, method)
	}
	return item
}

// namesIn returns the parameters in a pattern.
func namesIn(pattern string) (list []any) {
	for segment := range strings.SplitSeq(pattern, "/") {
		if !strings.HasPrefix(segment, "{") {
			continue
		}
		name := strings.TrimSuffix(strings.Trim(segment, "{}"), "...")
		p := object{"name": name, "in": "path", "required": true, "schema": aString()}
		maps.Copy(p, inPath[name])
		list = append(list, p)
	}
	return list
}

func (o *operation) describe(tag, method string) object {
	d := object{"tags": []any{tag}, "summary": o.summary, "responses": o.responses()}
	if len(o.parameters) > 0 {
		d["parameters"] = o.refer()
	}
	if o.takes != "" {
		d["requestBody"] = object{"required": o.takes != mediaUnknown, "content": o.taken()}
	}
	if o.open {
		d["security"] = []any{}
	}
	if method == http.MethodGet && o.only {
		d["description"] = "Only for clients that accept text/event-stream."
	}
	return d
}

func (o *operation) refer() (list []any) {
	for _, name := range o.parameters {
		list = append(list, object{"$ref": "#/components/parameters/" + name})
	}
	return list
}

// taken returns the bodies that are taken, by media type.
func (o *operation) taken() object {
	switch {
	case o.takes == mediaUnknown:
		return object{"*/*": object{"schema": object{"type": "string", "format": "binary"}, "example": o.example}}
	case strings.Contains(string(o.takes), "/"):
		return object{string(o.takes): object{"schema": object{}, "example": o.example}}
	}
	return object{mediaJSON: object{"schema": ref(string(o.takes)), "example": o.example}}
}

// responses returns the answers, those with errors included.
func (o *operation) responses() object {
	all := object{}
	for status := range errorStatuses {
		all[strconv.Itoa(status)] = object{"$ref": "#/components/responses/" + strconv.Itoa(status)}
	}
	for _, status := range o.status {
		all[strconv.Itoa(status)] = o.response(status)
	}
	if o.device {
		all["default"] = object{
			"description": "What somebody else has answered, who may choose the status.",
			"content":     object{"*/*": object{"schema": object{}}},
		}
	}
	return all
}

func (o *operation) response(status int) object {
	r := object{"description": http.StatusText(status)}
	if status != http.StatusOK && status != http.StatusCreated {
		return r
	}
	content := object{}
	if o.events {
		content[mediaEvents] = object{"schema": aString()}
	}
	switch {
	case o.only, o.gives == "":
	case o.gives == mediaUnknown:
		content["*/*"] = object{"schema": object{"type": "string", "format": "binary"}}
	case strings.Contains(string(o.gives), "/"):
		content[string(o.gives)] = object{"schema": aString()}
	default:
		content[mediaJSON] = object{"schema": ref(string(o.gives))}
	}
	if len(content) > 0 {
		r["content"] = content
	}
	return r
}

// errorResponses are those that operations share.
func errorResponses() object {
	all := object{}
	for status, why := range errorStatuses {
		all[strconv.Itoa(status)] = object{
			"description": why, "content": object{mediaJSON: object{"schema": ref("Error")}},
		}
	}
	return all
}
