package protocol

import (
	"testing"
	"time"
)

func mustPath(t testing.TB, text string) Path {
	t.Helper()
	p, err := ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestResponse(t *testing.T) {
	withAction := func(a Action) Topic {
		topic := modifyTopic
		topic.Action = a
		return topic
	}
	for name, c := range map[string]struct {
		response Response
		want     string
	}{
		"of a modification": {
			Response{Topic: withAction(Modify), Headers: headers(t, `{"correlation-id":"c"}`), Originator: "nginx:ditto", ETag: `"hash:2a"`,
				Revision: 7, Path: mustPath(t, "attributes/a~0"), Status: 204},
			`{"topic":"ns/n/things/twin/commands/modify","headers":{"correlation-id":"c","response-required":false,"ditto-originator":"nginx:ditto",` +
				`"etag":"\"hash:2a\"","entity-revision":7,"content-type":"application/json"},"path":"/attributes/a~0","status":204}`,
		},
		"that creates": {
			Response{Topic: withAction(Create), Headers: headers(t, `{"content-type":"application/merge-patch+json"}`), Value: []byte(`{}`), Status: 201},
			`{"topic":"ns/n/things/twin/commands/create","headers":{"response-required":false,"content-type":"application/json"},"path":"/","value":{},"status":201}`,
		},
		"of a merge": {
			Response{Topic: withAction(Merge), Headers: headers(t, `{"Content-Type":"Application/Merge-Patch+JSON; x=y"}`), Status: 204},
			`{"topic":"ns/n/things/twin/commands/merge","headers":{"response-required":false,"content-type":"application/merge-patch+json"},"path":"/","status":204}`,
		},
		"with metadata": {
			Response{Topic: withAction(Retrieve), Headers: headers(t, `{"get-metadata":"*","Ditto-Metadata":{"x":1},"z":"z"}`), Metadata: []byte(`{"a":{"unit":"m"}}`),
				Value: []byte("1"), Status: 200},
			`{"topic":"ns/n/things/twin/commands/retrieve","headers":{"response-required":false,"content-type":"application/json",` +
				`"ditto-metadata":{"a":{"unit":"m"}},"z":"z"},"path":"/","value":1,"status":200}`,
		},
		"with what the command had": {
			Response{Topic: withAction(Delete), Status: 204, Headers: headers(t, `{"X-First":1,"CORRELATION-ID":"c\u00e4","Response-Required":true,"ETag":"e",
				"entity-revision":1,"ditto-originator":"o","if-match":"*","timeout":"5s","declared-acks":[],"ditto-origin":"x","reply-to":"y"}`)},
			`{"topic":"ns/n/things/twin/commands/delete","headers":{"correlation-id":"c\u00e4","response-required":false,"content-type":"application/json",` +
				`"X-First":"1","timeout":"5s","reply-to":"y"},"path":"/","status":204}`,
		},
	} {
		if got := string(c.response.Append([]byte("x"))); got != "x"+c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

// The labels that a command requests are shown in the response, without those that only concern the server.
func TestResponseRequestedAcks(t *testing.T) {
	for requested, want := range map[string]string{
		`[]`:                                   `,"requested-acks":[]`,
		`["my:ack"]`:                           `,"requested-acks":["my:ack"]`,
		`["twin-persisted"]`:                   ``,
		`["live-response","search-persisted"]`: ``,
		`["twin-persisted","a-c","search-persisted","b-c"]`: `,"requested-acks":["a-c","b-c"]`,
	} {
		r := Response{Topic: modifyTopic, Headers: headers(t, `{"requested-acks":`+requested+`,"z":"z"}`), Status: 204}
		want := `{"topic":"ns/n/things/twin/commands/modify","headers":{"response-required":false,"content-type":"application/json"` +
			want + `,"z":"z"},"path":"/","status":204}`
		if got := string(r.Append(nil)); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", requested, got, want)
		}
	}
}

func TestEvent(t *testing.T) {
	when := time.Date(2026, 8, 18, 20, 32, 56, 120_000_000, time.FixedZone("", 7200))
	event := func(a Action) Topic {
		topic := modifyTopic
		topic.Criterion, topic.Action = Events, a
		return topic
	}
	for name, c := range map[string]struct {
		event Event
		want  string
	}{
		"of a modification": {
			Event{Topic: event(Modified), Headers: headers(t, `{"a":"1","correlation-id":"c","timeout":"5s","requested-acks":["twin-persisted","my:ack"],
				"content-type":"x"}`), Originator: "nginx:ditto", Path: mustPath(t, "/attributes/a"), Value: []byte("42"), Revision: 7, Timestamp: when},
			`{"topic":"ns/n/things/twin/events/modified","headers":{"correlation-id":"c","response-required":false,"ditto-originator":"nginx:ditto",` +
				`"entity-revision":7,"content-type":"application/json","requested-acks":[],"a":"1","timeout":"5s"},"path":"/attributes/a","value":42,` +
				`"revision":7,"timestamp":"2026-08-18T18:32:56.12Z"}`,
		},
		"of a merge, enriched and to be acknowledged": {
			Event{Topic: event(Merged), Value: []byte("null"), Extra: []byte(`{"x":1}`), RequestedAcks: []string{"a-c", "b-c"}, Revision: 1, Timestamp: when},
			`{"topic":"ns/n/things/twin/events/merged","headers":{"response-required":false,"entity-revision":1,` +
				`"content-type":"application/merge-patch+json","requested-acks":["a-c","b-c"]},"path":"/","value":null,"extra":{"x":1},` +
				`"revision":1,"timestamp":"2026-08-18T18:32:56.12Z"}`,
		},
		"to be acknowledged with a correlation id of its own": {
			Event{Topic: event(Deleted), Headers: headers(t, `{"correlation-id":"c"}`), CorrelationID: `c"#0`, Revision: 1, Timestamp: when},
			`{"topic":"ns/n/things/twin/events/deleted","headers":{"correlation-id":"c\"#0","response-required":false,"entity-revision":1,` +
				`"requested-acks":[]},"path":"/","revision":1,"timestamp":"2026-08-18T18:32:56.12Z"}`,
		},
		"of a delete, whose content type is that of the command": {
			Event{Topic: event(Deleted), Headers: headers(t, `{"content-type":"x"}`), Revision: 1, Timestamp: when},
			`{"topic":"ns/n/things/twin/events/deleted","headers":{"response-required":false,"entity-revision":1,"requested-acks":[],` +
				`"content-type":"x"},"path":"/","revision":1,"timestamp":"2026-08-18T18:32:56.12Z"}`,
		},
	} {
		if got := string(c.event.Append([]byte("x"))); got != "x"+c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func TestErrorResponse(t *testing.T) {
	failure := func(change func(*Error)) *Error {
		e := &Error{Status: 404, Code: "x:y", Message: "m"}
		if change != nil {
			change(e)
		}
		return e
	}
	const corr = `"correlation-id":"c","response-required":false,"content-type":"application/json"`
	for name, c := range map[string]struct {
		topic   string
		headers string
		err     *Error
		want    string // topic and headers
	}{
		"on the twin channel": {"ns/n/things/twin/commands/modify", `{"correlation-id":"c"}`, failure(nil),
			`"ns/n/things/twin/errors","headers":{` + corr + `}`},
		"on the live channel": {"ns/n/things/live/commands/modify", `{"correlation-id":"c"}`, failure(nil),
			`"ns/n/things/live/errors","headers":{` + corr + `}`},
		"on the channel of the header": {"ns/n/things/twin/commands/modify", `{"channel":"LIVE","correlation-id":"c"}`, failure(nil),
			`"ns/n/things/live/errors","headers":{` + corr + `,"channel":"live"}`},
		"of a message as such": {"ns/n/things/live/commands/modify", `{"correlation-id":"c"}`, failure(func(e *Error) { e.Unaddressed = true }),
			`"unknown/unknown/things/twin/errors","headers":{` + corr + `}`},
		"before there is a topic": {"", `{"correlation-id":"c"}`, failure(nil),
			`"unknown/unknown/things/twin/errors","headers":{` + corr + `}`},
		"about several things": {"ns/_/things/twin/commands/retrieve", `{"correlation-id":"c"}`, failure(nil),
			`"unknown/unknown/things/twin/errors","headers":{` + corr + `}`},
		"in no namespace": {"_/n/connections/commands/retrieve", `{"correlation-id":"c"}`, failure(nil),
			`"unknown/unknown/things/twin/errors","headers":{` + corr + `}`},
		"of a policy": {"ns/n/policies/commands/retrieve", `{"correlation-id":"c"}`, failure(nil),
			`"ns/n/things/twin/errors","headers":{` + corr + `}`},
		"of the class of policies": {"ns/n/things/twin/commands/create", `{"correlation-id":"c"}`, failure(func(e *Error) { e.Policy = true }),
			`"ns/n/policies/errors","headers":{` + corr + `}`},
		"of that class, but of the message": {"ns/n/things/twin/commands/create", `{"correlation-id":"c"}`,
			failure(func(e *Error) { e.Policy, e.Unaddressed = true, true }), `"unknown/unknown/things/twin/errors","headers":{` + corr + `}`},
		"with entity tag": {"ns/n/things/twin/commands/modify", `{}`, failure(func(e *Error) { e.ETag = `"rev:1"` }),
			`"ns/n/things/twin/errors","headers":{"response-required":false,"etag":"\"rev:1\"","content-type":"application/json"}`},
		"with a hint when to try again": {"ns/n/things/twin/commands/modify", `{"Retry-After":"1","Retry":"2"}`,
			failure(func(e *Error) { e.RetryAfter = 2001 * time.Millisecond }),
			`"ns/n/things/twin/errors","headers":{"response-required":false,"content-type":"application/json","retry-after":"3","Retry":"2"}`},
		"with what the command had": {"ns/n/things/twin/commands/modify",
			`{"Retry-After":"1","if-match":"*","content-type":"x","response-required":true,"requested-acks":["my:ack"]}`, failure(nil),
			`"ns/n/things/twin/errors","headers":{"response-required":false,"content-type":"application/json","Retry-After":"1","requested-acks":["my:ack"]}`},
	} {
		r := ErrorResponse{Headers: headers(t, c.headers), Error: c.err}
		if c.topic != "" {
			r.Topic, _ = ParseTopic(c.topic)
		}
		want := `{"topic":` + c.want + `,"path":"/","value":{"status":404,"error":"x:y","message":"m"},"status":404}`
		if got := string(r.Append([]byte("x"))); got != "x"+want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, want)
		}
	}
}

func TestErrorResponseOriginator(t *testing.T) {
	r := ErrorResponse{Topic: modifyTopic, Originator: "nginx:ditto", Error: &Error{Status: 400, Code: "c", Message: "m"}}
	const want = `{"topic":"ns/n/things/twin/errors","headers":{"response-required":false,"ditto-originator":"nginx:ditto",` +
		`"content-type":"application/json"},"path":"/","value":{"status":400,"error":"c","message":"m"},"status":400}`
	if got := string(r.Append(nil)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestRepliesDoNotAllocate(t *testing.T) {
	env := decoded(t, string(frame510))
	path := mustPath(t, env.Path)
	response := Response{Topic: env.Topic, Headers: env.Headers, ETag: `"hash:1"`, Revision: 1, Path: path, Status: 204}
	event := Event{Topic: env.Topic, Headers: env.Headers, Path: path, Value: env.Value, Revision: 1}
	failure := ErrorResponse{Topic: env.Topic, Headers: env.Headers, Error: ErrThingNotFound("ns:n")}
	buf := make([]byte, 0, 2048)
	for name, write := range map[string]func(){
		"response": func() { response.Append(buf) },
		"event":    func() { event.Append(buf) },
		"error":    func() { failure.Append(buf) },
	} {
		if n := testing.AllocsPerRun(100, write); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
