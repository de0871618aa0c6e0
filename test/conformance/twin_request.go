package conformance

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// methods are the actions of topics in HTTP.
var methods = map[string]string{
	"create": http.MethodPut, "modify": http.MethodPut, "merge": http.MethodPatch, "retrieve": http.MethodGet, "delete": http.MethodDelete,
}

// said is an envelope as it was written.
type said struct {
	topic, path string
	headers     object
	value       json.RawMessage
	members     map[string]json.RawMessage
}

// request returns the request that says what an envelope says, or why there is none.
func (p *pairing) request(_ int, s *send) (r *request, reason string) {
	if !s.json {
		return nil, "is no envelope"
	}
	e, ok := readSaid(s.text)
	if !ok {
		return nil, "is malformed"
	}
	if r, reason = e.target(); reason != "" {
		return nil, reason
	}
	if reason := r.addHeaders(e); reason != "" {
		return nil, reason
	}
	if r.requestsAcks() && p.listens[s.session] {
		return nil, "would be acknowledged by who sends it"
	}
	if reason := r.addDefaults(p.people[s.session]); reason != "" {
		return nil, reason
	}
	return r, r.otherwise()
}

// otherwise says why a request would mean something else than its envelope.
func (r *request) otherwise() (reason string) {
	media, _, _ := strings.Cut(strings.ToLower(r.said("content-type")), ";")
	unit := strings.TrimLeft(r.said("timeout"), "0123456789")
	switch {
	case slices.Contains([]string{"m", "h", "d", "w", "mo", "y"}, unit):
		return "waits longer than a request may"
	case !r.message && r.json && media != "" && media != mediaOf(r.method):
		return "says of its value what is not so"
	}
	if (r.method == http.MethodPatch || r.message) && media == "" {
		r.header = append(r.header, headerLine{name: "content-type"}) // none
	}
	return ""
}

func readSaid(text string) (e said, ok bool) {
	tree, err := decode([]byte(text))
	o, is := tree.(object)
	if err != nil || !is || json.Unmarshal([]byte(text), &e.members) != nil {
		return e, false
	}
	var topic, path bool
	e.topic, topic = o["topic"].(string)
	e.path, path = o["path"].(string)
	if headers, given := o["headers"]; given {
		if e.headers, is = headers.(object); !is {
			return e, false
		}
	}
	e.value = e.members["value"]
	return e, topic && path
}

// target returns the request without headers.
func (e *said) target() (r *request, reason string) {
	if _, given := e.members["status"]; given {
		return nil, "is a response"
	}
	words := strings.Split(e.topic, "/")
	command := len(words) > 5 && (words[4] == "commands" || words[4] == "messages")
	switch {
	case command && slices.ContainsFunc([]string{"revision", "timestamp", "metadata", "extra"}, func(m string) bool { return e.members[m] != nil }):
		return nil, "has members that no request has"
	case len(words) >= 6 && words[2] == "things" && words[4] == "commands" && (words[3] == "twin" || words[3] == "live"):
		return e.command("things", words[0], words[1], words[3], words[5])
	case len(words) >= 5 && words[2] == "policies" && words[3] == "commands":
		return e.command("policies", words[0], words[1], "", words[4])
	case len(words) >= 6 && words[2] == "things" && words[3] == "live" && words[4] == "messages":
		return e.message(words)
	}
	return nil, "is no command"
}

func (e *said) command(group, namespace, name, channel, action string) (r *request, reason string) {
	r = &request{method: methods[action]}
	switch {
	case action == "checkPermissions" && group == "policies" && name == "_":
		r.method, r.target = http.MethodPost, "/api/2/checkPermissions"
	case r.method == "":
		return nil, "is an action that HTTP does not have"
	case action == "create" && channel == "live":
		return nil, "is a create, which devices are not told by HTTP"
	case name == "_":
		return e.several(group, namespace, channel, action)
	case action == "create" && strings.Trim(e.path, "/") != "":
		return nil, "creates what is no entity"
	default:
		path, ok := escapePath(e.path)
		if !ok {
			return nil, "has a path that no URL has"
		}
		r.target = "/api/2/" + group + "/" + escapeText(namespace+":"+name) + path
	}
	if channel == "live" {
		r.header = append(r.header, headerLine{name: "channel", value: "live"})
	}
	if r.method != http.MethodGet && r.method != http.MethodDelete {
		r.body, r.json = string(e.value), len(e.value) > 0
		return r, ""
	}
	return r, r.addFields(e)
}

// several returns the request for several things.
func (e *said) several(group, namespace, channel, action string) (r *request, reason string) {
	var value struct {
		ThingIDs []string `json:"thingIds"`
	}
	if group != "things" || channel != "twin" || action != "retrieve" || json.Unmarshal(e.value, &value) != nil || len(value.ThingIDs) == 0 ||
		strings.Trim(e.path, "/") != "" {
		return nil, "is about several things in a way that HTTP does not have"
	}
	other := func(id string) bool { return namespace != "_" && !strings.HasPrefix(id, namespace+":") }
	if slices.ContainsFunc(value.ThingIDs, other) {
		return nil, "is about several things in a way that HTTP does not have"
	}
	r = &request{method: http.MethodGet, target: "/api/2/things?ids=" + escapeText(strings.Join(value.ThingIDs, ","))}
	var fields string
	if raw, given := e.members["fields"]; given {
		if json.Unmarshal(raw, &fields) != nil {
			return nil, "is malformed"
		}
		r.target += "&fields=" + escapeText(fields)
	}
	return r, ""
}

func (r *request) addFields(e *said) (reason string) {
	raw, given := e.members["fields"]
	if !given || r.method != http.MethodGet {
		return ""
	}
	var fields string
	if json.Unmarshal(raw, &fields) != nil {
		return "is malformed"
	}
	r.target += "?fields=" + escapeText(fields)
	return ""
}

// escapePath returns the path of an envelope as that of a URL.
func escapePath(path string) (escaped string, ok bool) {
	if path == "/" || path == "" {
		return "", true
	}
	if path[0] != '/' {
		return "", false
	}
	for segment := range strings.SplitSeq(strings.TrimSuffix(path[1:], "/"), "/") {
		if segment == "" || segment == "." || segment == ".." {
			return "", false
		}
		escaped += "/" + escapeText(segment)
	}
	if strings.HasSuffix(path, "/") {
		escaped += "/"
	}
	return escaped, true
}

// escapeText escapes text as a segment of a path, or as a value in a query, and keeps placeholders.
func escapeText(text string) string {
	var b strings.Builder
	end := 0
	for _, at := range placeholderForm.FindAllStringIndex(text, -1) {
		b.WriteString(escapeAll(text[end:at[0]]) + text[at[0]:at[1]])
		end = at[1]
	}
	return b.String() + escapeAll(text[end:])
}

func escapeAll(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

// commandHeaders are the headers of envelopes that mean the same as those of requests.
var commandHeaders = []string{
	"correlation-id", "response-required", "requested-acks", "timeout", "content-type", "channel", "reply-to", "traceparent", "tracestate",
	"dry-run", "accept", "if-match", "if-none-match", "if-equal", "condition", "live-channel-condition", "live-channel-timeout-strategy",
	"put-metadata", "get-metadata", "delete-metadata", "allow-policy-lockout", "at-historical-revision", "at-historical-timestamp",
	"merge-thing-patch-conditions", "policy-view", "declared-acks", "etag", "entity-revision", "ditto-originator", "ditto-metadata",
	"historical-headers", "live-channel-condition-matched",
}

// maxHeaders is how much all headers of a command may be, in bytes, if it comes by HTTP.
const maxHeaders = 5000

func (r *request) addHeaders(e said) (reason string) {
	if len(encode(e.headers)) > maxHeaders {
		return "has headers that are too large for a request"
	}
	for _, name := range slices.Sorted(maps.Keys(e.headers)) {
		value := e.headers[name]
		lower := strings.ToLower(name)
		if !slices.Contains(commandHeaders, lower) && (lower != name || !strings.HasPrefix(name, "x-") && name != "my-header") {
			return "has a header that requests do not pass on"
		}
		if _, list := value.([]any); !list && (lower == "requested-acks" || lower == "declared-acks") {
			return "lists labels in another way"
		}
		text, ok := headerText(value)
		if !ok {
			return "has a header that HTTP cannot carry"
		}
		r.header = slices.DeleteFunc(r.header, func(h headerLine) bool { return h.name == lower })
		r.header = append(r.header, headerLine{name: lower, value: text})
	}
	return ""
}

// parameters are the query parameters of a handshake that are headers of all messages.
var parameters = []string{
	"accept", "channel", "correlation-id", "requested-acks", "response-required", "timeout", "live-channel-timeout-strategy",
	"allow-policy-lockout", "condition", "live-channel-condition", "at-historical-revision", "at-historical-timestamp", "dry-run", "policy-view",
}

// headerText returns the value of a header as HTTP carries it.
func headerText(value any) (text string, ok bool) {
	text, is := value.(string)
	if !is {
		text = encode(value)
	}
	if value == nil || text == "" || strings.Contains(text, "<fill:") || strings.TrimSpace(text) != text {
		return "", false
	}
	return text, !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// vouching is the header in which a proxy names the subjects of who asks.
const vouching = "x-ditto-pre-authenticated"

// addDefaults adds what the session says for all its messages.
func (r *request) addDefaults(to endpoint) (reason string) {
	query, err := url.ParseQuery(strings.TrimPrefix(to.query, "?"))
	if err != nil {
		return "is of a session with defaults that no request has"
	}
	if query.Has(vouching) || to.header.Get(vouching) != "" {
		return "is of a session for which somebody vouches in another way"
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		values := query[name]
		if slices.Contains(parameters, name) && !r.has(name) {
			r.header = append(r.header, headerLine{name: name, value: values[0]})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(to.header)) {
		values := to.header[name]
		lower := strings.ToLower(name)
		if lower != "declared-acks" && slices.Contains(commandHeaders, lower) && !r.has(lower) {
			r.header = append(r.header, headerLine{name: lower, value: values[0]})
		}
	}
	return ""
}

func (r *request) has(name string) bool { return r.said(name) != "" }

func (r *request) said(name string) string {
	for _, line := range r.header {
		if strings.EqualFold(line.name, name) {
			return line.value
		}
	}
	return ""
}

// silent reports whether a request wants no response.
func (r *request) silent() bool {
	if required := r.said("response-required"); required != "" {
		return required == "false"
	}
	timeout := r.said("timeout")
	return timeout != "" && strings.TrimLeft(timeout, "0") == strings.TrimLeft(timeout, "0123456789") && timeout[0] == '0'
}

// requestsAcks reports whether somebody else has to acknowledge something.
func (r *request) requestsAcks() bool {
	labels := strings.NewReplacer("twin-persisted", "", "search-persisted", "", "live-response", "", "[", "", "]", "", `"`, "", ",", "", " ", "")
	return labels.Replace(r.said("requested-acks")) != ""
}

// mayWait reports whether the answer to a request may need somebody else.
func mayWait(r *request) bool {
	return r.message || r.said("channel") == "live" || r.has("live-channel-condition") || r.requestsAcks()
}
