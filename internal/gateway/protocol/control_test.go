package protocol

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseControl(t *testing.T) {
	for text, want := range map[string]Control{
		"START-SEND-EVENTS":                     {Start: true, Type: SignalEvents},
		"START-SEND-MESSAGES":                   {Start: true, Type: SignalMessages},
		"START-SEND-LIVE-COMMANDS":              {Start: true, Type: SignalLiveCommands},
		"START-SEND-LIVE-EVENTS":                {Start: true, Type: SignalLiveEvents},
		"START-SEND-POLICY-ANNOUNCEMENTS":       {Start: true, Type: SignalPolicyAnnouncements},
		"STOP-SEND-EVENTS":                      {Type: SignalEvents},
		"STOP-SEND-MESSAGES":                    {Type: SignalMessages},
		"STOP-SEND-LIVE-COMMANDS":               {Type: SignalLiveCommands},
		"STOP-SEND-LIVE-EVENTS":                 {Type: SignalLiveEvents},
		"STOP-SEND-POLICY-ANNOUNCEMENTS":        {Type: SignalPolicyAnnouncements},
		"START-SEND-EVENTSxyz":                  {Start: true, Type: SignalEvents},
		"START-SEND-EVENTS:ACK":                 {Start: true, Type: SignalEvents},
		"STOP-SEND-EVENTS?namespaces":           {Type: SignalEvents}, // parameters of STOP do not matter
		"STOP-SEND-EVENTS\xff":                  {Type: SignalEvents},
		"START-SEND-EVENTS?":                    {Start: true, Type: SignalEvents},
		"START-SEND-EVENTS?unknown=1&x=":        {Start: true, Type: SignalEvents},
		"START-SEND-EVENTS?&namespaces=a&":      {Start: true, Type: SignalEvents, Namespaces: []string{"a"}},
		"START-SEND-EVENTS?&&x=1&":              {Start: true, Type: SignalEvents},
		"START-SEND-EVENTS&namespaces=a":        {Start: true, Type: SignalEvents},
		"START-SEND-EVENTS junk?namespaces=a":   {Start: true, Type: SignalEvents, Namespaces: []string{"a"}},
		"START-SEND-EVENTS?namespaces=a,b.c,,d": {Start: true, Type: SignalEvents, Namespaces: []string{"a", "b.c", "d"}},
		"START-SEND-EVENTS?namespaces=":         {Start: true, Type: SignalEvents},
		"START-SEND-EVENTS?filter=":             {Start: true, Type: SignalEvents, HasFilter: true},
		"START-SEND-EVENTS?filter=a=b?c%26d+e%C3%A4": {
			Start: true, Type: SignalEvents, Filter: "a=b?c&d eä", HasFilter: true},
		"START-SEND-MESSAGES?%66ilter=eq(a,1)&correlation-id=c%2B1": {
			Start: true, Type: SignalMessages, Filter: "eq(a,1)", HasFilter: true, CorrelationID: "c+1"},
		"START-SEND-EVENTS?extraFields=": {Start: true, Type: SignalEvents, HasExtraFields: true},
		// As it is typed, and as it is encoded.
		"START-SEND-EVENTS?filter=and(eq(attributes/a b,\"x=y?z\"),like(topic:action,'m*'))&namespaces=a": {
			Start: true, Type: SignalEvents, Namespaces: []string{"a"}, HasFilter: true, Filter: `and(eq(attributes/a b,"x=y?z"),like(topic:action,'m*'))`},
		"START-SEND-EVENTS?filter=gt%28attributes%2Fa%2C%22x%26y%22%29&extraFields=attributes%2Fa%2Cfeatures%28f%2Cg%29": {
			Start: true, Type: SignalEvents, HasFilter: true, Filter: `gt(attributes/a,"x&y")`, HasExtraFields: true, ExtraFields: "attributes/a,features(f,g)"},
		"START-SEND-EVENTS?filter=gt(_modified,time:now%2B1h)&filter2=gt(_modified,time:now+1h)": {
			Start: true, Type: SignalEvents, HasFilter: true, Filter: "gt(_modified,time:now+1h)"},
		"START-SEND-LIVE-EVENTS?extraFields=thingId,features/*/properties/x,attributes(a,b)": {
			Start: true, Type: SignalLiveEvents, ExtraFields: "thingId,features/*/properties/x,attributes(a,b)", HasExtraFields: true},
		"JWT-TOKEN?jwtToken=a.b.c": {Type: JWTToken, Token: "a.b.c", HasToken: true},
		"JWT-TOKEN?jwtToken=":      {Type: JWTToken, HasToken: true},
		"JWT-TOKEN":                {Type: JWTToken},
		"JWT-TOKENS":               {Type: JWTToken},
	} {
		got, isControl, err := ParseControl([]byte(text))
		if err != nil || !isControl {
			t.Errorf("%s: %t, %v", text, isControl, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestNoControl(t *testing.T) {
	for _, text := range []string{
		"", "{}", " START-SEND-EVENTS", "start-send-events", "START-SEND-EVENT", "START-SEND-", "START-SEND-FOO", "STOP-SEND-",
		"STOP-SEND-LIVE-", "JWT-TOKE", "START", `{"topic":"START-SEND-EVENTS"}`,
	} {
		if c, isControl, err := ParseControl([]byte(text)); isControl || err != nil || !cmp.Equal(c, Control{}) {
			t.Errorf("%q: %+v, %t, %v", text, c, isControl, err)
		}
	}
}

func TestParseControlRefuses(t *testing.T) {
	const start = "START-SEND-EVENTS?"
	namespaces := func(n int) string { return strings.TrimSuffix(strings.Repeat("a,", n), ",") }
	for name, c := range map[string]struct{ text, code string }{
		"no value":                  {start + "namespaces", "json.format.invalid"},
		"no value of an unknown":    {start + "x=1&foo", "json.format.invalid"},
		"twice":                     {start + "namespaces=a&namespaces=a", "json.format.invalid"},
		"twice in other spelling":   {start + "namespaces=a&%6eamespaces=a", "json.format.invalid"},
		"encoding of a name":        {start + "%zz=a", "json.format.invalid"},
		"encoding of a value":       {start + "namespaces=%4", "json.format.invalid"},
		"value not UTF-8":           {start + "namespaces=%FF", "json.format.invalid"},
		"too many namespaces":       {start + "namespaces=" + namespaces(257), "json.format.invalid"},
		"too long":                  {start + "x=" + strings.Repeat("x", 16<<10+1-len(start)-2), "json.format.invalid"},
		"token twice":               {"JWT-TOKEN?jwtToken=a&jwtToken=b", "json.format.invalid"},
		"filter without value":      {start + "filter", "rql.expression.invalid"},
		"filter twice":              {start + "filter=a&filter=a", "rql.expression.invalid"},
		"encoding of filter":        {start + "filter=%", "rql.expression.invalid"},
		"extraFields without value": {start + "extraFields", "json.fieldselector.invalid"},
		"extraFields twice":         {start + "extraFields=thingId&extraFields=thingId", "json.fieldselector.invalid"},
		"encoding of extraFields":   {start + "extraFields=%", "json.fieldselector.invalid"},
		"the first of several":      {start + "extraFields&filter", "json.fieldselector.invalid"},
		"the first of several, too": {start + "filter&extraFields", "rql.expression.invalid"},
	} {
		_, isControl, err := ParseControl([]byte(c.text))
		if !isControl || err == nil || err.Code != c.code || err.Status != 400 || !err.Unaddressed {
			t.Errorf("%s: %t, %+v, want %s", name, isControl, err, c.code)
		}
	}
	for name, text := range map[string]string{
		"namespaces": start + "namespaces=" + namespaces(256),
		"length":     start + "x=" + strings.Repeat("x", 16<<10-len(start)-2),
	} {
		if _, _, err := ParseControl([]byte(text)); err != nil {
			t.Errorf("%s: the most that is allowed is refused: %v", name, err)
		}
	}
}

func TestControlSaysWhichParameter(t *testing.T) {
	for _, name := range []string{"namespaces", "filter", "extraFields", "foo"} {
		_, _, err := ParseControl([]byte("START-SEND-EVENTS?" + name))
		if err == nil || err.Description != `The parameter "`+name+`" has no value.` {
			t.Errorf("%s: %+v", name, err)
		}
	}
}

// Whoever gets an error must be able to tell of what.
func TestControlCorrelationID(t *testing.T) {
	for _, text := range []string{
		"START-SEND-EVENTS?correlation-id=c&filter",
		"START-SEND-EVENTS?extraFields&correlation-id=c",
		"START-SEND-EVENTS?%&correlation-id=c",
	} {
		c, _, err := ParseControl([]byte(text))
		if err == nil || c.CorrelationID != "c" || c.Type != SignalEvents || !c.Start {
			t.Errorf("%s: %+v, %v", text, c, err)
		}
	}
}

func TestControlAck(t *testing.T) {
	for text, want := range map[string]string{
		"START-SEND-EVENTS?namespaces=a": "START-SEND-EVENTS:ACK",
		"START-SEND-MESSAGES":            "START-SEND-MESSAGES:ACK",
		"START-SEND-LIVE-COMMANDSxyz":    "START-SEND-LIVE-COMMANDS:ACK",
		"STOP-SEND-LIVE-EVENTS?x":        "STOP-SEND-LIVE-EVENTS:ACK",
		"STOP-SEND-POLICY-ANNOUNCEMENTS": "STOP-SEND-POLICY-ANNOUNCEMENTS:ACK",
		"JWT-TOKEN?jwtToken=x":           "",
		"{}":                             "",
	} {
		c, _, err := ParseControl([]byte(text))
		if got := c.Ack(); got != want || err != nil {
			t.Errorf("%s is confirmed by %q, %v, want %q", text, got, err, want)
		}
	}
}

func FuzzControl(f *testing.F) {
	for _, seed := range []string{
		"START-SEND-EVENTS?namespaces=a,b&filter=eq(a,%221%22)&extraFields=attributes/a,features(f,g)&correlation-id=c",
		"STOP-SEND-LIVE-COMMANDS?x", "JWT-TOKEN?jwtToken=a.b.c", "START-SEND-POLICY-ANNOUNCEMENTS?a", "START-SEND-MESSAGES?filter=%zz&=&&",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		c, isControl, err := ParseControl(text)
		if !isControl {
			if err != nil || c.Ack() != "" {
				t.Fatalf("%q: %+v, %v", text, c, err)
			}
			return
		}
		if (c.Ack() == "") != (c.Type == JWTToken) || len(c.Namespaces) > maxNamespaces {
			t.Fatalf("%q: %+v", text, c)
		}
		if err != nil {
			if err.Status != 400 || !err.Unaddressed {
				t.Fatalf("%q: %+v", text, err)
			}
			return
		}
		again, _, err := ParseControl([]byte(printControl(c)))
		if err != nil && len(printControl(c)) <= maxControlText {
			t.Fatalf("%q is printed as %s, which is refused: %v", text, printControl(c), err)
		}
		if diff := cmp.Diff(c, again); err == nil && diff != "" {
			t.Fatalf("%q is printed as %s, which means something else (-want +got):\n%s", text, printControl(c), diff)
		}
	})
}

// printControl is the opposite of ParseControl.
func printControl(c Control) string {
	name := strings.TrimSuffix(c.Ack(), ":ACK")
	if c.Type == JWTToken {
		name = tokenPrefix
	}
	parameters := url.Values{}
	set := func(name, value string, given bool) {
		if given {
			parameters.Set(name, value)
		}
	}
	set("namespaces", strings.Join(c.Namespaces, ","), c.Namespaces != nil)
	set("filter", c.Filter, c.HasFilter)
	set("extraFields", c.ExtraFields, c.HasExtraFields)
	set("correlation-id", c.CorrelationID, c.CorrelationID != "")
	set("jwtToken", c.Token, c.HasToken)
	return fmt.Sprintf("%s?%s", name, parameters.Encode())
}
