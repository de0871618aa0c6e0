package protocol

import (
	"strconv"
	"testing"
)

func TestSubscriptionSignal(t *testing.T) {
	command := historyHeaders(t, `{"correlation-id":"c","x":"1","if-match":"*","timeout":"5s"}`)
	topic := Topic{Namespace: "ns", Name: "t", Group: Things, Channel: Twin, Criterion: Streaming}
	const headers = `"headers":{"correlation-id":"c","response-required":false,"ditto-originator":"nginx:a",` +
		`"content-type":"application/json","x":"1","timeout":"5s"},"path":"/","value":`
	for want, s := range map[string]SubscriptionSignal{
		`created",` + headers + `{"subscriptionId":"7"}}`:                        {ID: "7"},
		`next",` + headers + `{"subscriptionId":"7","item":{"a":1}}}`:            {ID: "7", Member: "item", Item: []byte(`{"a":1}`)},
		`complete",` + headers + `{"subscriptionId":"\"\\"}}`:                    {ID: `"\`},
		`failed",` + headers + `{"subscriptionId":"7","error":` + failure + `}}`: {ID: "7", Error: ErrStreamProtocol("7", "Why.")},
	} {
		s.Topic, s.Headers, s.Originator = topic, command, "nginx:a"
		s.Topic.Action = map[byte]Action{'c': Created, 'n': Next, 'f': Failed}[want[0]]
		if want[:2] == "co" {
			s.Topic.Action = Complete
		}
		want = `{"topic":"ns/t/things/twin/streaming/` + want
		if got := string(s.Append(nil)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

const failure = `{"status":400,"error":"streaming.subscription.protocol.error",` +
	`"message":"The request for the subscription \"7\" is not allowed.","description":"Why."}`

func TestReadSubscriptionRequest(t *testing.T) {
	for value, want := range map[string]string{
		`{"subscriptionId":"0","demand":25}`:       "0 25",
		`{"subscriptionId":"0"}`:                   "0 0",
		`{"subscriptionId":"0","demand":null}`:     "0 0",
		`{"subscriptionId":"","demand":-1}`:        " -1",
		`{"demand":1,"subscriptionId":"a","x":[]}`: "a 1",
		``:                                    "json.invalid",
		`{"demand":1}`:                        "json.field.missing",
		`{"subscriptionId":null,"demand":1}`:  "json.field.missing",
		`{"subscriptionId":0,"demand":1}`:     "json.invalid",
		`{"subscriptionId":"0","demand":"1"}`: "json.invalid",
		`{"subscriptionId":"0","demand":1.5}`: "json.invalid",
		`{"subscriptionId":"0","demand":1e3}`: "json.invalid",
		`{"subscriptionId":"0","demand":9223372036854775808}`: "json.invalid",
		`{"subscriptionId":"0","demand":9223372036854775807}`: "0 9223372036854775807",
		`[]`:  "json.format.invalid",
		`"0"`: "json.format.invalid",
	} {
		env := Envelope{}
		if value != "" {
			env.Value = []byte(value)
		}
		got := ""
		if r, err := ReadSubscriptionRequest(&env); err != nil {
			got = err.Code
		} else {
			got = r.ID + " " + strconv.FormatInt(r.Demand, 10)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}

// A copy of headers says the same and shares nothing with the text that they came in.
func TestHeadersClone(t *testing.T) {
	text := []byte(`{"topic":"a/b/things/twin/commands/retrieve","path":"/","headers":{"correlation-id":"c","X-Own":[1,2],"timeout":"5s"}}`)
	var env Envelope
	if err := Decode(text, &env); err != nil {
		t.Fatal(err)
	}
	want := string(env.Headers.AppendOut(nil))
	clone := env.Headers.Clone()
	for i := range text {
		text[i] = 'x'
	}
	if got := string(clone.AppendOut(nil)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var none Headers
	if clone := none.Clone(); clone.Len() != 0 {
		t.Errorf("the copy of no headers has %d", clone.Len())
	}
}
