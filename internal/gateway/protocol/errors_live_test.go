package protocol

import (
	"strings"
	"testing"
)

// TestLiveErrors says of every error of the live channel which status and code it has. All are reported for the thing.
func TestLiveErrors(t *testing.T) {
	topic := Topic{Namespace: "ns", Name: "n", Group: Things, Channel: Live, Criterion: Commands, Action: Retrieve}
	for _, c := range []struct {
		err    *Error
		status int
		code   string
	}{
		{ErrMessagePathInvalid("/p", "s"), 400, "protocoladapter:invalid.path"},
		{ErrMessageFeatureIDInvalid("ä"), 400, "messages:featureid.invalid"},
		{ErrMessageTooLarge(2, 1), 413, "messages:payload.toolarge"},
		{ErrMessageNotAllowed("ns:n", "/p"), 403, "messages:send.notallowed"},
		{ErrEventNotAllowed("ns:n", Path{}), 403, "things:event.notallowed"},
		{ErrIllegalAdaptable(&topic, "r"), 422, "protocoladapter:illegal.adaptable"},
	} {
		if c.err.Status != c.status || c.err.Code != c.code || c.err.Unaddressed || c.err.Policy {
			t.Errorf("got %+v, want %d %s", c.err, c.status, c.code)
		}
		if c.err.Message == "" || c.err.Description == "" {
			t.Errorf("%s says nothing: %+v", c.code, c.err)
		}
	}
}

// TestIllegalAdaptable checks that a device is told which of its messages is meant, in no more text than it needs.
func TestIllegalAdaptable(t *testing.T) {
	topic := Topic{Namespace: "ns", Name: "n", Group: Things, Channel: Live, Criterion: Commands, Action: Retrieve}
	text := string(ErrIllegalAdaptable(&topic, "r").Append(nil))
	if want := `,"description":"r","topicPath":"ns/n/things/live/commands/retrieve"}`; !strings.HasSuffix(text, want) {
		t.Errorf("got %s, want it to end with %s", text, want)
	}
	topic.Name = strings.Repeat("x", 1000)
	if got := len(ErrIllegalAdaptable(&topic, "r").TopicPath); got > 300 {
		t.Errorf("the topic has %d bytes", got)
	}
}
