package compile

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

const (
	maxSources   = 16
	maxAddresses = 16
	maxFilters   = 8
	maxHeaders   = 32
	maxAcks      = 8
)

// sources checks what a Connection of a type consumes, sorted by name.
func (c *check) sources(path string, sources []v1alpha1.Source, kind v1alpha1.ConnectionType) []snapshot.Source {
	checked := optional(c, path, sources, maxSources, func(path string, s v1alpha1.Source) snapshot.Source {
		return c.source(path, s, kind)
	})
	unique(c, path, checked, func(s snapshot.Source) string { return s.Name })
	slices.SortStableFunc(checked, func(a, b snapshot.Source) int { return cmp.Compare(a.Name, b.Name) })
	return checked
}

var sourceNameSyntax = regexp.MustCompile(`^[a-zA-Z0-9-]+$`)

func (c *check) source(path string, s v1alpha1.Source, kind v1alpha1.ConnectionType) snapshot.Source {
	c.fitsSource(path, s)
	subjects := list(c, path+".authorizationSubjects", s.AuthorizationSubjects, 1, maxSubjects, func(path string, value v1alpha1.SubjectTemplate) string {
		return c.subjectTemplate(path, value, ofMessage)
	})
	unique(c, path+".authorizationSubjects", subjects, func(s string) string { return s })
	checked := snapshot.Source{
		Name: c.text(path+".name", s.Name, sourceNameSyntax, 63, "letters, digits and hyphens"),
		Addresses: set(c, path+".addresses", list(c, path+".addresses", s.Addresses, 1, maxAddresses, func(path string, value v1alpha1.Address) string {
			return c.sourceAddress(kind, path, value)
		})),
		AuthorizationSubjects: subjects,
		Delivery:              c.delivery(path+".delivery", *s.Delivery),
		Enforcement:           c.enforcement(path+".enforcement", s.Enforcement),
		Payload: snapshot.SourcePayload(choice(c, path+".payload", *s.Payload,
			v1alpha1.SourceDittoProtocol, v1alpha1.SourceRawMessage, v1alpha1.SourceImplicitThing)),
		ImplicitThing: c.implicitThing(path+".implicitThing", s.ImplicitThing),
		Headers:       c.commandHeaders(path+".headers", s.Headers, *s.Payload),
		RequestedAcks: set(c, path+".requestedAcks", optional(c, path+".requestedAcks", s.RequestedAcks, maxAcks, c.ackLabel)),
		DeclaredAcks:  set(c, path+".declaredAcks", optional(c, path+".declaredAcks", s.DeclaredAcks, maxAcks, c.ackLabel)),
		ReplyHeaders:  c.headers(path+".replyHeaders", s.ReplyHeaders, ofReply.always),
		Replies: set(c, path+".replies", optional(c, path+".replies", s.Replies, 3, func(path string, value v1alpha1.ReplyKind) snapshot.ReplyKind {
			return snapshot.ReplyKind(choice(c, path, value, v1alpha1.ReplyResponse, v1alpha1.ReplyError, v1alpha1.ReplyNack))
		})),
	}
	if s.QoS != nil {
		checked.QoS = new(c.integer(path+".qos", *s.QoS, 0, 2))
	}
	if s.ReplyTo != nil {
		checked.ReplyTo = c.messageTemplate(path+".replyTo", *s.ReplyTo, ofReply)
		c.addressOf(snapshot.ConnectionType(kind), path+".replyTo", s.ReplyTo)
	}
	return checked
}

// fitsSource checks that what is said of a source fits the rest of it.
func (c *check) fitsSource(path string, s v1alpha1.Source) {
	if *s.Payload == v1alpha1.SourceImplicitThing && s.ImplicitThing == nil {
		c.errorf(path, snapshot.RuleRequired, "implicitThing is required for payload ImplicitThing")
	}
	if s.QoS != nil && *s.QoS == 0 && *s.Delivery != v1alpha1.AtMostOnce {
		c.errorf(path, snapshot.RuleKnown, "qos 0 is for delivery AtMostOnce")
	}
	if s.ReplyTo == nil && (s.ReplyHeaders != nil || s.Replies != nil) {
		c.errorf(path, snapshot.RuleKnown, "replyHeaders and replies need replyTo")
	}
	for _, label := range s.DeclaredAcks {
		if slices.Contains(ownLabels, label) || label == liveResponse {
			c.errorf(path+".declaredAcks", snapshot.RuleKnown, "must not be twin-persisted, search-persisted or live-response")
			break
		}
	}
}

// ownLabels are those of acknowledgements that the gateway itself gives.
var ownLabels = []v1alpha1.AcknowledgementLabel{"twin-persisted", "search-persisted"}

func (c *check) delivery(path string, value v1alpha1.DeliveryGuarantee) snapshot.DeliveryGuarantee {
	return snapshot.DeliveryGuarantee(choice(c, path, value, v1alpha1.AtMostOnce, v1alpha1.AtLeastOnce))
}

func (c *check) enforcement(path string, e *v1alpha1.Enforcement) *snapshot.Enforcement {
	if e == nil {
		return nil
	}
	return &snapshot.Enforcement{
		Input: c.messageTemplate(path+".input", e.Input, ofMessage),
		Filters: set(c, path+".filters", list(c, path+".filters", e.Filters, 1, maxFilters, func(path string, value v1alpha1.Template) string {
			return c.messageTemplate(path, value, ofEntity)
		})),
	}
}

var headerSyntax = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,128}$`)

// headers checks templates of headers by their names, over the words that there
// are for each.
func (c *check) headers(path string, headers map[string]v1alpha1.Template, words func(name string) vocabulary) map[string]string {
	var checked map[string]string
	mapping(c, path, headers, maxHeaders, func(at, name string, value v1alpha1.Template) {
		if !headerSyntax.MatchString(name) {
			c.errorf(path, snapshot.RuleSyntax, "the keys must be letters, digits, dots, hyphens and underscores, at most 128 characters")
		}
		if checked == nil {
			checked = make(map[string]string, len(headers))
		}
		checked[name] = c.messageTemplate(at, value, words(name))
	})
	return checked
}

// rawHeaders are headers that say what the payload of a RawMessage is: before there
// is a command.
var rawHeaders = []string{
	"content-type", "ditto-message-direction", "ditto-message-thing-id", "ditto-message-subject", "ditto-message-feature-id", "status",
}

// commandHeaders checks the headers of commands, which are the same in upper and
// lower case.
func (c *check) commandHeaders(path string, headers map[string]v1alpha1.Template, payload v1alpha1.SourcePayload) map[string]string {
	checked := c.headers(path, headers, func(name string) vocabulary {
		if payload == v1alpha1.SourceRawMessage && slices.Contains(rawHeaders, strings.ToLower(name)) {
			return ofNewThing
		}
		return ofCommand
	})
	var folded map[string]string
	for name, value := range checked {
		lower := strings.ToLower(name)
		if _, twice := folded[lower]; twice {
			c.errorf(path, snapshot.RuleUnique, "%s is there in upper and lower case", lower)
		}
		if folded == nil {
			folded = make(map[string]string, len(checked))
		}
		folded[lower] = value
	}
	return folded
}

var ackLabelSyntax = regexp.MustCompile(`^[a-zA-Z0-9_:-]+$`)

func (c *check) ackLabel(path string, value v1alpha1.AcknowledgementLabel) string {
	const minLength = 3
	label := c.text(path, string(value), ackLabelSyntax, 165, "letters, digits, hyphens, underscores and colons")
	if n := len(label); 0 < n && n < minLength {
		c.errorf(path, snapshot.RuleRange, "must have at least %d characters, got %d", minLength, n)
	}
	return label
}
