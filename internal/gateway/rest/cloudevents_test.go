package rest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const (
	modify  = `{"topic":"org.example/lamp/things/twin/commands/modify","path":"/attributes/location","value":%q}`
	asEvent = "application/cloudevents+json"
)

// told returns how a request was answered: the status, and the code of the error.
func told(r result) string {
	var e struct{ Error string }
	_ = json.Unmarshal(r.body, &e)
	return strings.TrimSpace(fmt.Sprint(r.status, " ", e.Error))
}

// location returns where the lamp is.
func (v *visitor) location() string {
	return string(v.call("GET", "/api/2/things/org.example:lamp/attributes/location", "", "", nil).body)
}

// binary returns the attributes of a CloudEvent as headers; an empty value removes one.
func binary(changes ...string) http.Header {
	h := http.Header{"Ce-Id": {"1"}, "Ce-Source": {"/test"}, "Ce-Specversion": {"1.0"}, "Ce-Type": {"t"}}
	for i := 0; i < len(changes); i += 2 {
		h.Del(changes[i])
		if changes[i+1] != "" {
			h.Set(changes[i], changes[i+1])
		}
	}
	return h
}

func TestCloudEventsChangeThings(t *testing.T) {
	v := newVisitor(t)
	v.prepare()
	data := func(room string) string { return fmt.Sprintf(modify, room) }
	structured := func(more string) string {
		return `{"id":"1","source":"/test","specversion":"1.0","type":"t",` + more + `}`
	}
	for i, tt := range []struct {
		media, body string
		header      http.Header
	}{
		{"application/json", data("room 0"), binary()},
		{"application/vnd.eclipse.ditto+json; charset=utf-8", data("room 1"), binary()},
		{"application/json", data("room 2"), binary("Ce-Dataschema", "ditto:some-schema")},
		{asEvent, structured(`"data":` + data("room 3")), nil},
		{asEvent + "; charset=utf-8", structured(`"datacontenttype":"application/vnd.eclipse.ditto+json","dataschema":"ditto:x","data":` + data("room 4")), nil},
		{asEvent, structured(`"data_base64":"` + base64.StdEncoding.EncodeToString([]byte(data("room 5"))) + `"`), nil},
		{asEvent, structured(`"dataschema":"","data":` + data("room 6")), nil},
	} {
		got := v.call("POST", "/api/2/cloudevents", tt.media, tt.body, tt.header)
		if want := fmt.Sprintf(`"room %d"`, i); told(got) != "202" || len(got.body) > 0 || v.location() != want {
			t.Errorf("%d: answered %s %s, and the lamp is in %s", i, told(got), got.body, v.location())
		}
	}
}

func TestCloudEventsAreRefused(t *testing.T) {
	v := newVisitor(t)
	v.prepare()
	command := fmt.Sprintf(modify, "x")
	topic := func(topic string) string { return strings.Replace(command, "things/twin/commands/modify", topic, 1) }
	for name, tt := range map[string]struct {
		media, body string
		header      http.Header
		want        string
	}{
		"no credentials":          {"application/json", command, http.Header{"Authorization": nil}, "401 gateway:authentication.failed"},
		"no attributes":           {"application/json", command, nil, "400 gateway:cloudevent.unparsable"},
		"no id":                   {"application/json", command, binary("Ce-Id", ""), "400 gateway:cloudevent.unparsable"},
		"no source":               {"application/json", command, binary("Ce-Source", ""), "400 gateway:cloudevent.unparsable"},
		"no specversion":          {"application/json", command, binary("Ce-Specversion", ""), "400 gateway:cloudevent.unparsable"},
		"no type":                 {"application/json", command, binary("Ce-Type", ""), "400 gateway:cloudevent.unparsable"},
		"another version":         {"application/json", command, binary("Ce-Specversion", "2.0"), "400 gateway:cloudevent.unparsable"},
		"no body":                 {"application/json", "", binary(), "400 gateway:cloudevent.payload.missing"},
		"another type":            {"text/plain", command, binary(), "415 mediatype.unsupported"},
		"no type of body":         {"", command, binary(), "415 mediatype.unsupported"},
		"another schema":          {"application/json", command, binary("Ce-Dataschema", "https://example.com"), "400 gateway:cloudevent.dataschema.unsupported"},
		"a batch":                 {"application/cloudevents-batch+json", "[]", nil, "415 mediatype.unsupported"},
		"no JSON":                 {asEvent, "{", nil, "400 gateway:cloudevent.unparsable"},
		"no object":               {asEvent, "[]", nil, "400 gateway:cloudevent.unparsable"},
		"an id of numbers":        {asEvent, `{"id":1,"source":"/","specversion":"1.0","type":"t","data":{}}`, nil, "400 gateway:cloudevent.unparsable"},
		"no data":                 {asEvent, `{"id":"1","source":"/","specversion":"1.0","type":"t"}`, nil, "400 gateway:cloudevent.payload.missing"},
		"data twice":              {asEvent, `{"id":"1","source":"/","specversion":"1.0","type":"t","data":{},"data_base64":""}`, nil, "400 gateway:cloudevent.unparsable"},
		"no base64":               {asEvent, `{"id":"1","source":"/","specversion":"1.0","type":"t","data_base64":"?"}`, nil, "400 gateway:cloudevent.unparsable"},
		"data in XML":             {asEvent, `{"id":"1","source":"/","specversion":"1.0","type":"t","datacontenttype":"text/xml","data":"<a/>"}`, nil, "415 mediatype.unsupported"},
		"no command":              {"application/json", "{}", binary(), "400 json.field.missing"},
		"JSON of no command":      {"application/json", "[", binary(), "400 json.invalid"},
		"a retrieve":              {"application/json", topic("things/twin/commands/retrieve"), binary(), "400 protocoladapter:unknown.topicpath"},
		"a live command":          {"application/json", topic("things/live/commands/modify"), binary(), "400 protocoladapter:unknown.topicpath"},
		"an event":                {"application/json", topic("things/twin/events/modified"), binary(), "400 protocoladapter:unknown.topicpath"},
		"about a policy":          {"application/json", topic("policies/commands/modify"), binary(), "400 protocoladapter:unknown.topicpath"},
		"about what there is not": {"application/json", strings.Replace(command, "lamp", "other", 1), binary(), "404 things:thing.notfound"},
		"that does not hold": {
			"application/json", strings.Replace(command, "{", `{"headers":{"condition":"exists(attributes/no)"},`, 1), binary(), "412 things:condition.failed",
		},
		"that wants no response": {
			"application/json", strings.Replace(strings.Replace(command, "lamp", "other", 1), "{", `{"headers":{"response-required":false},`, 1),
			binary(), "404 things:thing.notfound",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got := v.call("POST", "/api/2/cloudevents", tt.media, tt.body, tt.header); told(got) != tt.want {
				t.Errorf("answered %s %s, want %s", told(got), got.body, tt.want)
			}
		})
	}
}
