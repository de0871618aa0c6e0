package compile

import (
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/enrich"
	"github.com/twinway/twinway/internal/gateway/placeholder"
	"github.com/twinway/twinway/internal/gateway/rql"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	maxNamespaces = 32
	maxFilter     = 4096 // characters
)

// subscription checks the spec of a Subscription, which is an effective one, as
// far as that needs no Connection.
func (c *check) subscription(spec v1alpha1.SubscriptionSpec) snapshot.Subscription {
	c.objectNamespace()
	c.objectName("metadata.name", c.object.Name)
	c.direction(spec)
	subjects := list(c, "spec.authorizationSubjects", spec.AuthorizationSubjects, 1, maxSubjects, c.authorizationSubject)
	unique(c, "spec.authorizationSubjects", subjects, func(s string) string { return s })
	return snapshot.Subscription{
		Name:       c.object.Name,
		Connection: spec.ConnectionRef.Name,
		Direction:  snapshot.Direction(choice(c, "spec.direction", spec.Direction, v1alpha1.Outbound, v1alpha1.Inbound)),
		Signal: snapshot.Signal(choice(c, "spec.signal", spec.Signal, v1alpha1.SignalTwinEvents, v1alpha1.SignalMessages,
			v1alpha1.SignalLiveCommands, v1alpha1.SignalLiveEvents, v1alpha1.SignalPolicyAnnouncements)),
		AuthorizationSubjects: subjects,
		Namespaces: set(c, "spec.namespaces", optional(c, "spec.namespaces", spec.Namespaces, maxNamespaces, func(path string, value v1alpha1.EntityNamespace) string {
			return c.entityNamespace(path, string(value), 256)
		})),
		Filter:      c.filter("spec.filter", spec.Filter),
		ExtraFields: c.extraFields("spec.extraFields", spec.ExtraFields),
		Target:      c.target("spec.target", spec),
	}
}

// direction checks that everything fits the direction and the signal.
func (c *check) direction(spec v1alpha1.SubscriptionSpec) {
	if spec.Direction == v1alpha1.Outbound && spec.Target == nil {
		c.errorf("spec.target", snapshot.RuleRequired, "a target is required for direction Outbound")
	}
	if spec.Direction == v1alpha1.Inbound && spec.Target != nil {
		c.errorf("spec.target", snapshot.RuleKnown, "a target is for direction Outbound")
	}
	if spec.Signal == v1alpha1.SignalPolicyAnnouncements && (spec.Filter != nil || spec.ExtraFields != nil) {
		c.errorf("spec.signal", snapshot.RuleKnown, "policy announcements have neither filter nor extraFields")
	}
}

var subjectSyntax = regexp.MustCompile(`^[^:[:cntrl:]]+:[^[:cntrl:]]+$`)

func (c *check) authorizationSubject(path string, value v1alpha1.AuthorizationSubject) string {
	return c.text(path, string(value), subjectSyntax, 256, "issuer:subject")
}

// filter checks an RQL expression over signals.
func (c *check) filter(path string, filter *string) string {
	text := c.optionalText(path, filter, noControls, maxFilter, noControlsDescription)
	if !noControls.MatchString(text) || utf8.RuneCountInString(text) > maxFilter {
		return text
	}
	if _, err := rql.CompileSignal(text); err != nil {
		c.errorf(path, snapshot.RuleFilter, "%s", err)
	}
	return text
}

// extraFields checks a selector of fields. One with placeholders can be looked at
// no further before they are resolved.
func (c *check) extraFields(path string, fields *string) string {
	text := c.optionalText(path, fields, noControls, maxFilter, noControlsDescription)
	if !noControls.MatchString(text) || utf8.RuneCountInString(text) > maxFilter {
		return text
	}
	template, err := placeholder.Parse(text)
	if err != nil {
		c.errorf(path, snapshot.RuleTemplate, "%s", templateProblem(err))
		return text
	}
	for _, p := range template.Placeholders() {
		if problem := ofExtraFields.problem(p); problem != "" {
			c.errorf(path, snapshot.RuleTemplate, "must not use %s: %s", p, problem)
			return text
		}
	}
	if _, wrong := enrich.Parse(text); wrong != nil {
		c.errorf(path, snapshot.RuleSyntax, "%s", wrong.Message)
	}
	return text
}

func (c *check) target(path string, spec v1alpha1.SubscriptionSpec) *snapshot.Target {
	target := spec.Target
	if target == nil {
		return nil
	}
	words := ofThingSignal
	if spec.Signal == v1alpha1.SignalPolicyAnnouncements {
		words = ofPolicySignal
	}
	checked := &snapshot.Target{
		Headers: c.headers(path+".headers", target.Headers, words.always),
		Payload: snapshot.TargetPayload(choice(c, path+".payload", *target.Payload, v1alpha1.TargetDittoProtocol,
			v1alpha1.TargetNormalizedThing, v1alpha1.TargetRawMessage, v1alpha1.TargetCloudEvent)),
		Delivery: c.delivery(path+".delivery", *target.Delivery),
	}
	c.normalized(path, target, checked)
	if target.Address != nil {
		checked.Address = c.messageTemplate(path+".address", *target.Address, words)
	}
	if target.IssuedAck != nil {
		checked.IssuedAck = c.ackLabel(path+".issuedAck", *target.IssuedAck)
		if slices.Contains(ownLabels, *target.IssuedAck) {
			c.errorf(path, snapshot.RuleKnown, "issuedAck must not be twin-persisted or search-persisted")
		}
	}
	return checked
}

// normalized checks what is for payload NormalizedThing.
func (c *check) normalized(path string, target *v1alpha1.Target, into *snapshot.Target) {
	if *target.Payload != v1alpha1.TargetNormalizedThing && (target.Fields != nil || target.DeletedFields != nil) {
		c.errorf(path, snapshot.RuleKnown, "fields and deletedFields are for payload NormalizedThing")
	}
	into.Fields = c.selector(path+".fields", target.Fields)
	if target.DeletedFields != nil {
		into.DeletedFields = c.toggle(path+".deletedFields", *target.DeletedFields) == snapshot.Enabled
	}
}

// selector checks a list of fields without placeholders.
func (c *check) selector(path string, fields *string) string {
	text := c.optionalText(path, fields, noControls, maxFilter, noControlsDescription)
	if fields == nil || !noControls.MatchString(text) || utf8.RuneCountInString(text) > maxFilter {
		return text
	}
	if _, err := document.ParseSelector(text); err != nil {
		c.errorf(path, snapshot.RuleSyntax, "must be a list of fields such as thingId,features/gps, got %q", text)
	}
	return text
}
