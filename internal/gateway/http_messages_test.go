package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
	"github.com/twinway/twinway/test/slowdisk"
)

// caller sends HTTP requests of a user.
type caller struct {
	t      *testing.T
	g      *gateway.Gateway
	user   string
	client *http.Client
}

func callerOf(t *testing.T, g *gateway.Gateway, user string) *caller {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(transport.CloseIdleConnections)
	return &caller{t, g, user, &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}}
}

// request makes a request to the API, "POST /things/…", with "name: value" headers.
func (c *caller) request(ctx context.Context, what, body string, headers ...string) *http.Request {
	c.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	r, err := http.NewRequestWithContext(ctx, method, "http://"+c.g.Address()+"/api/2"+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header = authorization(c.user, gatewaytest.Password)
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	return r
}

// try sends a request that may fail.
func (c *caller) try(r *http.Request) (answer, error) {
	response, err := c.client.Do(r)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, body}, errors.Join(err, response.Body.Close())
}

// call sends a request and returns how it is answered.
func (c *caller) call(what, body string, headers ...string) answer {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute) // a guard against hanging
	defer cancel()
	a, err := c.try(c.request(ctx, what, body, headers...))
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
	return a
}

// later sends a request and returns where its answer will be. The test must take it.
func (c *caller) later(what, body string, headers ...string) <-chan answer {
	c.t.Helper()
	answers := make(chan answer, 1)
	go func() {
		defer close(answers)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		a, err := c.try(c.request(ctx, what, body, headers...))
		if err != nil {
			c.t.Errorf("%s: %v", what, err)
			return
		}
		answers <- a
	}()
	return answers
}

// String returns what most tests compare: the status, and the code of the error or else the body with its type.
func (a answer) String() string {
	var e struct{ Error string }
	if a.status >= 400 && json.Unmarshal(a.body, &e) == nil && e.Error != "" {
		return fmt.Sprint(a.status, " ", e.Error)
	}
	if len(a.body) == 0 {
		return fmt.Sprint(a.status)
	}
	return fmt.Sprint(a.status, " ", a.header.Get("Content-Type"), " ", string(a.body))
}

func (a answer) is(t *testing.T, want string) {
	t.Helper()
	if got := a.String(); got != want {
		t.Errorf("answered %s, want %s", got, want)
	}
}

// respond answers what the device was asked last.
func (c *client) respond(asked frame, rest string, headers string) {
	c.t.Helper()
	text := fmt.Sprintf(`{"topic":%q,"path":%q,"headers":{"correlation-id":%q%s}%s}`, asked.Topic, asked.Path, asked.id(), headers, rest)
	c.send(text)
}

// TestHTTPPayloads sends payloads of all kinds of types, and looks at how a device is sent them, and how its answer with the same
// payload comes back.
func TestHTTPPayloads(t *testing.T) {
	s := newStage(t, `{}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	for _, tc := range []struct{ media, body, value, back string }{
		{"application/json", `{"a": [1, 2.50]}`, `{"a": [1, 2.50]}`, `application/json {"a": [1, 2.50]}`},
		{"application/json", `null`, `null`, `application/json null`},
		{"application/vnd.acme+json;v=1", `"x"`, `"x"`, `application/vnd.acme+json;v=1 "x"`},
		{"text/plain", "a\"b\n", `"a\"b\n"`, "text/plain; charset=utf-8 a\"b\n"},
		{"text/plain; charset=ISO-8859-1", "gr\xfcn", `"grün"`, "text/plain; charset=utf-8 grün"},
		{"text/html", "<b>", `"<b>"`, "text/html; charset=utf-8 <b>"},
		{"application/javascript", "1", `"1"`, "application/javascript; charset=utf-8 1"},
		{"application/octet-stream", "\x00\xff", `"AP8="`, "application/octet-stream \x00\xff"},
		{"image/png", "png", `"cG5n"`, "image/png png"},
		{"application/merge-patch+json", `{}`, `"e30="`, "application/merge-patch+json {}"},
		{"", "x", `"eA=="`, "application/octet-stream x"},
	} {
		var headers []string
		if tc.media != "" {
			headers = append(headers, "Content-Type: "+tc.media)
		}
		answers := h.later("POST /things/test:lamp/inbox/messages/ask", tc.body, headers...)
		asked := s.device.expect("live/messages/ask /inbox/messages/ask " + tc.value)
		more := ""
		if tc.media != "" {
			more = fmt.Sprintf(`,"content-type":%q`, tc.media)
		}
		if got := asked.Headers["content-type"]; tc.media != "" && got != tc.media || tc.media == "" && got != nil {
			t.Errorf("%s: the device is told of the type %v", tc.media, got)
		}
		s.device.respond(asked, `,"status":203,"value":`+tc.value, more)
		a := <-answers
		a.is(t, "203 "+tc.back)
		if a.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: the answer has the headers %v", tc.media, a.header)
		}
	}
}

// TestHTTPAddresses sends messages everywhere.
func TestHTTPAddresses(t *testing.T) {
	s := newStage(t, `{}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	for _, tc := range []struct{ path, want string }{
		{"/inbox/messages/ask", "live/messages/ask /inbox/messages/ask"},
		{"/inbox/messages/a/b%20c/d", "live/messages/a/b c/d /inbox/messages/a/b c/d"},
		{"/inbox/messages/a%2Fb", "live/messages/a/b /inbox/messages/a/b"},
		{"/inbox/messages/a/", "live/messages/a/ /inbox/messages/a/"},
		{"/inbox/messages/messages/features", "live/messages/messages/features /inbox/messages/messages/features"},
		{"/outbox/messages/tell", "live/messages/tell /outbox/messages/tell"},
		{"/features/f/inbox/messages/ask", "live/messages/ask /features/f/inbox/messages/ask"},
		{"/features/inbox/outbox/messages/a/b", "live/messages/a/b /features/inbox/outbox/messages/a/b"},
		{"/features/messages/inbox/messages/a", "live/messages/a /features/messages/inbox/messages/a"},
		{"/inbox/claim", "live/messages/claim /inbox/messages/claim"},
		{"/inbox/messages/claim", "live/messages/claim /inbox/messages/claim"},
		{"/features/f/inbox/messages/claim", "live/messages/claim /features/f/inbox/messages/claim"},
	} {
		h.call("POST /things/test:lamp"+tc.path+"?response-required=false", "").is(t, "202")
		s.device.expect(tc.want)
	}
}

// TestHTTPMessageHeaders looks at what headers a device is shown, and which of its own come back.
func TestHTTPMessageHeaders(t *testing.T) {
	s := newStage(t, `{}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	answers := h.later("POST /things/test:lamp/features/f/inbox/messages/ask?timeout=7s", "1", "Content-Type: application/json",
		"Correlation-Id: c", "X-Mine: a", "X-Mine: b", "Reply-To: me", "Cookie: secret", "X-Auth-Request-Access-Token: secret",
		"X-Forwarded-For: here", "User-Agent: test", "Accept-Language: de", "Origin: here", "If-Match: *", "Condition: exists(thingId)")
	asked := s.device.expect("live/messages/ask /features/f/inbox/messages/ask 1")
	want := map[string]any{
		"correlation-id": "c", "response-required": true, "ditto-originator": "nginx:ditto", "channel": "live", "timeout": "7s",
		"content-type": "application/json", "x-mine": "a,b", "reply-to": "me",
		"ditto-message-direction": "TO", "ditto-message-subject": "ask", "ditto-message-thing-id": "test:lamp", "ditto-message-feature-id": "f",
	}
	if diff := cmp.Diff(want, asked.Headers); diff != "" {
		t.Errorf("the device is shown, -want +got\n%s", diff)
	}
	s.device.respond(asked, `,"status":404,"value":{}`, `,"content-type":"application/json","Its-Own":"x","Set-Cookie":"a=b",
		"content-length":"7","Transfer-Encoding":"gzip","access-control-allow-origin":"*","b a d":"x","bad":"a\r\nb: c",
		"location":"http://elsewhere","etag":"forged","www-authenticate":"Basic","content-security-policy":"none","condition":"x"`)
	a := <-answers
	a.is(t, "404 application/json {}")
	a.header.Del("Date")
	wantBack := http.Header{
		"Content-Type": {"application/json"}, "Content-Length": {"2"}, "Correlation-Id": {"c"}, "Its-Own": {"x"}, "Channel": {"live"},
		"Location": {"http://elsewhere"}, "Ditto-Originator": {"nginx:ditto"}, "X-Content-Type-Options": {"nosniff"}, "Response-Required": {"false"},
		"Ditto-Message-Direction": {"TO"}, "Ditto-Message-Subject": {"ask"}, "Ditto-Message-Thing-Id": {"test:lamp"}, "Ditto-Message-Feature-Id": {"f"},
	}
	if diff := cmp.Diff(wantBack, a.header); diff != "" {
		t.Errorf("the client is shown, -want +got\n%s", diff)
	}
}

// TestHTTPStatuses has a device answer with all sorts of statuses.
func TestHTTPStatuses(t *testing.T) {
	s := newStage(t, `{}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	for _, tc := range []struct {
		status int
		want   string
	}{
		{200, "200 application/json 1"},
		{201, "201 application/json 1"},
		{204, "204"},
		{205, "205"},
		{304, "304"},
		{302, "302 application/json 1"},
		{100, "200 application/json 1"},
		{101, "200 application/json 1"},
		{418, "418 application/json 1"},
		{500, "500 application/json 1"},
		{502, "200 application/json 1"},
		{599, "599 application/json 1"},
	} {
		answers := h.later("POST /things/test:lamp/outbox/messages/ask", "")
		s.device.respond(s.device.frame(), fmt.Sprintf(`,"status":%d,"value":1`, tc.status),
			`,"content-type":"application/json","location":"http://elsewhere"`)
		a := <-answers
		a.is(t, tc.want)
		if to := a.header.Get("Location"); (to == "") != (tc.status/100 == 3) {
			t.Errorf("%d leads to %q", tc.status, to)
		}
	}
	// An error in place of a response.
	answers := h.later("POST /things/test:lamp/inbox/messages/ask", "")
	asked := s.device.frame()
	s.device.send(live("errors", "/", `"correlation-id":"`+asked.id()+`"`, `,"value":{"status":418,"error":"device:teapot","message":"no"},"status":418`))
	(<-answers).is(t, "418 device:teapot")
}

// TestHTTPMessagesRefused goes through what is wrong with messages. Nothing of it reaches a device, and it is told whether or not
// the sender wants a response.
func TestHTTPMessagesRefused(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	guest, h := callerOf(t, s.Gateway, "guest"), callerOf(t, s.Gateway, gatewaytest.User)
	long := strings.Repeat("x", 257)
	for _, tc := range []struct {
		by        *caller
		path      string
		body      string
		want      string
		headers   []string
		mayBeLate bool
	}{
		{h, "absent/inbox/messages/ask", "", "404 things:thing.notfound", nil, true},
		{guest, "lamp/inbox/messages/ask", "", "403 messages:send.notallowed", nil, true},
		{guest, "lamp/features/f/outbox/messages/ask", "", "403 messages:send.notallowed", nil, true},
		{h, "lamp/inbox/messages/ask?condition=eq(attributes/a,2)", "", "412 things:condition.failed", nil, true},
		{h, "lamp/inbox/messages/ask?condition=a", "", "400 things:condition.invalid", nil, true},
		{h, "lamp/inbox/messages/" + long, "", "400 messages:subject.invalid", nil, true},
		{h, "lamp/inbox/messages/a%00b", "", "400 messages:subject.invalid", nil, true},
		{h, "lamp/features/a%2Fb/inbox/messages/ask", "", "400 messages:featureid.invalid", nil, true},
		{h, "lamp/features/" + long + "/inbox/messages/ask", "", "400 messages:featureid.invalid", nil, true},
		{h, "a%2Fb/inbox/messages/ask", "", "400 things:id.invalid", nil, true},
		{h, "lamp/inbox/messages/ask", strings.Repeat("x", 256_001), "413 messages:payload.toolarge", nil, true},
		{h, "lamp/inbox/messages/ask", "{", "400 json.invalid", []string{"Content-Type: application/json"}, true},
		{h, "lamp/inbox/messages/ask", "\xff", "400 messages:messageformat.invalid", []string{"Content-Type: text/plain"}, true},
		{h, "lamp/inbox/messages/ask", "x", "400 messages:messageformat.invalid", []string{"Content-Type: text/plain; charset=koi8-r"}, true},
		{h, "lamp/inbox/messages", "", "405 gateway:method.notallowed", nil, true},
		{h, "lamp/inbox/messages/ask?timeout=61s", "", "400 gateway:timeout.invalid", nil, false},
		{h, "lamp/inbox/messages/claim?timeout=61s", "", "400 gateway:timeout.invalid", nil, false},
		{h, "lamp/inbox/claim?timeout=601s", "", "400 gateway:timeout.invalid", nil, false},
		{h, "lamp/inbox/messages/ask?timeout=0&response-required=true", "", "400 header.invalid", nil, false},
		{h, "lamp/inbox/messages/ask?timeout=0&requested-acks=my:ack", "", "400 header.invalid", nil, false},
		{h, "lamp/inbox/messages/ask?response-required=false&requested-acks=my:ack", "", "400 header.invalid", nil, false},
		{h, "lamp/inbox/messages/ask?requested-acks=-", "", "400 acknowledgement:label.invalid", nil, false},
		{h, "lamp/inbox/messages/ask?timeout=5s", "", "400 gateway:duplicate.header.field", []string{"Timeout: 6s"}, false},
	} {
		tc.by.call("POST /things/test:"+tc.path, tc.body, tc.headers...).is(t, tc.want)
		if !tc.mayBeLate {
			continue
		}
		for _, silent := range []string{"Timeout: 0", "Response-Required: false"} {
			tc.by.call("POST /things/test:"+tc.path, tc.body, append(tc.headers, silent)...).is(t, tc.want)
		}
	}
	for _, what := range []string{"PUT", "DELETE", "PATCH"} {
		a := h.call(what+" /things/test:lamp/inbox/messages/ask", "")
		a.is(t, "405 gateway:method.notallowed")
		if !strings.Contains(a.header.Get("Allow"), "POST") {
			t.Errorf("%s: allowed is %q", what, a.header.Get("Allow"))
		}
	}
	// The largest there is, of bytes that are longer in an envelope.
	h.call("POST /things/test:lamp/inbox/messages/large?timeout=0", strings.Repeat("\xff", 256_000)).is(t, "202")
	s.device.ws.SetReadLimit(-1)
	if f := s.device.frame(); f.Headers["ditto-message-subject"] != "large" || len(f.Value) != 341_336+2 {
		t.Errorf("the device received %d bytes of %v", len(f.Value), f.Headers)
	}
	// A message without a length.
	r := h.request(t.Context(), "POST /things/test:lamp/inbox/messages/ask", "")
	r.Body, r.ContentLength = io.NopCloser(io.MultiReader(bytes.NewReader(make([]byte, 256_001)))), -1
	a, err := h.try(r)
	if err != nil {
		t.Fatal(err)
	}
	a.is(t, "413 messages:payload.toolarge")
	s.device.mustWork()
}

// TestHTTPClaim lets somebody claim a thing who may not do anything with it.
func TestHTTPClaim(t *testing.T) {
	s := newStage(t, `{}`)
	guest := callerOf(t, s.Gateway, "guest")
	answers := guest.later("POST /things/test:lamp/inbox/claim?timeout=600s", `{"code":1}`, "Content-Type: application/json")
	asked := s.device.expect(`live/messages/claim /inbox/messages/claim {"code":1}`)
	if asked.Headers["timeout"] != "600s" {
		t.Errorf("the device is shown %v", asked.Headers)
	}
	s.device.respond(asked, `,"status":204`, "")
	(<-answers).is(t, "204")

	answers = guest.later("POST /things/test:lamp/inbox/claim", "")
	if asked = s.device.frame(); asked.Headers["timeout"] != "60s" {
		t.Errorf("the device is shown %v", asked.Headers)
	}
	s.device.respond(asked, `,"status":403,"value":"no"`, `,"content-type":"text/plain"`)
	(<-answers).is(t, "403 text/plain; charset=utf-8 no")

	answers = callerOf(t, s.Gateway, gatewaytest.User).later("POST /things/test:lamp/inbox/messages/ask", "")
	if asked = s.device.frame(); asked.Headers["timeout"] != "10s" {
		t.Errorf("the device is shown %v", asked.Headers)
	}
	s.device.respond(asked, `,"status":200`, "")
	(<-answers).is(t, "200")
}

// TestHTTPClaimWaitsLonger waits for a claim for longer than anything else may take.
func TestHTTPClaimWaitsLonger(t *testing.T) {
	s := newStage(t, `{}`)
	mustApply(t, s.Gateway, configuration(t, withUser("guest"), func(snap *snapshot.Snapshot) {
		snap.Session.CommandTimeout = 50 * time.Millisecond
	}), "session.commandTimeout")
	h := callerOf(t, s.Gateway, gatewaytest.User)
	claims := h.later("POST /things/test:lamp/inbox/claim", "")
	claimed := s.device.frame()
	h.call("POST /things/test:lamp/inbox/messages/ask", "").is(t, "408 command.timeout")
	s.device.respond(claimed, `,"status":200`, "")
	(<-claims).is(t, "200")
}

// TestHTTPNobodyAnswers waits until the time is over.
func TestHTTPNobodyAnswers(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	for _, what := range []string{
		"POST /things/test:lamp/inbox/messages/ask?timeout=50ms",
		"POST /things/test:lamp/inbox/claim?timeout=50ms",
		"GET /things/test:lamp/attributes/a?channel=live&timeout=50ms",
		"DELETE /things/test:lamp?channel=live&timeout=50ms",
		"GET /things/test:lamp?live-channel-condition=exists(attributes/a)&timeout=50ms",
	} {
		a := h.call(what, "")
		a.is(t, "408 command.timeout")
		if a.header.Get("Correlation-Id") == "" {
			t.Errorf("%s: answered with %v", what, a.header)
		}
	}
	mustKeep(t, s.Gateway, 0, 0)
}

// TestHTTPLiveCommands has a device execute what is otherwise done to the twin.
func TestHTTPLiveCommands(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	const patch = "Content-Type: application/merge-patch+json"
	for _, tc := range []struct{ what, body, asked, response, want string }{
		{"GET /attributes/a", "", "retrieve /attributes/a", `,"status":200,"value":2`, `200 application/json 2`},
		{"HEAD /attributes/a", "", "retrieve /attributes/a", `,"status":200,"value":2`, `200`},
		{"GET ?fields=attributes", "", "retrieve /", `,"status":200,"value":{"attributes":{"a":3}}`, `200 application/json {"attributes":{"a":3}}`},
		{"PUT /attributes/a", "3", "modify /attributes/a 3", `,"status":204`, "204"},
		{"PUT /attributes/b", "3", "modify /attributes/b 3", `,"status":201,"value":3`, "201 application/json 3"},
		{"PATCH /attributes", `{"a":null}`, `merge /attributes {"a":null}`, `,"status":204`, "204"},
		{"DELETE /features/f", "", "delete /features/f", `,"status":204`, "204"},
		{"PUT ", `{}`, `modify / {}`, `,"status":204`, `204`},
	} {
		method, path, _ := strings.Cut(tc.what, " ")
		var headers []string
		if method == "PATCH" {
			headers = []string{patch}
		}
		separator := "?"
		if strings.Contains(path, "?") {
			separator = "&"
		}
		answers := h.later(method+" /things/test:lamp"+path+separator+"channel=live", tc.body, headers...)
		asked := s.device.expect("live/commands/" + tc.asked)
		s.device.respond(asked, tc.response, "")
		a := <-answers
		a.is(t, tc.want)
		if to := a.header.Get("Location"); (a.status == 201) != (to == "/api/2/things/test:lamp/attributes/b") {
			t.Errorf("%s leads to %q", tc.what, to)
		}
		if a.header.Get("Channel") != "live" {
			t.Errorf("%s is answered with the headers %v", tc.what, a.header)
		}
	}
	h.call("GET /things/test:lamp/attributes", "").is(t, `200 application/json {"a":1}`) // nothing has happened to the twin
	h.call("POST /things?channel=live", "{}").is(t, "405 gateway:method.notallowed")
	h.call("PUT /things/test:lamp/attributes/a?channel=live&timeout=0", "1").is(t, "202")
	s.device.expect("live/commands/modify /attributes/a 1")
	h.call("GET /things/test:lamp?channel=live&response-required=false", "").is(t, "400 command.headers.invalid")
	h.call("GET /things/test:lamp?channel=live&timeout=0", "").is(t, "400 command.headers.invalid")
	h.call("GET /things/test:absent?channel=live", "").is(t, "404 things:thing.notfound")
	h.call("PUT /things/test:absent/attributes?channel=live&timeout=0", "{}").is(t, "404 things:thing.notfound")
	callerOf(t, s.Gateway, "guest").call("PUT /things/test:lamp/attributes?channel=live&timeout=0", "{}").is(t, "403 things:attributes.notmodifiable")
	h.call("GET /things/test:lamp?channel=both", "").is(t, "400 header.invalid")
	s.device.mustWork()
}

// TestHTTPLiveAnswers looks at answers of devices that are errors, or do not fit.
func TestHTTPLiveAnswers(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	ask := func(timeout string) (<-chan answer, frame) {
		answers := h.later("GET /things/test:lamp/attributes?channel=live&timeout="+timeout, "")
		return answers, s.device.expect("live/commands/retrieve /attributes")
	}
	answers, asked := ask("60s")
	s.device.send(live("errors", "/", `"correlation-id":"`+asked.id()+`"`, `,"value":{"status":404,"error":"device:gone","message":"no"},"status":404`))
	(<-answers).is(t, "404 device:gone")

	answers, asked = ask("60s")
	s.device.respond(asked, `,"status":200,"value":5`, "") // attributes are an object
	s.device.expectError("live", 422, "protocoladapter:illegal.adaptable")
	s.device.respond(asked, `,"status":200,"value":{}`, "")
	(<-answers).is(t, "200 application/json {}")

	answers, asked = ask("500ms")
	asked.Path = "/attributes/a"
	s.device.respond(asked, `,"status":200,"value":1`, "")
	a := <-answers
	a.is(t, "408 command.timeout")
	if !bytes.Contains(a.body, []byte("does not fit")) {
		t.Errorf("told %s", a.body)
	}

	// What the requester may not read is not there.
	s.grant(`{"thing:/attributes/b":{"grant":["READ"],"revoke":[]}}`)
	answers = callerOf(t, s.Gateway, "guest").later("GET /things/test:lamp?channel=live", "")
	s.device.respond(s.device.frame(), `,"status":200,"value":{"attributes":{"a":1,"b":2}}`, "")
	(<-answers).is(t, `200 application/json {"attributes":{"b":2}}`)
}

// TestHTTPSmartRetrieve asks a device or the twin, whichever it takes.
func TestHTTPSmartRetrieve(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	const holds, fails, useTwin = "live-channel-condition=eq(attributes/a,1)", "live-channel-condition=eq(attributes/a,2)", "live-channel-timeout-strategy=use-twin"
	for _, tc := range []struct {
		query         string
		device        bool   // is asked
		response      string // of the device, "" if there is none
		want, channel string
		matched       string
	}{
		{fails, false, "", "200 application/json 1", "twin", "false"},
		{holds, true, `,"status":200,"value":2`, "200 application/json 2", "live", "true"},
		{"channel=live&" + useTwin, true, `,"status":200,"value":2`, "200 application/json 2", "live", "true"},
		{holds + "&timeout=50ms&" + useTwin, true, "", "200 application/json 1", "twin", "true"},
		{"channel=live&timeout=50ms&" + useTwin, true, "", "200 application/json 1", "twin", "true"},
		{holds + "&timeout=50ms", true, "", "408 command.timeout", "live", "true"},
		{holds + "&timeout=50ms&live-channel-timeout-strategy=fail", true, "", "408 command.timeout", "live", "true"},
	} {
		answers := h.later("GET /things/test:lamp/attributes/a?"+tc.query, "")
		if tc.device {
			asked := s.device.expect("live/commands/retrieve /attributes/a")
			if tc.response != "" {
				s.device.respond(asked, tc.response, "")
			}
		}
		a := <-answers
		a.is(t, tc.want)
		if a.header.Get("Channel") != tc.channel || a.header.Get("Live-Channel-Condition-Matched") != tc.matched {
			t.Errorf("%s is answered with the headers %v", tc.query, a.header)
		}
	}
	h.call("GET /things/test:lamp/attributes/x?"+holds, "").is(t, "404 things:attribute.notfound")
	h.call("DELETE /things/test:lamp/attributes/a?"+holds, "").is(t, "405 things:live.channelcondition.notallowed")
	s.device.mustWork()
}

// acking answers what is told of twins with an acknowledgement of the label that its session has declared.
func (c *client) acking(rest string) {
	c.t.Helper()
	var f frame
	mustUnmarshal(c.t, c.receive(), &f)
	c.send(fmt.Sprintf(`{"topic":"test/lamp/things/twin/acks/my:ack","path":"/","headers":{"correlation-id":%q%s`, f.id(), rest))
}

// TestHTTPAcknowledgements goes through what modifications can be answered with.
func TestHTTPAcknowledgements(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	device := declaring(t, s.Gateway, "my:ack")
	device.begin("SEND-EVENTS")
	const put = "PUT /things/test:lamp/attributes/a?requested-acks="
	for _, tc := range []struct{ acks, ack, want string }{
		{"", "", "204"},
		{"twin-persisted", "", "204"},
		{"live-response", "", "204"},
		{"search-persisted", "", "204"},
		{"twin-persisted,search-persisted", "", `200 twin-persisted 204, search-persisted 204`},
		{"my:ack", `},"status":204}`, "204"},
		{"my:ack", `},"status":200,"value":{"x":1}}`, `200 application/json {"x":1}`},
		{"my:ack", `,"content-type":"text/plain"},"status":299,"value":"fine"}`, `299 text/plain; charset=utf-8 fine`},
		{"my:ack", `},"status":503,"value":"busy"}`, `503 application/json "busy"`},
		{"my:ack", `},"status":100}`, `200`},
		{"twin-persisted,my:ack", `},"status":200,"value":1}`, `200 twin-persisted 204, my:ack 200 1`},
		{"twin-persisted,my:ack", `},"status":500}`, `424 twin-persisted 204, my:ack 500`},
		{`["my:ack","twin-persisted"]`, `},"status":202}`, `200 my:ack 202, twin-persisted 204`},
		{"my:ack&timeout=100ms", "", "408 acknowledgement:request.timeout"},
		{"nobody:has", "", "408 acknowledgement:request.timeout"},
		{"twin-persisted,nobody:has", "", `424 twin-persisted 204, nobody:has 408`},
	} {
		query := tc.acks
		if strings.Contains(tc.acks, "nobody") {
			query += "&timeout=1s" // in which the others have come
		}
		answers := h.later(put+query, "2", "Correlation-Id: c")
		if tc.ack != "" {
			device.acking(tc.ack)
		} else {
			device.frame()
		}
		a := <-answers
		if got := acksOf(t, a); got != tc.want {
			t.Errorf("%s: answered %s, want %s", tc.acks, got, tc.want)
		}
		if a.header.Get("Correlation-Id") != "c" {
			t.Errorf("%s: with the headers %v", tc.acks, a.header)
		}
	}
	for _, tc := range []struct{ query, want string }{
		{"my:ack&response-required=false", "400 header.invalid"},
		{"my:ack&timeout=0", "400 header.invalid"},
		{"&timeout=0", "202"},
		{"&response-required=false", "202"},
		{"a", "400 acknowledgement:label.invalid"},
		{strings.TrimPrefix(strings.Repeat(",a:%d", 65), ","), "400 header.invalid"},
	} {
		query := tc.query
		if n := strings.Count(query, "%d"); n > 0 {
			numbers := make([]any, n)
			for i := range numbers {
				numbers[i] = i
			}
			query = fmt.Sprintf(query, numbers...)
		}
		h.call(put+query, "2").is(t, tc.want)
	}
	// What fails fails, whatever acknowledgements are requested.
	guest := callerOf(t, s.Gateway, "guest")
	guest.call(put+"my:ack", "2").is(t, "403 things:attribute.notmodifiable")
	guest.call(put+"&timeout=0", "2").is(t, "403 things:attribute.notmodifiable")
	mustKeep(t, s.Gateway, 0, 0)
}

// acksOf is what acknowledgements come to: for several, their labels, statuses and payloads, without those that are errors.
func acksOf(t *testing.T, a answer) string {
	t.Helper()
	if !strings.HasPrefix(string(a.body), `{"`) || a.status != 200 && a.status != 424 || strings.HasPrefix(string(a.body), `{"x"`) {
		return a.String()
	}
	decoder := json.NewDecoder(bytes.NewReader(a.body))
	_, _ = decoder.Token()
	text := ""
	for decoder.More() {
		label, _ := decoder.Token()
		var one struct {
			Status  int
			Payload json.RawMessage
			Headers map[string]any
		}
		if err := decoder.Decode(&one); err != nil {
			t.Fatalf("%v in %s", err, a.body)
		}
		text += fmt.Sprintf(", %s %d", label, one.Status)
		if one.Payload != nil && one.Status != 408 {
			text += " " + string(one.Payload)
		}
		if one.Headers["correlation-id"] != "c" {
			t.Errorf("%s has the headers %v", label, one.Headers)
		}
	}
	return fmt.Sprint(a.status, " ", strings.TrimPrefix(text, ", "))
}

// TestHTTPWeakAcknowledgements are given for who has declared a label and is not told.
func TestHTTPWeakAcknowledgements(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	device := declaring(t, s.Gateway, "my:ack")
	device.begin(`SEND-EVENTS?filter=eq(attributes/a,7)`)
	a := h.call("PUT /things/test:lamp/attributes/a?requested-acks=my:ack", "2")
	if a.status != 200 || a.header.Get("Ditto-Weak-Ack") != "true" {
		t.Errorf("answered %s with the headers %v", a, a.header)
	}
	a = h.call("PUT /things/test:lamp/attributes/a?requested-acks=twin-persisted,my:ack", "2")
	if a.status != 200 || !bytes.Contains(a.body, []byte(`"ditto-weak-ack":true`)) {
		t.Errorf("answered %s", a)
	}
}

// TestHTTPMessageAcknowledgements asks for acknowledgements of a message, too: then the response is one of them.
func TestHTTPMessageAcknowledgements(t *testing.T) {
	s := newStage(t, `{}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	device := declaring(t, s.Gateway, "my:ack")
	device.begin("SEND-MESSAGES")
	for _, tc := range []struct{ acks, ack, response, want string }{
		{"my:ack", `},"status":200}`, `,"status":200,"value":1`, "200 my:ack 200, live-response 200 1"},
		{"my:ack", `},"status":200}`, `,"status":500,"value":1`, "424 my:ack 200, live-response 500 1"},
		{"twin-persisted,my:ack", `},"status":202,"value":1}`, "", "202 application/json 1"},
		{"twin-persisted", "", `,"status":201,"value":1`, "201 application/json 1"},
		{"", "", `,"status":201,"value":1`, "201 application/json 1"},
	} {
		answers := h.later("POST /things/test:lamp/inbox/messages/ask?requested-acks="+tc.acks, "", "Correlation-Id: c")
		asked, again := s.device.frame(), device.frame()
		if tc.ack != "" {
			device.send(fmt.Sprintf(`{"topic":"test/lamp/things/live/acks/my:ack","path":"/","headers":{"correlation-id":%q%s`, again.id(), tc.ack))
		}
		if tc.response != "" {
			s.device.respond(asked, tc.response, `,"content-type":"application/json"`)
		}
		if got := acksOf(t, <-answers); got != tc.want {
			t.Errorf("%s: answered %s, want %s", tc.acks, got, tc.want)
		}
	}
	mustKeep(t, s.Gateway, 0, 0)
}

// TestMessagesCross has sessions and requests talk about the same thing at the same time. What HTTP sends is
// what WebSocket sends, so that both reach all.
func TestMessagesCross(t *testing.T) {
	s := newStage(t, `{}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	s.app.begin("SEND-MESSAGES")
	h.call("POST /things/test:lamp/outbox/messages/tell?timeout=0", "hi", "Content-Type: text/plain").is(t, "202")
	for _, c := range []*client{s.app, s.device} {
		c.expect(`live/messages/tell /outbox/messages/tell "hi"`)
	}
	s.app.send(live("messages/tell", "/outbox/messages/tell", `"correlation-id":"ws","content-type":"text/plain"`, `,"value":"ho"`))
	s.device.expect(`live/messages/tell /outbox/messages/tell "ho"`)

	// Both wait under the same id, and each has its own answer.
	answers := h.later("POST /things/test:lamp/outbox/messages/tell", "http", "Content-Type: text/plain", "Correlation-Id: ws")
	asked := s.device.frame()
	if asked.id() == "ws" {
		t.Errorf("two wait under %s", asked.id())
	}
	s.app.frame() // who asks by HTTP is nobody that has a session
	s.device.respond(asked, `,"status":200,"value":"to http"`, `,"content-type":"text/plain"`)
	a := <-answers
	a.is(t, "200 text/plain; charset=utf-8 to http")
	if a.header.Get("Correlation-Id") != "ws" {
		t.Errorf("answered with %v", a.header)
	}
	asked.Headers["correlation-id"] = "ws"
	s.device.respond(asked, `,"status":200,"value":"to ws"`, `,"content-type":"text/plain"`)
	s.app.expect(`live/messages/tell /outbox/messages/tell 200 "to ws"`)

	// What HTTP changes shows as an event.
	s.device.begin("SEND-EVENTS")
	h.call("PUT /things/test:lamp/attributes/a", "1", "X-Mine: x").is(t, "201 application/json 1")
	if e := s.device.expect("twin/events/created /attributes/a 1"); e.Headers["x-mine"] != "x" {
		t.Errorf("the event has the headers %v", e.Headers)
	}
}

// TestHTTPClientsLeave lets a thousand clients go in the middle of it. Nothing is left of them.
func TestHTTPClientsLeave(t *testing.T) {
	s := newStage(t, `{"attributes":{"a":1}}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	device := declaring(t, s.Gateway, "my:ack")
	device.begin("SEND-EVENTS")
	const at, rounds = 50, 20
	whats := []string{
		"POST /things/test:lamp/inbox/messages/ask?requested-acks=my:ack,of:another",
		"POST /things/test:lamp/inbox/claim?timeout=600s",
		"GET /things/test:lamp?channel=live",
		"PUT /things/test:lamp/attributes/a?requested-acks=my:ack,twin-persisted",
		"GET /things/test:lamp/attributes/a?live-channel-condition=exists(attributes/a)",
	}
	for range rounds {
		ctx, leave := context.WithCancel(t.Context())
		gone := make(chan error, at)
		for i := range at {
			go func() {
				_, err := h.try(h.request(ctx, whats[i%len(whats)], "2", "Content-Type: application/json"))
				gone <- err
			}()
		}
		until(t, "all wait", func() bool { return metric(t, s.Gateway, "waits") == at })
		leave()
		for range at {
			if err := <-gone; !errors.Is(err, context.Canceled) {
				t.Fatalf("ended with %v", err)
			}
		}
		mustKeep(t, s.Gateway, 0, 0)
	}
	mustCount(t, s.Gateway, map[string]float64{`waits_ended_total{result="abandoned"}`: at * rounds})
	h.client.CloseIdleConnections()
}

// TestHTTPDrain answers what the gateway has to answer itself, and refuses what waits for others.
func TestHTTPDrain(t *testing.T) {
	disk := slowdisk.New()
	g := startOn(t, disk, draining(time.Hour, time.Minute))
	defer g.Close()
	h, device := callerOf(t, g, gatewaytest.User), dial(t, g, gatewaytest.User)
	device.begin("SEND-MESSAGES")
	h.call("PUT /things/test:lamp", "{}")
	asked := h.later("POST /things/test:lamp/inbox/messages/ask?timeout=60s", "")
	device.frame()
	acked := h.later("PUT /things/test:lamp/attributes?timeout=60s&requested-acks=nobody:has", "{}")
	mustKeep(t, g, 2, 0)
	release := disk.HoldSyncs()
	kept := h.later("PUT /things/test:kept", "{}")
	until(t, "the command is accepted", func() bool { return metric(t, g, `messages_received_total{kind="command"}`) == 3 })
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		g.Drain(t.Context(), true)
	}()
	for _, answers := range []<-chan answer{asked, acked} {
		a := <-answers
		a.is(t, "503 gateway:service.unavailable")
		a.retryAfter(t)
	}
	device.mustClose(1012)
	release()
	if a := <-kept; a.status != 201 {
		t.Errorf("what was accepted before is answered %s", a)
	}
	<-drained
	h.call("GET /things/test:kept", "").is(t, "503 gateway:service.unavailable")
	mustKeep(t, g, 0, 0)
}

// TestHTTPServiceAgain waits for devices again when the gateway is back.
func TestHTTPServiceAgain(t *testing.T) {
	g := start(t, draining(0, time.Minute))
	h := callerOf(t, g, gatewaytest.User)
	h.call("PUT /things/test:lamp", "{}")
	g.TakeOut()
	until(t, "it refuses", func() bool { return h.call("GET /things/test:lamp", "").status == 503 })
	g.Resume()
	device := dial(t, g, gatewaytest.User)
	device.begin("SEND-MESSAGES")
	answers := h.later("POST /things/test:lamp/inbox/messages/ask", "")
	device.respond(device.frame(), `,"status":204`, "")
	(<-answers).is(t, "204")
}

// TestHTTPCloseWithOpenRequests ends all there are.
func TestHTTPCloseWithOpenRequests(t *testing.T) {
	s := newStage(t, `{}`)
	h := callerOf(t, s.Gateway, gatewaytest.User)
	asked := h.later("POST /things/test:lamp/inbox/messages/ask?timeout=60s", "")
	s.device.frame()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	(<-asked).is(t, "503 gateway:service.unavailable")
}
