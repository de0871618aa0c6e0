package gateway_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway"
	"github.com/twinway/twinway/internal/snapshot"
	"github.com/twinway/twinway/test/gatewaytest"
)

// eventStream is a stream of server-sent events.
type eventStream struct {
	t        *testing.T
	response *http.Response
	reader   *bufio.Reader
	close    context.CancelFunc
}

// stream opens a stream, which must work. When it is open, nothing is missed any more.
func (c *caller) stream(path string, headers ...string) *eventStream {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)                                                 // a guard against hanging
	response, err := c.client.Do(c.request(ctx, "GET "+path, "", append(headers, "Accept: text/event-stream")...)) //nolint:bodyclose // leave closes it
	if err != nil {
		cancel()
		c.t.Fatalf("%s: %v", path, err)
	}
	e := &eventStream{c.t, response, bufio.NewReader(response.Body), cancel}
	c.t.Cleanup(e.leave)
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || kind != "text/event-stream" {
		body, _ := io.ReadAll(response.Body)
		c.t.Fatalf("%s is answered %d %s %s", path, response.StatusCode, kind, body)
	}
	return e
}

// leave ends the stream from this side.
func (e *eventStream) leave() {
	e.close()
	_ = e.response.Body.Close()
}

// read returns the next event, lines and all but the last; "" for a heartbeat.
func (e *eventStream) read() (string, error) {
	var lines []string
	for {
		line, err := e.reader.ReadString('\n')
		switch {
		case err != nil:
			return "", err
		case line != "\n":
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		case len(lines) == 1 && lines[0] == "data:":
			return "", nil
		default:
			return strings.Join(lines, "|"), nil
		}
	}
}

// expect receives events that must be these: each lines with | between, of which "data:" may be left out. Heartbeats do not matter.
func (e *eventStream) expect(events ...string) {
	e.t.Helper()
	for _, want := range events {
		got := ""
		for err := error(nil); got == ""; {
			if got, err = e.read(); err != nil {
				e.t.Fatalf("%v, want %s", err, want)
			}
		}
		if got != want && got != "data:"+want {
			e.t.Errorf("told %s\nwant %s", got, want)
		}
	}
}

// mustEnd expects that the stream is ended properly from the other side, with nothing but heartbeats before.
func (e *eventStream) mustEnd() {
	e.t.Helper()
	for {
		switch got, err := e.read(); {
		case errors.Is(err, io.EOF):
			return
		case err != nil:
			e.t.Fatalf("broken off: %v", err)
		case got != "":
			e.t.Errorf("told %s, want the end", got)
		}
	}
}

// gallery is a gateway with a thing test:lamp. Nginx:ditto may do everything, nginx:guest may read parts of things.
type gallery struct {
	*gateway.Gateway
	owner, guest *caller
}

const galleryPolicy = `{"entries":{"owner":{"subjects":{"nginx:ditto":{"type":"t"}},"resources":{"policy:/":{"grant":["READ","WRITE"],"revoke":[]},` +
	`"thing:/":{"grant":["READ","WRITE"],"revoke":[]},"message:/":{"grant":["READ","WRITE"],"revoke":[]}}},` +
	`"guest":{"subjects":{"nginx:guest":{"type":"t"}},"resources":{"thing:/attributes":{"grant":["READ"],"revoke":[]},` +
	`"thing:/attributes/secret":{"grant":[],"revoke":["READ"]},"message:/inbox/messages/open":{"grant":["READ"],"revoke":[]}}}}}`

func newGallery(t *testing.T, changes ...func(*snapshot.Snapshot)) *gallery {
	t.Helper()
	g := start(t, append(changes, withUser("guest"))...)
	w := &gallery{g, callerOf(t, g, gatewaytest.User), callerOf(t, g, "guest")}
	w.create("test:lamp", `"attributes":{"room":"hall","secret":1}`)
	return w
}

// create makes a thing with the policy of the gallery.
func (w *gallery) create(id, members string) {
	w.owner.t.Helper()
	if members != "" {
		members = "," + members
	}
	w.must("PUT /things/"+id, `{"_policy":`+galleryPolicy+members+`}`, 201)
}

// must sends a request of the owner that must be answered with the status.
func (w *gallery) must(what, body string, status int) {
	w.owner.t.Helper()
	var headers []string
	if strings.HasPrefix(what, "PATCH") {
		headers = []string{"Content-Type: application/merge-patch+json"}
	}
	if a := w.owner.call(what, body, headers...); a.status != status {
		w.owner.t.Fatalf("%s %s is answered %s, want %d", what, body, a, status)
	}
}

func attribute(name string) string { return "PUT /things/test:lamp/attributes/" + name }

// What happens over HTTP and over sessions is told in order, each as far as it may be read.
func TestEventStreamsTellWhatMayBeRead(t *testing.T) {
	w := newGallery(t)
	session := dial(t, w.Gateway, gatewaytest.User)
	all, some, one := w.owner.stream("/things"), w.guest.stream("/things"), w.owner.stream("/things/test:lamp")
	for i := range 3 {
		w.must(attribute("n"), fmt.Sprint(2*i), []int{201, 204, 204}[i])
		session.mustDo(command("lamp", "modify", "/attributes/n", fmt.Sprint(2*i+1)), 204, "")
	}
	for i := range 6 {
		want := fmt.Sprintf(`{"thingId":"test:lamp","attributes":{"n":%d}}`, i)
		all.expect(want)
		some.expect(want)
		one.expect(want)
	}
	w.must(attribute("secret"), "2", 204)
	w.must("PUT /things/test:lamp/features", `{"f":{"properties":{"on":true}}}`, 201)
	w.must("PATCH /things/test:lamp", `{"attributes":{"n":null,"secret":3}}`, 204)
	w.must("DELETE /things/test:lamp/attributes/room", "", 204)
	w.must("DELETE /things/test:lamp", "", 204)
	for _, of := range []*eventStream{all, one} {
		of.expect(`{"thingId":"test:lamp","attributes":{"secret":2}}`,
			`{"thingId":"test:lamp","features":{"f":{"properties":{"on":true}}}}`,
			`{"thingId":"test:lamp","attributes":{"n":null,"secret":3}}`,
			`{"thingId":"test:lamp"}`, `{"thingId":"test:lamp"}`)
	}
	some.expect(`{"thingId":"test:lamp","attributes":{"n":null}}`, `{"thingId":"test:lamp"}`)
	w.create("test:again", "")
	all.expect(`{"thingId":"test:again","policyId":"test:again"}`)
}

// Which events are told, and what of them. Each stream is told the same changes; the last want is of a change of its own.
func TestEventStreamParameters(t *testing.T) {
	w := newGallery(t)
	w.create("test.sub:lamp", "")
	w.create("test:lam", "")
	const (
		lam          = `{"thingId":"test:lam","attributes":{"a":0}}`
		a, room, sub = `{"thingId":"test:lamp","attributes":{"a":{"b":1}}}`, `{"thingId":"test:lamp","attributes":{"room":"hall"}}`, `{"thingId":"test.sub:lamp","attributes":{"a":1}}`
		lamp, other  = "PUT /things/test:lamp/attributes", "PUT /things/test.sub:lamp/attributes"
		end, ended   = `{"end":1}`, `{"thingId":"test:lamp","attributes":{"end":1}}`
		endedOther   = `{"thingId":"test.sub:lamp","attributes":{"end":1}}`
	)
	filtered := func(filter string) string { return "filter=" + url.QueryEscape(filter) }
	for _, tc := range []struct {
		path       string
		last, body string
		want       []string
	}{
		{"/things", lamp, end, []string{lam, a, room, sub, ended}},
		{"/things?namespaces=test.sub,test", lamp, end, []string{lam, a, room, sub, ended}},
		{"/things?namespaces=test", lamp, end, []string{lam, a, room, ended}},
		{"/things?namespaces=", lamp, end, []string{lam, a, room, sub, ended}},
		{"/things?namespaces=*", lamp, end, nil},
		{"/things?ids=test.sub:lamp", other, end, []string{sub, endedOther}},
		{"/things?ids=test.sub:lamp,test:absent,test:lamp", lamp, end, []string{a, room, sub, ended}},
		{"/things?ids=test.sub:lamp,test:lamp&namespaces=test", lamp, end, []string{a, room, ended}},
		{"/things?ids=test.sub:lamp&namespaces=test", lamp, end, nil},
		{"/things?" + filtered(`or(eq(attributes/a/b,1),eq(attributes/end,1))`), lamp, end, []string{a, ended}},
		{"/things?" + filtered(`eq(attributes/room,"cellar")`) + "&extraFields=attributes/room", lamp, `{"room":"cellar"}`,
			[]string{`{"thingId":"test:lamp","attributes":{"room":"cellar"}}`}},
		{"/things?namespaces=test&extraFields=attributes(room,end)", lamp, end, []string{
			lam, `{"thingId":"test:lamp","attributes":{"room":"before","a":{"b":1}}}`, room, ended}},
		{"/things?namespaces=test&fields=attributes/a", lamp, `{"a":2}`, []string{`{"attributes":{"a":0}}`, `{"attributes":{"a":{"b":1}}}`, `{"attributes":{"a":2}}`}},
		{"/things?namespaces=test&fields=thingId,attributes/a", lamp, end, []string{lam, a, `{"thingId":"test:lamp"}`, `{"thingId":"test:lamp"}`}},
		{"/things?namespaces=test&fields=thingId,attributes/end&extraFields=attributes/a", lamp, end, []string{
			`{"thingId":"test:lam"}`, `{"thingId":"test:lamp"}`, `{"thingId":"test:lamp"}`, ended}},
		{"/things?namespaces=test&fields=_context/path", lamp, end, []string{
			`{"_context":{"path":"/attributes/a"}}`,
			`{"_context":{"path":"/attributes/a"}}`, `{"_context":{"path":"/attributes/room"}}`, `{"_context":{"path":"/attributes"}}`}},
		{"/things/test:lamp", lamp, end, []string{a, room, ended}},
		{"/things/test%3Alamp?" + filtered(`like(resource:path,"/attributes/a*")`), "PUT /things/test:lamp/attributes/ab", "1", []string{a, `{"thingId":"test:lamp","attributes":{"ab":1}}`}},
		{"/things/test:lamp/attributes", lamp, end, []string{`{"a":{"b":1}}`, `{"room":"hall"}`, end}},
		{"/things/test:lamp/attributes/r%6Fom", lamp, `{"room":"end"}`, []string{`"hall"`, `"end"`}},
		{"/things/test:lamp/attributes/room?extraFields=attributes/room", lamp, `{"room":"end"}`, []string{`"hall"`, `"end"`}},
		{"/things/test:lamp/attributes/a/b", lamp, `{"a":{"b":2}}`, []string{`1`, `2`}},
		{"/things/test:lamp/attributes/a/c", "PUT /things/test:lamp", `{"attributes":{"a":{"c":3}}}`, []string{`3`}},
		{"/things/test:lamp/features", "PUT /things/test:lamp/features/f", `{"properties":{}}`, []string{`{"f":{"properties":{}}}`}},
		{"/things/test:lamp/features/f/properties/x", "PUT /things/test:lamp/features/f/properties/x", "[]", []string{`[]`}},
		{"/things/test:lamp/policyId", "PUT /things/test:lamp/policyId", `"test:lamp"`, []string{`"test:lamp"`}},
		{"/things/test:lamp/definition", "PUT /things/test:lamp/definition", `"a:b:1"`, []string{`"a:b:1"`}},
	} {
		t.Run(tc.path, func(t *testing.T) {
			w.must("PUT /things/test:lamp", `{"attributes":{"room":"before"},"features":{"f":{}}}`, 204)
			c := callerOf(t, w.Gateway, gatewaytest.User)
			of, everything := c.stream(tc.path), c.stream("/things?fields=_revision")
			for _, change := range [][2]string{
				{"PUT /things/test:lam/attributes/a", "0"}, {attribute("a"), `{"b":1}`}, {attribute("room"), `"hall"`}, {"PUT /things/test.sub:lamp/attributes/a", "1"}, {tc.last, tc.body},
			} {
				if a := c.call(change[0], change[1]); a.status/100 != 2 {
					t.Fatalf("%s is answered %s", change[0], a)
				}
			}
			of.t, everything.t = t, t
			of.expect(tc.want...)
			if tc.want == nil { // all that would have been told has been
				for range 5 {
					everything.skip()
				}
				if n := of.reader.Buffered(); n > 0 {
					t.Errorf("told %d bytes, want nothing", n)
				}
			}
		})
	}
}

// skip receives an event.
func (e *eventStream) skip() {
	e.t.Helper()
	for text, err := e.read(); text == ""; text, err = e.read() {
		if err != nil {
			e.t.Fatal(err)
		}
	}
}
