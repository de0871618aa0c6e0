package session

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/protocol"
	"github.com/twinway/twinway/internal/gateway/pubsub"
)

// everyType are the signals that can be subscribed to, as control messages name them.
var everyType = map[string]protocol.SignalType{
	"EVENTS": protocol.SignalEvents, "MESSAGES": protocol.SignalMessages, "LIVE-COMMANDS": protocol.SignalLiveCommands,
	"LIVE-EVENTS": protocol.SignalLiveEvents, "POLICY-ANNOUNCEMENTS": protocol.SignalPolicyAnnouncements,
}

// mirror is a signal that tells its receiver what it wants.
type mirror struct{}

func (mirror) View(_ *pubsub.Audience, w *pubsub.Want) pubsub.View {
	text := "everything"
	if w != nil {
		text = ""
		if w.Filter != nil {
			text += "filter " + w.Filter.String()
		}
		if w.Extra != nil {
			text += " extra " + w.Extra.String()
		}
		if w.Policies != nil {
			text += fmt.Sprintf(" policies of mine %t, of others %t", w.Policies("mine"), w.Policies("other"))
		}
	}
	return strings.TrimSpace(text)
}

func (mirror) AppendSignal(dst []byte, v pubsub.View, _ *pubsub.Delivery) ([]byte, bool) {
	return append(dst, v.(string)...), true
}

func (mirror) Forget() {}

// mirrors returns a server with a hub for each type, and what publishes to it.
func mirrors(t *testing.T, changes ...func(*Options)) (url string, publish func(typ string)) {
	hubs := Hubs{}
	for _, typ := range everyType {
		hubs[typ] = pubsub.NewHub()
	}
	_, url = newTestServer(t, as(alice), echo, append(changes, func(o *Options) { o.Hubs = hubs })...)
	return url, func(typ string) {
		hubs[everyType[typ]].Publish([]*pubsub.Signal{{Namespace: "mine", Body: mirror{}}})
	}
}

// What is asked for is what is wanted, whatever the type, as it is typed and as it is encoded; each start replaces the one
// before and is acknowledged.
func TestParametersOfSubscriptions(t *testing.T) {
	for typ := range everyType {
		t.Run(typ, func(t *testing.T) {
			target, publish := mirrors(t)
			c := dial(t, target, nil)
			for _, step := range []struct{ parameters, want string }{
				{"", "everything"},
				{`?filter=and(eq(attributes/a b,"x=y?z"),like(topic:action,'m*'))`, `filter and(eq(attributes/a b,"x=y?z"),like(topic:action,'m*'))`},
				{"?filter=" + url.QueryEscape(`eq(attributes/a,"x&y z")`), `filter eq(attributes/a,"x&y z")`},
				{"?filter=" + strings.ReplaceAll(url.QueryEscape(`eq(attributes/a,"x&y z")`), "+", "%20"), `filter eq(attributes/a,"x&y z")`},
				{`?filter=gt(_modified,time:now%2B1h)&namespaces=mine&unknown=1`, `filter gt(_modified,time:now+1h)`},
				{"?namespaces=mine,other", "everything"},
				{"?namespaces=other&filter=exists(thingId)", ""}, // published in another namespace
				{"&filter=exists(thingId)", "everything"},        // parameters begin behind a question mark
				{"", "everything"},
			} {
				c.send("START-SEND-" + typ + step.parameters)
				c.mustGet("START-SEND-" + typ + ":ACK")
				publish(typ)
				if step.want != "" {
					c.mustGet(step.want)
				}
			}
			c.send("STOP-SEND-" + typ + "?filter=((")
			c.mustGet("STOP-SEND-" + typ + ":ACK")
			publish(typ)
			c.isOpen()
		})
	}
}

func TestExtraFieldsOfSubscriptions(t *testing.T) {
	for typ := range everyType {
		t.Run(typ, func(t *testing.T) {
			target, publish := mirrors(t)
			c := dial(t, target, nil)
			for _, fields := range []string{"thingId,attributes(a,b/c),features/*/properties/x", "features/{{feature:id}}/properties", "attributes/{{ header:x | fn:default('a,b&c') }}"} {
				for _, written := range []string{fields, url.QueryEscape(fields)} {
					if written == fields && strings.Contains(fields, "&") {
						continue
					}
					c.send("START-SEND-" + typ + "?extraFields=" + written)
					if typ == "POLICY-ANNOUNCEMENTS" {
						c.mustFail(400, "things:field.selection.invalid") // they are about no thing
						continue
					}
					c.mustGet("START-SEND-" + typ + ":ACK")
					publish(typ)
					c.mustGet("extra " + fields)
				}
			}
		})
	}
}

// A start that is refused changes nothing, and its error can be told from others.
func TestRefusedSubscriptions(t *testing.T) {
	for typ := range everyType {
		t.Run(typ, func(t *testing.T) {
			target, publish := mirrors(t)
			c := dial(t, target, nil)
			c.send("START-SEND-" + typ + "?filter=exists(thingId)")
			c.mustGet("START-SEND-" + typ + ":ACK")
			for parameters, code := range map[string]string{
				"filter=foo":                             "rql.expression.invalid",
				"filter=":                                "rql.expression.invalid",
				"filter":                                 "rql.expression.invalid",
				"filter=%zz":                             "rql.expression.invalid",
				"filter=eq(attributes/a,+1)":             "rql.expression.invalid", // a blank
				"filter=eq(foo,1)":                       "rql.expression.invalid",
				"filter=eq(attributes,1)":                "rql.expression.invalid",
				"filter=eq(attributes/a,1)%20":           "rql.expression.invalid",
				"filter=exists(header:a)":                "rql.expression.invalid",
				"filter=exists(a)&extraFields=foo":       "rql.expression.invalid",
				"filter=exists(a)&filter=exists(a)":      "rql.expression.invalid",
				"filter=" + strings.Repeat("not(", 3000): "rql.expression.invalid",
				"extraFields=foo":                        "things:field.selection.invalid",
				"extraFields=attributes,+thingId":        "things:field.selection.invalid",
				"filter=exists(thingId)&extraFields=foo": "things:field.selection.invalid",
				"extraFields=":                           "json.fieldselector.invalid",
				"extraFields":                            "json.fieldselector.invalid",
				"extraFields=attributes(a":               "json.fieldselector.invalid",
				"extraFields=features/{{feature:id":      "json.fieldselector.invalid",
				"extraFields=a&extraFields=a":            "json.fieldselector.invalid",
				"extraFields=features/{{foo:id}}":        "placeholder:unresolved",
				"namespaces=a&namespaces=b":              "json.format.invalid",
				"namespaces":                             "json.format.invalid",
				"filter=eq(attributes/a,\"x&y\")":        "json.format.invalid", // y") has no value
			} {
				c.send("START-SEND-" + typ + "?correlation-id=mine&" + parameters)
				if text := c.mustFail(400, code); !strings.Contains(text, `"correlation-id":"mine"`) || len(text) > 2000 {
					t.Errorf("%s: %s", parameters, text)
				}
				publish(typ)
				c.mustGet("filter exists(thingId)")
			}
		})
	}
}

// A policy is shown to who may address policies of its namespace.
func TestPoliciesAmongExtraFields(t *testing.T) {
	for name, test := range map[string]struct {
		access func(auth.Identity, *http.Request) entrance.Access
		fields string
		want   string
	}{
		"no rules":         {nil, "_policy", "extra _policy"},
		"rules":            {func(auth.Identity, *http.Request) entrance.Access { return onlyPolicies("mine") }, "_policy", "extra _policy policies of mine true, of others false"},
		"no policy":        {func(auth.Identity, *http.Request) entrance.Access { return onlyPolicies("mine") }, "thingId", "extra thingId"},
		"perhaps a policy": {func(auth.Identity, *http.Request) entrance.Access { return onlyPolicies("mine") }, "{{header:x}}", "extra {{header:x}} policies of mine true, of others false"},
	} {
		t.Run(name, func(t *testing.T) {
			target, publish := mirrors(t, func(o *Options) { o.Access = test.access })
			c := dial(t, target, nil)
			c.send("START-SEND-EVENTS?extraFields=" + test.fields)
			c.mustGet("START-SEND-EVENTS:ACK")
			publish("EVENTS")
			c.mustGet(test.want)
		})
	}
}

// onlyPolicies is access to the policies of one namespace.
type onlyPolicies string

func (o onlyPolicies) MayAccess(group protocol.Group, namespace string) bool {
	return group == protocol.Policies && namespace == string(o)
}

// numbers are signals that tell their number and whether anything is added to them.
type numbers int64

func (n numbers) View(_ *pubsub.Audience, w *pubsub.Want) pubsub.View {
	return w != nil && w.Extra != nil
}

func (n numbers) AppendSignal(dst []byte, v pubsub.View, _ *pubsub.Delivery) ([]byte, bool) {
	return fmt.Appendf(dst, "%d %t", int64(n), v), true
}

func (numbers) Forget() {}

// A client that replaces its subscription receives every signal once, and behind an acknowledgement only as it was asked for.
func TestReplacingASubscriptionLosesNothing(t *testing.T) {
	hub := pubsub.NewHub()
	_, target := newTestServer(t, as(alice), echo, func(o *Options) {
		o.Hubs = Hubs{protocol.SignalEvents: hub}
	})
	c := dial(t, target, nil)
	c.send("START-SEND-EVENTS")
	c.mustGet("START-SEND-EVENTS:ACK")
	stop, published := make(chan struct{}), make(chan int64)
	room := make(chan struct{}, 5) // for what is on its way
	go func() {
		n := int64(0)
		for ; ; n++ {
			select {
			case <-stop:
				published <- n
				return
			case room <- struct{}{}:
				hub.Publish([]*pubsub.Signal{{Namespace: "n", Body: numbers(n)}})
			}
		}
	}()
	const replacements = 200
	next, acknowledged, before, now := int64(0), 0, false, false
	receive := func(text string) {
		if strings.HasSuffix(text, ":ACK") {
			acknowledged++
			before = now
			return
		}
		var n int64
		var added bool
		if _, err := fmt.Sscanf(text, "%d %t", &n, &added); err != nil || n != next || added != before && added != now {
			t.Fatalf("received %q as number %d, asked for %t and before that for %t: %v", text, next, now, before, err)
		}
		next++
		<-room
	}
	for i := range replacements {
		now = i%2 == 0
		c.send("START-SEND-EVENTS?" + map[bool]string{true: "extraFields=thingId", false: "namespaces=n"}[now])
		for acknowledged <= i {
			receive(c.get())
		}
	}
	close(stop)
	for last := <-published; next < last; {
		receive(c.get())
	}
}

// FuzzStart: whatever the parameters, a subscription is refused with an error of the client's, or is one that can be printed
// and asked for again.
func FuzzStart(f *testing.F) {
	for _, seed := range []string{
		`filter=and(eq(attributes/a,"b"),like(topic:action,'m*'))&extraFields=attributes(a,b/c),features/*/properties&namespaces=a,b`,
		`extraFields=features/{{feature:id}}/properties/x,_policy,attributes/{{header:a|fn:default('b,c')}}`, `filter=%zz&extraFields=%7B%7B`,
		`filter=gt(_modified,time:now-1h[d])&correlation-id=a`, `filter=not(`, `extraFields=((,))`, `&&?=`,
	} {
		f.Add(seed)
	}
	s := &Session{access: onlyPolicies("mine")}
	f.Fuzz(func(t *testing.T, parameters string) {
		c, isControl, err := protocol.ParseControl([]byte("START-SEND-EVENTS?" + parameters))
		if !isControl {
			t.Fatal("no control message")
		}
		var w *pubsub.Want
		if err == nil {
			w, err = s.want(c)
		}
		if err != nil {
			if w != nil || err.Status != 400 || len(err.Message)+len(err.Description) > 2000 {
				t.Fatalf("%q: %+v", parameters, err)
			}
			return
		}
		if (w.Filter != nil) != c.HasFilter || (w.Extra != nil) != c.HasExtraFields ||
			c.HasFilter && w.Filter.String() != c.Filter || c.HasExtraFields && w.Extra.String() != c.ExtraFields {
			t.Fatalf("%q is read as %+v", parameters, w)
		}
	})
}
