package protocol

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestCommandOptions goes through all combinations for modifications.
func TestCommandOptions(t *testing.T) {
	const (
		ack    = "[twin-persisted]"
		silent = "silent" // nothing required
		zero   = "header.invalid timeout"
		acks   = "header.invalid requested-acks"
	)
	for _, c := range []struct {
		required, acks string
		// what comes of it without a timeout, with one, and with one of zero
		none, some, zero string
	}{
		{"", "", "default " + ack, "default " + ack, silent},
		{"", "[]", "respond []", "respond []", silent},
		{"", `["twin-persisted"]`, "respond " + ack, "respond " + ack, zero},
		{"", `["live-response"]`, "respond []", "respond []", silent},
		{"", `["my:ack"]`, "respond [my:ack]", "respond [my:ack]", zero},
		{"", `["live-response","my:ack","search-persisted"]`,
			"respond [my:ack search-persisted]", "respond [my:ack search-persisted]", zero},

		{"true", "", "default " + ack, "default " + ack, zero},
		{"true", "[]", "respond []", "respond []", zero},
		{"true", `["twin-persisted"]`, "respond " + ack, "respond " + ack, zero},
		{"true", `["live-response"]`, "respond []", "respond []", zero},
		{"true", `["my:ack"]`, "respond [my:ack]", "respond [my:ack]", zero},
		{"true", `["live-response","my:ack"]`, "respond [my:ack]", "respond [my:ack]", zero},

		{"false", "", silent, silent, silent},
		{"false", "[]", silent, silent, silent},
		{"false", `["twin-persisted"]`, acks, acks, zero},
		{"false", `["live-response"]`, silent, silent, silent},
		{"false", `["my:ack"]`, acks, acks, zero},
		{"false", `["live-response","my:ack"]`, acks, acks, zero},
	} {
		for timeout, want := range map[string]string{"": c.none, "5s": c.some, "0": c.zero, "0ms": c.zero} {
			h := optionHeaders(t, c.required, c.acks, timeout)
			if got := describe(CommandOptions(&h, false)); got != want {
				t.Errorf("%s: %s, want %s", shown(h), got, want)
			}
		}
	}
}

// TestQueryOptions goes through all combinations for retrieves. Acknowledgements do not matter to them.
func TestQueryOptions(t *testing.T) {
	const (
		respond = "default []"
		refused = "command.headers.invalid response-required"
		zero    = "header.invalid timeout"
	)
	for _, c := range []struct{ required, none, some, zero string }{
		{"", respond, respond, zero},
		{"true", respond, respond, zero},
		{"false", refused, refused, refused},
	} {
		for _, acks := range []string{"", "[]", `["twin-persisted"]`, `["my:ack"]`} {
			for timeout, want := range map[string]string{"": c.none, "5s": c.some, "0": c.zero} {
				h := optionHeaders(t, c.required, acks, timeout)
				if got := describe(CommandOptions(&h, true)); got != want {
					t.Errorf("%s: %s, want %s", shown(h), got, want)
				}
			}
		}
	}
}

func TestOptionsTimeout(t *testing.T) {
	for timeout, want := range map[string]time.Duration{"": -1, "5s": 5 * time.Second, "0": 0} {
		h := optionHeaders(t, "", "", timeout)
		if o, err := CommandOptions(&h, false); err != nil || o.Timeout != want {
			t.Errorf("%q: timeout %v, %v, want %v", timeout, o.Timeout, err, want)
		}
	}
	var h Headers
	h.SetString(HeaderTimeout, "soon")
	if _, err := CommandOptions(&h, false); err == nil || err.Code != "timeout.invalid" {
		t.Errorf("refused with %v", err)
	}
}

func optionHeaders(t *testing.T, required, acks, timeout string) Headers {
	var members []string
	if required != "" {
		members = append(members, `"response-required":`+required)
	}
	if acks != "" {
		members = append(members, `"requested-acks":`+acks)
	}
	if timeout != "" {
		members = append(members, `"timeout":"`+timeout+`"`)
	}
	return headers(t, "{"+strings.Join(members, ",")+"}")
}

// describe says in one line what was returned.
func describe(o Options, err *Error) string {
	switch {
	case err != nil:
		_, name, _ := strings.Cut(err.Message+err.Description, `"`)
		name, _, _ = strings.Cut(name, `"`)
		if err.Unaddressed {
			name += " unaddressed"
		}
		return err.Code + " " + name
	case !o.ResponseRequired && len(o.RequestedAcks) == 0:
		return "silent"
	case !o.ResponseRequired:
		return fmt.Sprint("silent ", o.RequestedAcks)
	case o.AcksGiven:
		return fmt.Sprint("respond ", o.RequestedAcks)
	}
	return fmt.Sprint("default ", o.RequestedAcks)
}
