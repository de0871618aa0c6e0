package compile

import (
	"regexp"
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// through checks a Subscription against the Connection that it refers to; nil if
// there is none.
func (c *check) through(spec v1alpha1.SubscriptionSpec, connection *linked[snapshot.Connection], ix *index) {
	const path = "spec.connectionRef.name"
	if connection == nil {
		c.notFound(path, v1alpha1.ConnectionKind, spec.ConnectionRef.Name, ix)
		return
	}
	if !connection.Accepted {
		c.errorf(path, snapshot.RuleReference, "%s is refused", connection.Object)
	}
	kind := connection.value.Type
	if spec.Direction == v1alpha1.Inbound && kind != snapshot.ConnectionDittoWebSocket {
		c.errorf("spec.direction", snapshot.RuleKnown,
			"direction Inbound is for Connections of type DittoWebSocket; what the others consume say their sources")
	}
	if spec.Target != nil {
		c.targetOf(kind, "spec.target", spec.Target)
	}
}

// targetOf checks that a target fits the type of the Connection.
func (c *check) targetOf(kind snapshot.ConnectionType, path string, target *v1alpha1.Target) {
	if kind != snapshot.ConnectionDittoWebSocket {
		c.addressOf(kind, path+".address", target.Address)
		return
	}
	if target.Address != nil {
		c.errorf(path+".address", snapshot.RuleKnown, "an address is not for Connections of type DittoWebSocket, which have none")
	}
	if *target.Payload != v1alpha1.TargetDittoProtocol {
		c.errorf(path+".payload", snapshot.RuleKnown, "must be DittoProtocol for Connections of type DittoWebSocket")
	}
}

var requestSyntax = regexp.MustCompile(`^(DELETE|GET|PATCH|POST|PUT):/`)

func (c *check) addressOf(kind snapshot.ConnectionType, path string, address *v1alpha1.Template) {
	switch {
	case address == nil:
		c.errorf(path, snapshot.RuleRequired, "is required for Connections of type %s", kind)
	case kind == snapshot.ConnectionHTTPPush && !requestSyntax.MatchString(string(*address)):
		c.errorf(path, snapshot.RuleSyntax, "must be method and path of a request, such as POST:/twins/{{ thing:id }}")
	case kind == snapshot.ConnectionMQTT && strings.ContainsAny(literals(string(*address)), "+#"):
		c.errorf(path, snapshot.RuleSyntax, "must be a topic without the wildcards + and #")
	}
}

var expressions = regexp.MustCompile(`\{\{.*?\}\}`)

// literals returns what of a template stands for itself.
func literals(template string) string { return expressions.ReplaceAllString(template, "") }
