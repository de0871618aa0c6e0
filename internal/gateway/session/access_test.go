package session

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/twinway/twinway/internal/gateway/auth"
	"github.com/twinway/twinway/internal/gateway/entrance"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// only is access to the things of one namespace.
type only string

func (o only) MayAccess(group protocol.Group, namespace string) bool {
	return group == protocol.Things && namespace == string(o)
}

// mayAccess answers with whether the session may access the entity.
var mayAccess = answering(func(from *Session, env *protocol.Envelope) string {
	return strconv.FormatBool(from.MayAccess(env.Topic.Group, env.Topic.Namespace))
})

func TestAccess(t *testing.T) {
	const mine, other, policy = `{"topic":"mine/t/things/twin/commands/retrieve","path":"/"}`,
		`{"topic":"other/t/things/twin/commands/retrieve","path":"/"}`, `{"topic":"mine/t/policies/commands/retrieve","path":"/"}`
	for name, test := range map[string]struct {
		access              func(auth.Identity, *http.Request) entrance.Access
		mine, other, policy string
	}{
		"nothing is configured": {nil, "true", "true", "true"},
		"nothing for this one":  {func(auth.Identity, *http.Request) entrance.Access { return nil }, "true", "true", "true"},
		"by who it is": {func(id auth.Identity, _ *http.Request) entrance.Access {
			if id.SameContext(alice) {
				return only("mine")
			}
			return nil
		}, "true", "false", "false"},
		"by the handshake": {func(_ auth.Identity, r *http.Request) entrance.Access { return only(r.Header.Get("Tenant")) }, "false", "true", "false"},
	} {
		t.Run(name, func(t *testing.T) {
			_, url := newTestServer(t, as(alice), mayAccess, func(o *Options) { o.Access = test.access })
			c := dial(t, url, withHeader("Tenant", "other"))
			for _, step := range []struct{ message, want string }{{mine, test.mine}, {other, test.other}, {policy, test.policy}} {
				c.send(step.message)
				c.mustGet(step.want)
			}
		})
	}
}

// What a session may address is settled once.
func TestAccessIsSettledAtTheHandshake(t *testing.T) {
	asked := 0
	_, url := newTestServer(t, as(alice), mayAccess, func(o *Options) {
		o.Access = func(auth.Identity, *http.Request) entrance.Access {
			asked++
			return only([]string{"", "mine", "other"}[asked])
		}
	})
	const mine = `{"topic":"mine/t/things/twin/commands/retrieve","path":"/"}`
	before := dial(t, url, nil)
	after := dial(t, url, nil)
	for range 2 {
		before.send(mine)
		before.mustGet("true")
		after.send(mine)
		after.mustGet("false")
	}
}
