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

// sources checks what a Connection consumes, sorted by name.
func (c *check) sources(path string, sources []v1alpha1.Source) []snapshot.Source {
	checked := optional(c, path, sources, maxSources, c.source)
	unique(c, path, checked, func(s snapshot.Source) string { return s.Name })
	slices.SortStableFunc(checked, func(a, b snapshot.Source) int { return cmp.Compare(a.Name, b.Name) })
	return checked
}

var sourceNameSyntax = regexp.MustCompile(`^[a-zA-Z0-9-]+$`)

func (c *check) source(path string, s v1alpha1.Source) snapshot.Source {
	subjects := list(c, path+".authorizationSubjects", s.AuthorizationSubjects, 1, maxSubjects, func(path string, value v1alpha1.SubjectTemplate) string {
		return c.subjectTemplate(path, value, ofMessage)
	})
	unique(c, path+".authorizationSubjects", subjects, func(s string) string { return s })
	checked := snapshot.Source{
		Name:                  c.text(path+".name", s.Name, sourceNameSyntax, 63, "letters, digits and hyphens"),
		Addresses:             set(c, path+".addresses", list(c, path+".addresses", s.Addresses, 1, maxAddresses, c.address)),
		AuthorizationSubjects: subjects,
		Delivery:              c.delivery(path+".delivery", *s.Delivery),
		Enforcement:           c.enforcement(path+".enforcement", s.Enforcement),
		Payload: snapshot.SourcePayload(choice(c, path+".payload", *s.Payload,
			v1alpha1.SourceDittoProtocol, v1alpha1.SourceRawMessage, v1alpha1.SourceImplicitThing)),
		Headers:       c.commandHeaders(path+".headers", s.Headers),
		RequestedAcks: set(c, path+".requestedAcks", optional(c, path+".requestedAcks", s.RequestedAcks, maxAcks, c.ackLabel)),
		DeclaredAcks:  set(c, path+".declaredAcks", optional(c, path+".declaredAcks", s.DeclaredAcks, maxAcks, c.ackLabel)),
	}
	if s.ReplyTo != nil {
		checked.ReplyTo = c.messageTemplate(path+".replyTo", *s.ReplyTo, ofCommand)
	}
	return checked
}

func (c *check) address(path string, value v1alpha1.Address) string {
	return c.text(path, string(value), noControls, 1024, noControlsDescription)
}

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

// headers checks templates of headers by their names.
func (c *check) headers(path string, headers map[string]v1alpha1.Template, words vocabulary) map[string]string {
	var checked map[string]string
	mapping(c, path, headers, maxHeaders, func(at, name string, value v1alpha1.Template) {
		if !headerSyntax.MatchString(name) {
			c.errorf(path, snapshot.RuleSyntax, "the keys must be letters, digits, dots, hyphens and underscores, at most 128 characters")
		}
		if checked == nil {
			checked = make(map[string]string, len(headers))
		}
		checked[name] = c.messageTemplate(at, value, words)
	})
	return checked
}

// commandHeaders checks the headers of commands, which are the same in upper and
// lower case.
func (c *check) commandHeaders(path string, headers map[string]v1alpha1.Template) map[string]string {
	checked := c.headers(path, headers, ofCommand)
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
