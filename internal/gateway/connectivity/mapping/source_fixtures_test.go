package mapping

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twinway/twinway/internal/gateway/connectivity/external"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/snapshot"
)

// noon is when messages of tests come in.
var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// madeID is the correlation id of messages that have none.
const madeID = "made"

// sourceOf returns a source of the connection "broker" that is the usual one but for what change does.
func sourceOf(t testing.TB, change func(*snapshot.Source)) *Source {
	t.Helper()
	given := &snapshot.Source{
		Name: "in", Addresses: []string{"dev/#"}, AuthorizationSubjects: []string{"integration:broker"},
		Delivery: snapshot.AtMostOnce, Payload: snapshot.SourceDittoProtocol,
	}
	if change != nil {
		change(given)
	}
	s, err := NewSource("broker", given)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// message makes a message of its address, headers and payload, such as
//
//	dev/1 | content-type: text/plain | device: d | hello
func message(text string) *external.Message {
	parts := strings.Split(text, " | ")
	m := &external.Message{Address: parts[0], Headers: external.Headers{}, Payload: []byte(parts[len(parts)-1])}
	for _, header := range parts[1 : len(parts)-1] {
		name, value, _ := strings.Cut(header, ": ")
		m.Headers[name] = value
	}
	return m
}

// became says in one text what a message has become: an error as its status and code, or the commands, each on a line, with what is
// special about them.
func became(mapped Mapped, err *protocol.Error) string {
	if err != nil {
		return fmt.Sprintf("%d %s", err.Status, err.Code)
	}
	var lines []string
	for _, c := range mapped.Commands {
		env := *c.Envelope
		if env.Raw != nil {
			env.Value = fmt.Appendf(nil, "raw(%s)", env.Raw)
		}
		line := allOf(&env)
		for _, is := range []struct {
			word string
			so   bool
		}{{"implicit", c.Implicit}, {"silent", c.Silent}, {"handed", c.Handed}} {
			if is.so {
				line += " " + is.word
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// allOf returns an envelope with all of its headers.
func allOf(env *protocol.Envelope) string {
	headers := []string{}
	for name, raw := range env.Headers.All() {
		headers = append(headers, name+"="+string(raw))
	}
	text := env.Topic.String() + " " + env.Path + " {" + strings.Join(headers, " ") + "}"
	if env.Value != nil {
		text += " " + string(env.Value)
	}
	if env.Status != 0 {
		text += fmt.Sprintf(" %d", env.Status)
	}
	return text
}
