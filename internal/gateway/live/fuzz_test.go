package live

import (
	"bytes"
	"testing"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// signal is anything that is made of an envelope, ready to be appended.
type signal struct {
	append func(d Delivery) []byte
	// again makes of an envelope what it was made of.
	again func(*protocol.Envelope) (signal, *protocol.Error)
}

func message(env *protocol.Envelope) (signal, *protocol.Error) {
	m, err := NewMessage(env)
	if err != nil {
		return signal{}, err
	}
	m.Originator = "o"
	return signal{func(d Delivery) []byte { return m.AppendSignal(nil, d) }, message}, nil
}

func command(env *protocol.Envelope) (signal, *protocol.Error) {
	c, err := NewCommand(env)
	if err != nil {
		return signal{}, err
	}
	c.Originator = "o"
	return signal{func(d Delivery) []byte { return c.AppendSignal(nil, d) }, command}, nil
}

func response(env *protocol.Envelope) (signal, *protocol.Error) {
	r, err := ParseResponse(env)
	if err != nil {
		return signal{}, err
	}
	r.Originator = "o"
	return signal{func(d Delivery) []byte { return r.AppendSignal(nil, d, r.Value) }, response}, nil
}

func event(env *protocol.Envelope) (signal, *protocol.Error) {
	e, err := NewEvent(env)
	if err != nil {
		return signal{}, err
	}
	e.Originator = "o"
	return signal{func(d Delivery) []byte { return e.AppendSignal(nil, d, e.Value) }, event}, nil
}

var kinds = []func(*protocol.Envelope) (signal, *protocol.Error){message, command, response, event}

// FuzzSignals checks of every envelope that at most one kind of signal is made of it, that what receivers are sent is valid and
// makes the same kind of signal, and that this is delivered as it is.
func FuzzSignals(f *testing.F) {
	for _, p := range parts {
		for _, action := range actions {
			f.Add([]byte(frame("commands/"+action, p.path, headersFor(action)+`,"value":`+p.good)))
			f.Add([]byte(frame("commands/"+action, p.path, `"status":200,"value":`+p.good)))
		}
		for _, action := range []string{"created", "modified", "merged", "deleted"} {
			f.Add([]byte(frame("events/"+action, p.path, `"revision":5,"timestamp":"2026-01-01T00:00:00Z","metadata":{},"value":`+p.good)))
		}
	}
	for _, media := range []string{"", "text/plain", "application/json"} {
		f.Add([]byte(frame("messages/a~/b", "/features/f~0/inbox/messages/a~/b", `"headers":{"content-type":"`+media+`","X":"\ud800"},"value":"\ud800 YQ","extra":{}`)))
	}
	f.Add([]byte(frame("errors", "/", `"status":404,"value":{"error":"x:y"}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		var env protocol.Envelope
		if protocol.Decode(text, &env) != nil {
			return
		}
		made := 0
		for _, kind := range kinds {
			s, err := kind(&env)
			if err != nil {
				if err.Status < 400 || err.Status >= 500 || err.Code == "" || err.Message == "" {
					t.Errorf("refused with %+v", err)
				}
				continue
			}
			made++
			checkArrives(t, s)
		}
		if made > 1 {
			t.Errorf("%d kinds of signals were made", made)
		}
		if !bytes.Equal(text, before) {
			t.Errorf("the text became %q", text)
		}
	})
}

func checkArrives(t *testing.T, sent signal) {
	t.Helper()
	d := Delivery{CorrelationID: "c\"\n", ResponseRequired: true}
	first := sent.append(d)
	if err := document.Valid(first); err != nil {
		t.Fatalf("%s: %v", first, err)
	}
	var env protocol.Envelope
	if err := protocol.Decode(first, &env); err != nil {
		// What a client sent may have just fitted before the server added to it.
		if err.Code == "header.invalid" {
			return
		}
		t.Fatalf("%s: %v: %s", first, err, err.Description)
	}
	if id, _ := env.Headers.String(protocol.HeaderCorrelationID); id != d.CorrelationID {
		t.Errorf("the correlation id of %s is %q", first, id)
	}
	arrived, err := sent.again(&env)
	if err != nil {
		t.Fatalf("%s: %v: %s", first, err, err.Description)
	}
	var second protocol.Envelope
	text := arrived.append(d)
	if err := protocol.Decode(text, &second); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if !bytes.Equal(env.Value, second.Value) || env.Path != second.Path || env.Topic != second.Topic || env.Status != second.Status {
		t.Errorf("%s\nis delivered again as\n%s", first, text)
	}
}

// FuzzPayload checks that what is delivered is of the form that the content type has.
func FuzzPayload(f *testing.F) {
	f.Add("", []byte(`"YQ="`))
	f.Add("text/plain", []byte(`{"a":[null]}`))
	f.Add("application/json", []byte(`1e5`))
	f.Fuzz(func(t *testing.T, contentType string, value []byte) {
		if document.Valid(value) != nil {
			return
		}
		got := payload(contentType, value)
		switch mediaKindOf(contentType) {
		case jsonMedia:
			if !bytes.Equal(got, value) {
				t.Errorf("%s became %s", value, got)
			}
			return
		case binaryMedia:
			if _, ok := decodeBase64(textOf(got)); !ok {
				t.Errorf("%s became %s", value, got)
			}
		}
		if _, err := document.Unquote(got); err != nil {
			t.Errorf("%s became %s: %v", value, got, err)
		}
	})
}
