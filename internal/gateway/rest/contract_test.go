package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/test/gatewaytest"
)

// contract is the description of the API as a client reads it.
type contract struct {
	Paths      map[string]map[string]json.RawMessage
	Components struct {
		Parameters map[string]parameter
		Responses  map[string]response
	}
}

type parameter struct {
	Ref     string `json:"$ref"`
	Name    string
	In      string
	Example any
	Schema  struct{ Enum []string }
}

type response struct {
	Ref     string `json:"$ref"`
	Content map[string]any
}

// operation is one method of a path.
type operation struct {
	method, path string
	inPath       []parameter
	base         string
	Parameters   []parameter
	RequestBody  *struct {
		Content map[string]struct{ Example any }
	}
	Responses map[string]response
	Security  *[]any
}

func (o *operation) String() string { return o.method + " " + o.path }

// visitor calls the operations of a gateway.
type visitor struct {
	t        *testing.T
	address  string
	client   *http.Client
	contract contract
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	g := gatewaytest.Start(t, gatewaytest.Snapshot(t, "../../../config/samples"))
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	v := &visitor{t: t, address: "http://" + g.Address(), client: &http.Client{Transport: transport}}
	if err := json.Unmarshal(v.call("GET", "/apidoc/openapi.json", "", "", nil).body, &v.contract); err != nil {
		t.Fatal(err)
	}
	return v
}

// operations returns what is described, in an order that leaves to others what they need: nothing is deleted before it was used.
func (v *visitor) operations() (all []*operation) {
	for path, item := range v.contract.Paths {
		base := "/api/2"
		if item["servers"] != nil {
			base = ""
		}
		for _, method := range []string{"put", "post", "patch", "get", "delete"} {
			if item[method] == nil {
				continue
			}
			o := &operation{method: strings.ToUpper(method), path: path, base: base}
			v.decode(item[method], o)
			if item["parameters"] != nil {
				v.decode(item["parameters"], &o.inPath)
			}
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *operation) int {
		if a, b := a.method == "DELETE", b.method == "DELETE"; a != b {
			return map[bool]int{true: 1, false: -1}[a]
		}
		if a.method == "DELETE" {
			return strings.Compare(b.path, a.path) // what is in something before it
		}
		return strings.Compare(a.path+" "+fmt.Sprint(a.method != "PUT")+a.method, b.path+" "+fmt.Sprint(b.method != "PUT")+b.method)
	})
	return all
}

func (v *visitor) decode(raw json.RawMessage, to any) {
	v.t.Helper()
	if err := json.Unmarshal(raw, to); err != nil {
		v.t.Fatal(err)
	}
}

// target returns a path with values for its parameters, those of the examples unless there are others.
func (o *operation) target(others map[string]string) string {
	path := o.path
	for _, p := range o.inPath {
		value, other := others[p.Name]
		if !other {
			value = strings.ReplaceAll(url.PathEscape(fmt.Sprint(p.Example)), "%2F", "/")
		}
		path = strings.ReplaceAll(path, "{"+p.Name+"}", value)
	}
	return o.base + path
}

// body returns the example of a body, and its media type.
func (o *operation) body() (media, text string) {
	if o.RequestBody == nil {
		return "", ""
	}
	media = slices.Sorted(maps.Keys(o.RequestBody.Content))[0]
	example := o.RequestBody.Content[media].Example
	if text, is := example.(string); is && !strings.Contains(media, "json") {
		if media == "*/*" {
			media = "text/plain"
		}
		return media, text
	}
	raw, _ := json.Marshal(example)
	return media, string(raw)
}

type result struct {
	status int
	media  string
	body   []byte
	header http.Header
}

func (v *visitor) call(method, target, media, body string, header http.Header) result {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), time.Minute) // a guard against hanging
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, v.address+target, strings.NewReader(body))
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, target, err)
	}
	r.SetBasicAuth(gatewaytest.User, gatewaytest.Password)
	if media != "" {
		r.Header.Set("Content-Type", media)
	}
	maps.Copy(r.Header, header)
	response, err := v.client.Do(r)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, target, err)
	}
	defer response.Body.Close()
	got := result{status: response.StatusCode, header: response.Header}
	got.media, _, _ = mime.ParseMediaType(response.Header.Get("Content-Type"))
	if got.media == "text/event-stream" {
		return got // the rest goes on
	}
	if got.body, err = io.ReadAll(response.Body); err != nil {
		v.t.Fatalf("%s %s: %v", method, target, err)
	}
	return got
}

// check checks that an answer is one that is described for the operation, and reports whether it is one of success.
func (v *visitor) check(o *operation, what string, got result) bool {
	v.t.Helper()
	if got.status >= 500 && got.status != http.StatusServiceUnavailable {
		v.t.Errorf("%s, %s: answered %d %s", o, what, got.status, got.body)
	}
	described, has := o.Responses[fmt.Sprint(got.status)]
	if !has {
		v.t.Errorf("%s, %s: answered %d, which is not described: %s", o, what, got.status, got.body)
		return false
	}
	if name, is := strings.CutPrefix(described.Ref, "#/components/responses/"); is {
		described = v.contract.Components.Responses[name]
	}
	_, anything := described.Content["*/*"]
	_, same := described.Content[got.media]
	switch {
	case len(got.body) == 0 && (got.media == "" || what == "HEAD"):
	case !anything && !same:
		v.t.Errorf("%s, %s: answered %d with %q, described are %v", o, what, got.status, got.media, slices.Sorted(maps.Keys(described.Content)))
	case got.media == "application/json" && !json.Valid(got.body):
		v.t.Errorf("%s, %s: the body is no JSON: %s", o, what, got.body)
	}
	if got.status >= 400 && what != "HEAD" {
		v.checkError(o, what, got)
	}
	if got.header.Get("correlation-id") == "" {
		v.t.Errorf("%s, %s: the answer has no correlation id", o, what)
	}
	return got.status < 400
}

func (v *visitor) checkError(o *operation, what string, got result) {
	v.t.Helper()
	if got.status == http.StatusServiceUnavailable && o.base == "" {
		return
	}
	var e struct {
		Status         int
		Error, Message string
	}
	if err := json.Unmarshal(got.body, &e); err != nil || e.Status != got.status || e.Error == "" || e.Message == "" {
		v.t.Errorf("%s, %s: answered %d, and the error is %s", o, what, got.status, got.body)
	}
}

// prepare makes what the examples are about.
func (v *visitor) prepare() {
	v.t.Helper()
	grants := `{"grant":["READ","WRITE"],"revoke":[]}`
	policy := `{"entries":{"owner":{"subjects":{"nginx:ditto":{"type":"t"}},"resources":{"policy:/":` + grants + `,"thing:/":` + grants +
		`,"message:/":` + grants + `}}}}`
	for _, made := range [][2]string{
		{"/policies/org.example:shared", policy}, {"/policies/org.example:lamp", policy},
		{"/things/org.example:lamp", `{"policyId":"org.example:lamp"}`},
	} {
		if got := v.call("PUT", "/api/2"+made[0], "application/json", made[1], nil); got.status >= 300 {
			v.t.Fatalf("%s: %d %s", made[0], got.status, got.body)
		}
	}
}

// patient is what keeps operations that wait for a device from waiting long.
func patient(o *operation, target string) string {
	if strings.Contains(o.path, "messages") || strings.HasSuffix(o.path, "claim") {
		return target + "?timeout=0"
	}
	return target
}

// Each operation can be called as it is described, and is answered as it is described.
func TestContractHolds(t *testing.T) {
	v := newVisitor(t)
	v.prepare()
	events := http.Header{"Accept": {"text/event-stream"}}
	for _, o := range v.operations() {
		if strings.Contains(o.path, "{importedPolicyId}") && o.method != http.MethodPut {
			v.call(http.MethodPut, o.base+"/policies/org.example:lamp/imports/org.example:shared", "application/json", "{}", nil)
		}
		media, body := o.body()
		accept := http.Header{}
		if o.onlyEvents() {
			accept = events
		}
		got := v.call(o.method, patient(o, o.target(nil)), media, body, accept)
		if good := v.check(o, "example", got); !good && !strings.Contains(o.path, "TokenIntegration") && !o.locksOut() {
			t.Errorf("%s: the example is answered %d %s", o, got.status, got.body)
		}
		if o.method == http.MethodGet {
			v.check(o, "HEAD", v.call(http.MethodHead, o.target(nil), "", "", nil))
			v.check(o, "events", v.call(o.method, o.target(nil), "", "", events))
		}
	}
}

// locksOut reports whether the example of an operation would leave nobody who may change the policy.
func (o *operation) locksOut() bool {
	return o.method == http.MethodDelete && (strings.HasSuffix(o.path, "/entries/{label}") || strings.HasSuffix(o.path, "/{subjectId}"))
}

// onlyEvents reports whether there is nothing but events.
func (o *operation) onlyEvents() bool {
	content := o.Responses["200"].Content
	return len(content) == 1 && content["text/event-stream"] != nil
}

// Values that are wrong for most parameters, and at least strange for the others.
var strangeValues = []string{"", "(((", "-1", "99999999999999999999", "a,,b", "{{", "\x01", "\xff", "null", strings.Repeat("a", 1000)}

// Names that are wrong for most parts of paths.
var strangeNames = []string{"x", ":", "%20", "a:b:c", "%2F", "a%2F%2Fb", "~2", "%00", "%FF", "..", "*", "_", strings.Repeat("n", 300)}

// Bodies that are wrong, or strange.
var strangeBodies = []string{
	"", "{", "null", "[]", `"x"`, "1e999999", "{}", "[[{}]]", `{"a":1,"a":2}`, `{"":{"":null}}`, `{"entries":null}`, `{"thingId":1}`,
	`{"{{ /a/ }}":null}`, strings.Repeat("[", 100_000), "\xff\xfe", `{"topic":"x","path":1}`, `{"specversion":1}`,
}

// Whatever is sent to an operation, it is answered as it is described, and never with a failure of the gateway.
func TestContractHoldsForWhatIsWrong(t *testing.T) {
	v := newVisitor(t)
	for _, o := range v.operations() {
		v.prepare()
		v.checkStrangePaths(o)
		v.checkStrangeParameters(o)
		v.checkStrangeBodies(o)
		v.checkRefusals(o)
	}
}

func (v *visitor) checkStrangePaths(o *operation) {
	media, body := o.body()
	for _, p := range o.inPath {
		for _, name := range strangeNames {
			target := patient(o, o.target(map[string]string{p.Name: name}))
			got := v.call(o.method, target, media, body, nil)
			if got.status == http.StatusNotFound && strings.Contains(string(got.body), "route.notfound") || got.status == http.StatusMethodNotAllowed {
				continue // another path
			}
			v.check(o, target, got)
		}
	}
}

func (v *visitor) checkStrangeParameters(o *operation) {
	media, body := o.body()
	for _, p := range o.Parameters {
		p = v.contract.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")]
		for _, value := range strangeValues {
			if p.Name == "requested-acks" && value != "(((" {
				continue // it may be what somebody has to say
			}
			target, header := o.target(nil), http.Header{}
			if p.In == "header" {
				if value == "\x01" || value == "\xff" { // cannot be sent
					continue
				}
				header.Set(p.Name, value)
				target = patient(o, target)
			} else {
				target += "?" + url.Values{p.Name: {value}}.Encode()
				if p.Name != "timeout" {
					target += strings.TrimPrefix(strings.Replace(patient(o, ""), "?", "&", 1), "")
				} else if v.waits(o, value) {
					continue
				}
			}
			v.check(o, p.Name+" "+value, v.call(o.method, target, media, body, header))
		}
	}
}

// waits reports whether somebody else would be waited for.
func (v *visitor) waits(o *operation, timeout string) bool {
	return patient(o, "") != "" && timeout == ""
}

func (v *visitor) checkStrangeBodies(o *operation) {
	if o.RequestBody == nil {
		return
	}
	media, _ := o.body()
	for _, body := range strangeBodies {
		v.check(o, "the body "+body[:min(len(body), 20)], v.call(o.method, patient(o, o.target(nil)), media, body, nil))
	}
	for _, media := range []string{"", "text/plain", "application/json; charset", "application/cloudevents-batch+json", "///"} {
		v.check(o, "the type "+media, v.call(o.method, patient(o, o.target(nil)), media, "{}", nil))
	}
}

// checkRefusals checks what every operation refuses in the same way.
func (v *visitor) checkRefusals(o *operation) {
	media, body := o.body()
	long := strings.Repeat("a", 17_000)
	many := http.Header{}
	for i := range 70 {
		many.Set(fmt.Sprint("h", i), "1")
	}
	for what, tt := range map[string]struct {
		target, body string
		header       http.Header
		want         int
	}{
		"a long URI":      {"?a=" + long[:9000], body, nil, http.StatusRequestURITooLong},
		"a long header":   {"", body, http.Header{"Etag": {long}}, http.StatusRequestHeaderFieldsTooLarge},
		"a long name":     {"", body, http.Header{"A" + long[:64]: {"1"}}, http.StatusRequestHeaderFieldsTooLarge},
		"many headers":    {"", body, many, http.StatusRequestHeaderFieldsTooLarge},
		"no credentials":  {"", body, http.Header{"Authorization": nil}, http.StatusUnauthorized},
		"packed":          {"", body, http.Header{"Content-Encoding": {"gzip"}}, http.StatusUnsupportedMediaType},
		"a large body":    {"", strings.Repeat(" ", 2<<20), nil, http.StatusRequestEntityTooLarge},
		"headers, in all": {"", body, http.Header{"X-Mine": {long[:6000]}}, http.StatusRequestHeaderFieldsTooLarge},
	} {
		open := o.Security != nil && len(*o.Security) == 0
		if open && (what == "no credentials" || what == "headers, in all") || what == "a large body" && o.RequestBody == nil {
			continue
		}
		got := v.call(o.method, o.target(nil)+tt.target, media, tt.body, tt.header)
		v.check(o, what, got)
		if got.status != tt.want {
			v.t.Errorf("%s, %s: answered %d, want %d: %s", o, what, got.status, tt.want, got.body)
		}
	}
	v.check(o, "another method", v.call("BREW", o.target(nil), "", "", nil))
}
