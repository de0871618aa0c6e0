package rest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parseEvents reads events as clients do (WHATWG HTML, section 9.2.6).
func parseEvents(text string) (events []event) {
	var e event
	var data []string
	id := ""
	for line := range strings.SplitSeq(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case line == "":
			if joined := strings.Join(data, "\n"); joined != "" {
				events = append(events, event{name: e.name, id: id, data: []byte(joined)})
			}
			e, data = event{}, nil
		case field == "event":
			e.name = value
		case field == "data":
			data = append(data, value)
		case field == "id" && !strings.Contains(value, "\x00"):
			id = value
		}
	}
	return events
}

func TestEventsAsText(t *testing.T) {
	for want, e := range map[string]event{
		"data:{\"a\":1}\n\n":                            {data: []byte(`{"a":1}`)},
		"data:\n\n":                                     {},
		"data:x\nid:ns:t\n\n":                           {data: []byte("x"), id: "ns:t"},
		"event:ask/me\ndata:x\n\n":                      {data: []byte("x"), name: "ask/me"},
		"data:a\ndata:b\ndata:c\ndata:\ndata:d\n\n":     {data: []byte("a\nb\rc\r\n\r\nd")},
		"data:\ndata:a\ndata:\n\n":                      {data: []byte("\na\n")},
		"data:  two blanks\ndata:  one\ndata:none\n\n":  {data: []byte(" two blanks\n one\nnone")},
		"event:a b c\ndata:x\n\n":                       {data: []byte("x"), name: "a\nb\rc"},
		"data:no id with a break\n\n":                   {data: []byte("no id with a break"), id: "a\nb"},
		"data:nor with U+0000\n\n":                      {data: []byte("nor with U+0000"), id: "a\x00b"},
		"data:event: x\ndata:: comment\ndata:id: 7\n\n": {data: []byte("event: x\n: comment\nid: 7")},
		"data:ü\u2028is no line break\n\n":              {data: []byte("ü\u2028is no line break")},
	} {
		if got := string(e.append(nil)); got != want {
			t.Errorf("%q is %q, want %q", e.data, got, want)
		}
	}
	if got := parseEvents(heartbeat); got != nil {
		t.Errorf("a heartbeat is an event: %v", got)
	}
}

// Whatever an event says, clients understand it, and nothing else.
func FuzzEvent(f *testing.F) {
	f.Add("name", "id", "data")
	f.Add("a\nb", "x\r", " a\r\n\r b\n\n")
	f.Fuzz(func(t *testing.T, name, id, data string) {
		e := event{name: name, id: id, data: []byte(data)}
		got := parseEvents(string(e.append([]byte("data:before\n\n"))) + "data:behind\n\n")
		breaks := strings.NewReplacer("\r\n", "\n", "\r", "\n")
		want := []event{{data: []byte("before")}}
		if strings.ContainsAny(id, "\x00\r\n") {
			id = ""
		}
		if data != "" {
			want = append(want, event{name: strings.TrimPrefix(inOneLine.Replace(name), ""), id: id, data: []byte(breaks.Replace(data))})
		}
		want = append(want, event{id: id, data: []byte("behind")})
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(event{})); diff != "" {
			t.Errorf("%q %q %q: %s", name, id, data, diff)
		}
	})
}

// Protocol rule: a request asks for events by their name. That it takes anything is not enough.
func TestWhoAsksForEvents(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "*/*": false, "text/*": false, "application/json": false, "text/event-stream": true, "Text/Event-Stream": true,
		"application/json, text/event-stream": true, "text/event-stream;q=0.5, */*": true, "text/event-stream; q=0, */*": false,
		"text/event-stream;q=0.000": false, "text/event-stream;charset=utf-8": true, "xtext/event-stream": false, "text/event-streams": false,
	} {
		header := httptest.NewRequest(http.MethodGet, "/", nil)
		header.Header.Set("Accept", accept)
		query := httptest.NewRequest(http.MethodGet, "/", nil)
		for _, q := range []request{{http: header}, {http: query, query: map[string][]string{"accept": {accept}}}} {
			if got := q.wantsEvents(); got != want {
				t.Errorf("%q asks for events: %t, want %t", accept, got, want)
			}
		}
	}
}
