package live

import (
	"fmt"
	"slices"
	"strings"
)

// Match tells whether a response answers a command: "" if it does, or else a sentence that says why not.
//
// Protocol rules: the correlation id, the thing, the action and the path must be those of the command. The correlation id may
// have been given a suffix for the device. An error need not say which action and path it is about.
func Match(c *Command, r *Response) string {
	switch {
	case !strings.HasPrefix(r.CorrelationID, c.CorrelationID):
		return "Its correlation id is another."
	case r.ID != c.ID:
		return fmt.Sprintf("It is about the thing %q.", short(r.ID))
	case r.Failed:
		return ""
	case r.Action != c.Action:
		return fmt.Sprintf("It answers %s instead of %s.", r.Action, c.Action)
	case !slices.Equal(r.Path.Pointer, c.Path.Pointer):
		return fmt.Sprintf("It is about the path %q.", short(r.Path.String()))
	}
	return ""
}

// MatchMessage is [Match] for a message and the response to it. Protocol rule: a response has the topic of the message, but may
// go either way.
func MatchMessage(request, response *Message) string {
	switch {
	case !response.IsResponse():
		return "It has no status."
	case !strings.HasPrefix(response.CorrelationID, request.CorrelationID):
		return "Its correlation id is another."
	case response.ID != request.ID:
		return fmt.Sprintf("It is about the thing %q.", short(response.ID))
	case response.Subject != request.Subject:
		return fmt.Sprintf("It has the subject %q.", short(response.Subject))
	}
	return ""
}

// MatchError is [Match] for a message and an error in place of the response to it.
func MatchError(request *Message, r *Response) string {
	switch {
	case !strings.HasPrefix(r.CorrelationID, request.CorrelationID):
		return "Its correlation id is another."
	case r.ID != request.ID:
		return fmt.Sprintf("It is about the thing %q.", short(r.ID))
	case !r.Failed:
		return "It answers a command, not a message."
	}
	return ""
}

// maxShort is how many bytes of a device's text a reason repeats.
const maxShort = 256

func short(s string) string {
	if len(s) <= maxShort {
		return s
	}
	return strings.ToValidUTF8(s[:maxShort], "") + "…"
}
