package gateway_test

import (
	"strings"
	"testing"

	"github.com/twinway/twinway/test/gatewaytest"
)

const asJSON = "Content-Type: application/json"

// Messages that come over HTTP and over sessions are told by their payload, which is text, under their subject, to who may read them.
func TestEventStreamsOfMessages(t *testing.T) {
	w := newGallery(t)
	w.must("PUT /things/test:lamp/features/f", "{}", 201)
	w.create("test:other", "")
	session := dial(t, w.Gateway, gatewaytest.User)
	streams := map[string]*eventStream{}
	for name, path := range map[string]string{
		"inbox": "/things/test:lamp/inbox/messages", "outbox": "/things/test:lamp/outbox/messages", "feature": "/things/test:lamp/features/f/inbox/messages",
		"subject": "/things/test:lamp/inbox/messages/deep/a%20b", "open": "/things/test:lamp/inbox/messages/open",
	} {
		streams[name] = w.owner.stream(path)
	}
	guest := w.guest.stream("/things/test:lamp/inbox/messages")
	for _, m := range []struct{ path, media, body string }{
		{"test:lamp/inbox/messages/open", "text/plain", "a\nb"},
		{"test:lamp/inbox/messages/deep/a%20b", "application/json", `{"x": 1}`},
		{"test:lamp/inbox/messages/bytes", "application/octet-stream", "gr\xc3\xbcn \xff"},
		{"test:lamp/inbox/messages/latin", "application/x-latin; charset=ISO-8859-1", "gr\xfcn"},
		{"test:lamp/inbox/messages/spaces", "text/plain", " x"},
		{"test:lamp/outbox/messages/open", "text/plain", "out"},
		{"test:lamp/features/f/inbox/messages/open", "text/plain", "feature"},
		{"test:lamp/features/f/outbox/messages/open", "text/plain", "nobody listens"},
		{"test:other/inbox/messages/open", "text/plain", "nobody listens"},
	} {
		w.owner.call("POST /things/"+m.path+"?timeout=0", m.body, "Content-Type: "+m.media).is(t, "202")
	}
	session.send(live("messages/open", "/inbox/messages/open", `"response-required":false`, `,"value":"bGFzdA=="`))
	streams["inbox"].expect("event:open|data:a|data:b", `event:deep/a b|data:{"x": 1}`, "event:bytes|data:grün \uFFFD", "event:latin|data:grün",
		"event:spaces|data:  x", "event:open|data:last")
	w.owner.call("POST /things/test:lamp/inbox/messages/deep/a%20b?timeout=0", "last", "Content-Type: text/plain").is(t, "202")
	w.owner.call("POST /things/test:lamp/outbox/messages/open?timeout=0", "last", "Content-Type: text/plain").is(t, "202")
	w.owner.call("POST /things/test:lamp/features/f/inbox/messages/open?timeout=0", "last", "Content-Type: text/plain").is(t, "202")
	streams["inbox"].expect("event:deep/a b|data:last")
	streams["outbox"].expect("event:open|data:out", "event:open|data:last")
	streams["feature"].expect("event:open|data:feature", "event:open|data:last")
	streams["subject"].expect(`event:deep/a b|data:{"x": 1}`, "event:deep/a b|data:last")
	for _, of := range []*eventStream{streams["open"], guest} {
		of.expect("event:open|data:a|data:b", "event:open|data:last")
	}
}

// A filter is about the message and about the extra fields, which are not told.
func TestEventStreamsOfFilteredMessages(t *testing.T) {
	w := newGallery(t)
	of := w.owner.stream(`/things/test:lamp/inbox/messages?extraFields=attributes/room&filter=eq(attributes/room,"cellar")`)
	send := func(text string) {
		w.owner.call("POST /things/test:lamp/inbox/messages/m?timeout=0", text, "Content-Type: text/plain").is(t, "202")
	}
	send("in the hall")
	w.must(attribute("room"), `"cellar"`, 204)
	send("in the cellar")
	of.expect("event:m|data:in the cellar")
}

// A stream is nobody who could answer.
func TestEventStreamsAnswerNothing(t *testing.T) {
	w := newGallery(t)
	of := w.owner.stream("/things/test:lamp/inbox/messages")
	answer := w.owner.later("POST /things/test:lamp/inbox/messages/ask?timeout=1", "?", "Content-Type: text/plain")
	of.expect("event:ask|data:?")
	(<-answer).is(t, "408 command.timeout")
}

// What has happened is told as it would have been, and then the stream ends.
func TestEventStreamsOfHistory(t *testing.T) {
	w := newGallery(t)
	w.must(attribute("a"), "1", 201)
	w.must("PATCH /things/test:lamp", `{"attributes":{"room":null}}`, 204)
	w.must("DELETE /things/test:lamp/attributes/a", "", 204)
	const (
		created = `{"thingId":"test:lamp","policyId":"test:lamp","attributes":{"room":"hall","secret":1}}`
		a       = `{"thingId":"test:lamp","attributes":{"a":1}}`
		patch   = `{"thingId":"test:lamp","attributes":{"room":null}}`
		gone    = `{"thingId":"test:lamp"}`
	)
	for path, want := range map[string][]string{
		"?from-historical-revision=0":                                                {created, a, patch, gone},
		"?from-historical-revision=2&to-historical-revision=3":                       {a, patch},
		"?to-historical-revision=1":                                                  {created},
		"?from-historical-revision=9":                                                nil,
		"?from-historical-timestamp=2020-01-01T00:00:00Z":                            {created, a, patch, gone},
		"?to-historical-timestamp=2020-01-01T00:00:00Z":                              nil,
		"?from-historical-revision=2&fields=thingId,_revision":                       {`{"thingId":"test:lamp","_revision":2}`, `{"thingId":"test:lamp","_revision":3}`, `{"thingId":"test:lamp","_revision":4}`},
		"?from-historical-revision=0&filter=exists(attributes/a)":                    {a},
		"?from-historical-revision=0&fields=attributes/a":                            {`{"attributes":{"a":1}}`},
		"/attributes/room?from-historical-revision=0":                                {`"hall"`, `null`},
		"/features?from-historical-revision=0":                                       nil,
		"?from-historical-revision=0&fields=_context/topic&to-historical-revision=1": {`{"_context":{"topic":"test/lamp/things/twin/events/created"}}`},
	} {
		of := w.owner.stream("/things/test:lamp" + path)
		of.expect(want...)
		of.mustEnd()
	}
	w.guest.call("GET /things/test:lamp?from-historical-revision=0", "", "Accept: text/event-stream").is(t, "404 things:thing.notfound")
}

// What is wrong is told before a stream begins, like with other requests.
func TestEventStreamsThatCannotBegin(t *testing.T) {
	w := newGallery(t, withAccess(opening("test", "test.*")))
	for what, want := range map[string]string{
		"GET /things?filter=foo":                                           "400 rql.expression.invalid",
		"GET /things?filter=":                                              "400 rql.expression.invalid",
		"GET /things?extraFields=bogus":                                    "400 things:field.selection.invalid",
		"GET /things?extraFields=attributes(":                              "400 json.fieldselector.invalid",
		"GET /things?fields=attributes(":                                   "400 json.fieldselector.invalid",
		"GET /things?fields=":                                              "400 json.fieldselector.invalid",
		"GET /things?ids=test:a/b":                                         "400 things:id.invalid",
		"GET /things?ids=,test:a,b":                                        "400 things:id.invalid",
		"GET /things?ids=foreign:lamp":                                     "403 gateway:namespace.notaccessible",
		"GET /things/foreign:lamp":                                         "403 gateway:namespace.notaccessible",
		"GET /things/foreign:lamp/inbox/messages":                          "403 gateway:namespace.notaccessible",
		"GET /things/foreign:lamp?from-historical-revision=1":              "403 gateway:namespace.notaccessible",
		"GET /things/test:lamp/attributes?filter=x":                        "400 rql.expression.invalid",
		"GET /things/test:lamp?from-historical-revision=x":                 "400 json.invalid",
		"GET /things/test:lamp?from-historical-timestamp=x":                "400 json.invalid",
		"GET /things/test:lamp?from-historical-revision=0&filter=x":        "400 rql.expression.invalid",
		"GET /things/test:lamp?from-historical-revision=0&fields=x(":       "400 json.fieldselector.invalid",
		"GET /things/test:absent?from-historical-revision=0":               "404 things:thing.notfound",
		"GET /things/test:lamp/inbox/messages?filter=x":                    "400 rql.expression.invalid",
		"GET /things/test:lamp/features/" + "a%2Fb/inbox/messages":         "400 messages:featureid.invalid",
		"GET /things/test:lamp/inbox/messages/" + strings.Repeat("x", 257): "400 messages:subject.invalid",
		"GET /policies/test:lamp":                                          `200 application/json`, // there are none
		"PUT /things/test:lamp/attributes/a":                               "201 application/json 1",
	} {
		got := w.owner.call(what, map[bool]string{true: "1"}[strings.HasPrefix(what, "PUT")], asJSON, "Accept: text/event-stream").String()
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s is answered %s, want %s", what, got, want)
		}
	}
	for accept, want := range map[string]string{"*/*": "405", "text/event-stream;q=0": "405", "application/json": "405"} {
		got := w.owner.call("GET /things/test:lamp/inbox/messages/x", "", "Accept: "+accept).String()
		if !strings.HasPrefix(got, want) {
			t.Errorf("%s is answered %s, want %s", accept, got, want)
		}
	}
	w.owner.call("GET /things/test:lamp/attributes/room", "", "Accept: */*").is(t, `200 application/json "hall"`)
	if a := w.owner.call("HEAD /things", "", "Accept: text/event-stream"); a.status != 200 || a.header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("HEAD is answered %s", a)
	}
}
