package protocol

import (
	"fmt"
	"strings"
	"testing"
)

func TestReadSearch(t *testing.T) {
	const topic = `{"topic":"_/_/things/twin/search/subscribe","path":"/"`
	for text, want := range map[string]string{
		`}`:              `{ false  [] "" false}`,
		`,"value":null}`: `{ false  [] "" false}`,
		`,"value":{}}`:   `{ false  [] "" false}`,
		`,"fields":"a"}`: `{ false  [] "a" true}`,
		`,"value":{"filter":"exists(thingId)","options":"size(5)","namespaces":["a","b"]},"fields":"thingId,attributes(a,b)"}`: `{exists(thingId) true size(5) [a b] "thingId,attributes(a,b)" true}`,
		`,"value":{"filter":"","options":"","namespaces":[]}}`:                                                                 `{ true  [] "" false}`,
		`,"value":{"filter":null,"options":null,"namespaces":null}}`:                                                           `{ false  [] "" false}`,
		`,"value":{"filter":"like(attributes/a,\"\u00e4*\")","x":[1]}}`:                                                        `{like(attributes/a,"ä*") true  [] "" false}`,
		`,"value":{"fields":"a"}}`:            `{ false  [] "" false}`, // Protocol rule: they are no member of the value.
		`,"value":{"filter":1}}`:              "json.invalid",
		`,"value":{"filter":["a"]}}`:          "json.invalid",
		`,"value":{"options":5}}`:             "json.invalid",
		`,"value":{"options":{"size":5}}}`:    "json.invalid",
		`,"value":{"namespaces":"a,b"}}`:      "json.invalid",
		`,"value":{"namespaces":{"a":"b"}}}`:  "json.invalid",
		`,"value":{"namespaces":["a",null]}}`: "json.invalid",
		`,"value":{"namespaces":[["a"]]}}`:    "json.invalid",
		`,"value":[]}`:                        "json.format.invalid",
		`,"value":"size(5)"}`:                 "json.format.invalid",
	} {
		var env Envelope
		if err := Decode([]byte(topic+text), &env); err != nil {
			t.Fatalf("%s: %s", text, err.Description)
		}
		p, err := ReadSearch(&env)
		got := fmt.Sprintf("{%s %t %s %v %q %t}", p.Filter, p.HasFilter, p.Options, p.Namespaces, p.Fields, p.HasFields)
		if err != nil {
			got = err.Code
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestCheckNamespaces(t *testing.T) {
	many := make([]string, 257)
	for list, valid := range map[string]bool{
		"": true, "a": true, "org.acme-x.y_1": true, "a,b,a": true,
		"*": false, "org.*": false, "1": false, "a.": false, ".a": false, "a..b": false, "a b": false, "ä": false, "a,-": false,
		strings.Repeat("a", 256): true, strings.Repeat("a", 257): false,
		strings.Join(many[:256], ","): true, strings.Join(many, ","): false,
	} {
		err := CheckNamespaces(strings.Split(list, ","))
		if (err == nil) != valid || err != nil && err.Code != "thing-search:search.namespaces.invalid" {
			t.Errorf("%.60s: %v", list, err)
		}
	}
}

// What is sent in a search has the topic of what subscribed, with another action.
func TestSearchSignals(t *testing.T) {
	topic, err := ParseTopic("_/_/things/twin/search/subscribe")
	if err != nil {
		t.Fatal(err)
	}
	for action, s := range map[string]SubscriptionSignal{
		`created","headers":{"response-required":false,"content-type":"application/json"},"path":"/","value":{"subscriptionId":"0"}}`:                {Topic: Topic{Action: Created}},
		`next","headers":{"response-required":false,"content-type":"application/json"},"path":"/","value":{"subscriptionId":"0","items":[{"a":1}]}}`: {Topic: Topic{Action: Next}, Member: "items", Item: []byte(`[{"a":1}]`)},
		`complete","headers":{"response-required":false,"content-type":"application/json"},"path":"/","value":{"subscriptionId":"0"}}`:               {Topic: Topic{Action: Complete}},
	} {
		action = `{"topic":"_/_/things/twin/search/` + action
		of := topic
		of.Action = s.Topic.Action
		s.Topic, s.ID = of, "0"
		if got := string(s.Append(nil)); got != action {
			t.Errorf("got  %s\nwant %s", got, action)
		}
	}
}
