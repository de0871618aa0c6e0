package protocol

import "testing"

func TestEnvelopeAppend(t *testing.T) {
	topic := modifyTopic
	topic.Name = `a"b`
	for name, c := range map[string]struct {
		env  Envelope
		want string
	}{
		"least": {Envelope{Topic: modifyTopic}, `{"topic":"ns/n/things/twin/commands/modify","headers":{},"path":"/"}`},
		"all": {
			Envelope{
				Topic: topic, Headers: headers(t, `{"if-match":"*","a":"1","correlation-id":"c"}`), Path: "/a\"\u0001",
				Value: []byte("null"), Extra: []byte(`{"x":1}`), Metadata: []byte(`{"m":1}`), Status: 200, HasRevision: true,
				Timestamp: "2026-08-18T18:32:56Z", HasFields: true, Fields: `"`,
			},
			`{"topic":"ns/a\"b/things/twin/commands/modify","headers":{"correlation-id":"c","a":"1"},"path":"/a\"\u0001","value":null,` +
				`"extra":{"x":1},"status":200,"revision":0,"timestamp":"2026-08-18T18:32:56Z","metadata":{"m":1},"fields":"\""}`,
		},
	} {
		if got := string(c.env.Append([]byte("x"))); got != "x"+c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}
