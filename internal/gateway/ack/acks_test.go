package ack

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// decode returns the envelope that a client sends, with ' for ".
func decode(t *testing.T, text string) *protocol.Envelope {
	t.Helper()
	var env protocol.Envelope
	if err := protocol.Decode([]byte(strings.ReplaceAll(text, "'", `"`)), &env); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &env
}

// clientAck returns the acknowledgement with the label that a client gives.
func clientAck(t *testing.T, label, rest string) Ack {
	t.Helper()
	a, counts, err := Read(decode(t, `{'topic':'ns/t/things/twin/acks/`+label+`','path':'/',`+rest+`}`), []string{label})
	if err != nil || !counts {
		t.Fatalf("%s: counts %v, %v", rest, counts, err)
	}
	return a
}

func TestAppend(t *testing.T) {
	const command = `{'topic':'ns/t/things/twin/commands/merge','path':'/','headers':{'correlation-id':'c','timeout':'5s','Custom':'x',
		'content-type':'application/merge-patch+json','requested-acks':['my:ack'],'response-required':true,'condition':'hidden'},'value':{}}`
	const shown = `'correlation-id':'c','timeout':'5s','Custom':'x','content-type':'application/json','response-required':false,'ditto-originator':'nginx:ditto'`
	const mine = `'headers':{'correlation-id':'c','etag':'forged','Custom':'y','Other':'z','requested-acks':['a-b'],'response-required':true}`
	const mineShown = `'headers':{'correlation-id':'c','Custom':'y','Other':'z','response-required':false}`
	good := clientAck(t, "my:ack", mine+`,'value':{'a':[1, 2]},'status':202`)
	bare := clientAck(t, "your:ack", `'headers':{'correlation-id':'c#1'},'status':299`)
	null := clientAck(t, "null:ack", `'headers':{'correlation-id':'c'},'value':null,'status':100`)
	weak := clientAck(t, "weak:ack", `'headers':{'correlation-id':'c','ditto-weak-ack':true},'status':200`)
	strong := clientAck(t, "strong:ack", `'headers':{'correlation-id':'c','ditto-weak-ack':false},'status':200`)
	nack := func(status int) Ack { return Ack{Label: "nack", Status: status} }
	const none = `'headers':{'correlation-id':'c','response-required':false}`

	for name, c := range map[string]struct {
		acks          []Ack
		value, status string
		more          string // further headers
	}{
		"one, whose headers are shown twice": {[]Ack{good},
			`'my:ack':{'status':202,'payload':{'a':[1, 2]},` + mineShown + `}`, "202", `,'Other':'z'`},
		"one that failed": {[]Ack{nack(404)}, `'nack':{'status':404,` + none + `}`, "404", ""},
		"one that is weak": {[]Ack{weak},
			`'weak:ack':{'status':200,'headers':{'correlation-id':'c','ditto-weak-ack':true,'response-required':false}}`,
			"200", `,'ditto-weak-ack':true`},
		"two that are good": {[]Ack{good, bare},
			`'my:ack':{'status':202,'payload':{'a':[1, 2]},` + mineShown + `},` +
				`'your:ack':{'status':299,'headers':{'correlation-id':'c','response-required':false}}`, "200", ""},
		"null is a payload, and 1xx no success": {[]Ack{null, bare},
			`'null:ack':{'status':100,'payload':null,` + none + `},` +
				`'your:ack':{'status':299,'headers':{'correlation-id':'c','response-required':false}}`, "424", ""},
		"two of which the last failed": {[]Ack{strong, nack(300)},
			`'strong:ack':{'status':200,'headers':{'correlation-id':'c','ditto-weak-ack':false,'response-required':false}},` +
				`'nack':{'status':300,` + none + `}`, "424", ""},
	} {
		env := decode(t, command)
		before := string(env.Append(nil))
		acks := Acks{Topic: env.Topic, Headers: env.Headers, Originator: "nginx:ditto", Acks: c.acks}
		want := strings.ReplaceAll(`{'topic':'ns/t/things/twin/acks','headers':{`+shown+c.more+`},'path':'/','value':{`+c.value+
			`},'status':`+c.status+`}`, "'", `"`)
		if diff := cmp.Diff(want, string(acks.Append(nil))); diff != "" {
			t.Errorf("%s: -want +got\n%s", name, diff)
		}
		if after := string(env.Append(nil)); after != before {
			t.Errorf("%s: the message has become %s", name, after)
		}
	}
}

// TestAppendLive checks what differs for live signals, messages and those without headers.
func TestAppendLive(t *testing.T) {
	env := decode(t, `{'topic':'ns/t/things/live/messages/a/b','path':'/inbox/messages/a/b'}`)
	acks := Acks{Topic: env.Topic, Headers: env.Headers, Acks: []Ack{{Label: "my:ack", Status: 200}}}
	want := `{"topic":"ns/t/things/live/acks","headers":{"response-required":false,"content-type":"application/json"},"path":"/",` +
		`"value":{"my:ack":{"status":200,"headers":{"response-required":false}}},"status":200}`
	if diff := cmp.Diff(want, string(acks.Append(nil))); diff != "" {
		t.Error(diff)
	}
}

// TestStatus goes through statuses of two acknowledgements.
func TestStatus(t *testing.T) {
	for _, c := range []struct{ first, second, want int }{
		{200, 200, 200}, {201, 204, 200}, {299, 200, 200},
		{199, 200, 424}, {200, 300, 424}, {200, 304, 424}, {404, 200, 424}, {404, 404, 424}, {408, 200, 424}, {500, 503, 424},
	} {
		acks := Acks{Acks: []Ack{{Label: "a-a", Status: c.first}, {Label: "b-b", Status: c.second}}}
		if got := acks.Status(); got != c.want {
			t.Errorf("%d and %d: %d, want %d", c.first, c.second, got, c.want)
		}
		acks.Acks = acks.Acks[:1]
		if got := acks.Status(); got != c.first {
			t.Errorf("%d alone: %d", c.first, got)
		}
	}
}

func TestTwinPersisted(t *testing.T) {
	env := decode(t, `{'topic':'ns/t/things/twin/commands/merge','path':'/','headers':{'correlation-id':'c','Custom':'x',
		'content-type':'application/merge-patch+json','requested-acks':['twin-persisted','my:ack'],'if-match':'*'},'value':{}}`)
	r := protocol.Response{
		Topic: env.Topic, Headers: env.Headers, Originator: "nginx:ditto", ETag: `"rev:7"`, Revision: 7,
		Value: []byte(`{"a":1}`), Status: 201,
	}
	answer := func(r protocol.Response) string {
		acks := Acks{Acks: []Ack{TwinPersisted(&r)}}
		text := string(acks.Append(nil))
		_, text, _ = strings.Cut(text, `"value":`)
		return strings.ReplaceAll(text, `"`, "'")
	}
	const rest = `,'response-required':false}}},'status':201}`
	want := `{'twin-persisted':{'status':201,'payload':{'a':1},'headers':{'correlation-id':'c','Custom':'x',` +
		`'content-type':'application/merge-patch+json','ditto-originator':'nginx:ditto','etag':'\'rev:7\'','entity-revision':7` + rest
	if diff := cmp.Diff(want, answer(r)); diff != "" {
		t.Error(diff)
	}
	r.Topic.Action, r.Originator, r.ETag, r.Revision, r.Value, r.Status = protocol.Modify, "", "", 0, nil, 204
	want = `{'twin-persisted':{'status':204,'headers':{'correlation-id':'c','Custom':'x','content-type':'application/json'` +
		strings.ReplaceAll(rest, "201", "204")
	if diff := cmp.Diff(want, answer(r)); diff != "" {
		t.Error(diff)
	}
}

func TestLiveResponse(t *testing.T) {
	env := decode(t, `{'topic':'ns/t/things/live/messages/m','path':'/outbox/messages/m','headers':{'correlation-id':'c',
		'content-type':'text/plain','response-required':true},'value':'yes','status':418}`)
	a := LiveResponse(env)
	clear(env.Value)
	acks := Acks{Acks: []Ack{a}}
	want := `"value":{"live-response":{"status":418,"payload":"yes","headers":{"correlation-id":"c","content-type":"text/plain",` +
		`"response-required":false}}},"status":418}`
	if got := string(acks.Append(nil)); !strings.HasSuffix(got, want) {
		t.Errorf("%s\ndoes not end with\n%s", got, want)
	}
}

func TestWeak(t *testing.T) {
	var h protocol.Headers
	h.SetString(protocol.HeaderCorrelationID, "c")
	a := Weak("my:ack")
	acks := Acks{Headers: h, Acks: []Ack{a}}
	if a.Label != "my:ack" || a.Status != 200 || !a.Weak || document.KindOf(a.Payload) != document.String || len(a.Payload) < 20 {
		t.Errorf("made %+v", a)
	}
	want := `,"headers":{"correlation-id":"c","response-required":false,"ditto-weak-ack":true}}},"status":200}`
	if got := string(acks.Append(nil)); !strings.HasSuffix(got, want) {
		t.Errorf("%s\ndoes not end with\n%s", got, want)
	}
}

func TestRead(t *testing.T) {
	const (
		topic     = "protocoladapter:unknown.topicpath"
		forbidden = "acknowledgement:ditto.acklabel.forbidden"
		counts    = "counts"
		ignored   = "ignored"
	)
	declared := []string{"my:ack", "your:ack", "twin-persisted"}
	headers := `,'headers':{'correlation-id':'c'}`
	large := `,'value':'` + strings.Repeat("x", MaxPayload-2) + `'`
	for _, c := range []struct{ label, rest, want string }{
		{"/my:ack", headers + `,'status':200`, counts},
		{"/your:ack", headers + `,'status':500,'value':1`, counts},
		{"/my:ack", headers + `,'status':200,'value':null`, counts},
		{"/my:ack", `,'headers':{'correlation-id':'c','ditto-weak-ack':true},'status':200`, counts},
		{"/my:ack", headers + large + `,'status':200`, counts},
		{"/my:ack", headers + strings.ReplaceAll(large, "x", "ä") + `,'status':200`, counts},
		{"/my:ack", headers + strings.Replace(large, "xx", "äää", 1) + `,'status':200`, "messages:payload.toolarge"},

		{"/my:ack", headers, topic},
		{"/my:ack", headers + `,'status':99`, topic},
		{"/my:ack", headers + `,'status':null`, topic},
		{"", headers + `,'status':200`, topic},
		{"/my ack", headers + `,'status':200`, "acknowledgement:label.invalid"},
		{"/my/ack", headers + `,'status':200`, "acknowledgement:label.invalid"},
		{"/their:ack", headers + `,'status':200`, "acknowledgement:label.not.declared"},
		{"/MY:ACK", headers + `,'status':200`, "acknowledgement:label.not.declared"},
		{"/my:ack", `,'status':200`, "acknowledgement:correlation-id.missing"},

		{"/twin-persisted", headers + `,'status':200`, forbidden},
		{"/live-response", headers + `,'status':200`, forbidden},
		{"/search-persisted", headers + `,'status':200`, forbidden},
		{"/twin-persisted", headers + ``, topic},
		{"/twin-persisted", `,'headers':{'ditto-weak-ack':false},'status':200`, forbidden},
		{"/twin-persisted", `,'headers':{'correlation-id':'c','ditto-weak-ack':true},'status':200`, ignored},
		{"/live-response", `,'headers':{'correlation-id':'c','ditto-weak-ack':'true'},'status':200`, ignored},
		{"/search-persisted", `,'headers':{'ditto-weak-ack':true},'status':200`, ignored},
	} {
		for _, channel := range []string{"twin", "live"} {
			env := decode(t, `{'topic':'ns/t/things/`+channel+`/acks`+c.label+`','path':'/'`+c.rest+`}`)
			a, ok, err := Read(env, declared)
			got := ignored
			switch {
			case err != nil:
				got = err.Code
			case ok:
				got = counts
			}
			if got != c.want || ok && err != nil {
				t.Errorf("%.200s: %s, want %s", env.Append(nil), got, c.want)
			}
			if want := "/" + a.Label; ok && want != c.label {
				t.Errorf("read the label %s of %s", a.Label, c.label)
			}
		}
	}
}

// TestReadKeeps checks what is read, and that it remains when the text is gone.
func TestReadKeeps(t *testing.T) {
	text := []byte(`{"topic":"ns/t/things/twin/acks/my:ack","headers":{"correlation-id":"c#1","ditto-weak-ack":true,"k":"v"},` +
		`"path":"/","value":{"a":1},"status":404}`)
	var env protocol.Envelope
	if err := protocol.Decode(text, &env); err != nil {
		t.Fatal(err)
	}
	a, counts, err := Read(&env, []string{"my:ack"})
	clear(text)
	if !counts || err != nil {
		t.Fatalf("counts %v, %v", counts, err)
	}
	if a.Label != "my:ack" || a.Status != 404 || string(a.Payload) != `{"a":1}` || !a.Weak {
		t.Errorf("read %+v", a)
	}
	if got := string(a.Headers.AppendOut(nil)); got != `{"correlation-id":"c#1","ditto-weak-ack":true,"k":"v"}` {
		t.Errorf("read the headers %s", got)
	}
}

// FuzzRead reads what a client may send and shows it to another one: what comes out is an envelope with one acknowledgement.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		`{"topic":"ns/t/things/twin/acks/my:ack","headers":{"correlation-id":"c","ditto-weak-ack":true},"path":"/","value":1,"status":200}`,
		`{"topic":"ns/\"/things/live/acks/my:ack","headers":{"correlation-id":"\"","requested-acks":["a-b"],"x\"":"y"},"path":"","status":400}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var env protocol.Envelope
		if protocol.Decode(text, &env) != nil {
			return
		}
		a, counts, err := Read(&env, []string{"my:ack"})
		if !counts {
			if err == nil && !BuiltIn(env.Topic.Subject) {
				t.Errorf("%s is ignored", text)
			}
			return
		}
		c := begun(Plan{Labels: []string{"my:ack"}, Reply: Aggregate, Wait: time.Second})
		if !c.Put(a) || !c.Complete() {
			t.Fatalf("%s is not taken", text)
		}
		acks := Acks{Topic: env.Topic, Headers: env.Headers, Originator: "nginx:ditto", Acks: c.Result().Acks}
		out := acks.Append(nil)
		if err := document.Valid(out); err != nil {
			t.Fatalf("%s becomes %s: %v", text, out, err)
		}
		status, _ := document.Get(out, document.Pointer{"value", "my:ack", "status"})
		if outer, _ := document.Get(out, document.Pointer{"status"}); string(outer) != string(status) {
			t.Errorf("%s becomes %s", text, out)
		}
		for _, headers := range []document.Pointer{{"headers"}, {"value", "my:ack", "headers"}} {
			if _, found := document.Get(out, append(headers, "requested-acks")); found {
				t.Errorf("%s becomes %s", text, out)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	var h protocol.Headers
	h.SetString(protocol.HeaderCorrelationID, "c")
	payload := []byte(`{"a":1}`)
	acks := Acks{
		Topic: protocol.Topic{Namespace: "ns", Name: "t", Group: protocol.Things, Channel: protocol.Twin}, Headers: h, Originator: "nginx:ditto",
		Acks: []Ack{{Label: "twin-persisted", Status: 204, Headers: h}, {Label: "my:ack", Status: 200, Payload: payload, Headers: h}},
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = acks.Append(buf[:0])
	}
}
