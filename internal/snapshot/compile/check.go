package compile

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/twinway/twinway/api/v1alpha1"
	"github.com/twinway/twinway/internal/snapshot"
)

// objectNamespace checks the namespace of the object itself.
func (c *check) objectNamespace() {
	if len(validation.IsDNS1123Label(c.object.Namespace)) > 0 {
		c.errorf("metadata.namespace", snapshot.RuleSyntax, "must be a lower-case DNS label of at most 63 characters")
	}
}

// objectName checks the name of an object and says whether it can be one.
func (c *check) objectName(path, name string) bool {
	if name == "" {
		c.errorf(path, snapshot.RuleRequired, "is required")
		return false
	}
	if len(validation.IsDNS1123Subdomain(name)) > 0 {
		c.errorf(path, snapshot.RuleSyntax, "must be a lower-case DNS subdomain of at most 253 characters, got %q", name)
		return false
	}
	return true
}

// integer checks that a number is within its bounds, both included.
func (c *check) integer(path string, value, low, high int32) int {
	if value < low || value > high {
		c.errorf(path, snapshot.RuleRange, "must be between %d and %d, got %d", low, high, value)
	}
	return int(value)
}

// size checks that a number of bytes is within its bounds, both included.
func (c *check) size(path string, value resource.Quantity, low, high int64) int64 {
	if value.CmpInt64(low) < 0 || value.CmpInt64(high) > 0 {
		c.errorf(path, snapshot.RuleRange, "must be a whole number of bytes between %s and %s, got %s", bytes(low), bytes(high), &value)
	}
	return value.Value()
}

// bytes returns a number of bytes as a quantity that prints with a binary
// suffix.
func bytes(n int64) *resource.Quantity {
	return resource.NewQuantity(n, resource.BinarySI)
}

// durationSyntax is the pattern of v1alpha1.Duration.
var durationSyntax = regexp.MustCompile(`^([0-9]{1,5}([.][0-9]{1,3})?(h|m|s|ms)){1,4}$`)

// duration checks that a length of time is one and within its bounds, both
// included.
func (c *check) duration(path string, value v1alpha1.Duration, low, high time.Duration) time.Duration {
	const maxLength = 32
	d, err := time.ParseDuration(string(value))
	if err != nil || len(value) > maxLength || !durationSyntax.MatchString(string(value)) {
		c.errorf(path, snapshot.RuleSyntax, "must be a duration such as 30s or 1m30s, got %q", value)
		return 0
	}
	if d < low || d > high {
		c.errorf(path, snapshot.RuleRange, "must be between %s and %s, got %s", short(low), short(high), value)
	}
	return d
}

// short returns a duration without units that are zero.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// choice checks that a value is one of those allowed.
func choice[T ~string](c *check, path string, value T, allowed ...T) T {
	if !slices.Contains(allowed, value) {
		names := make([]string, len(allowed))
		for i, a := range allowed {
			names[i] = string(a)
		}
		c.errorf(path, snapshot.RuleKnown, "must be %s, got %q", strings.Join(names, " or "), value)
	}
	return value
}

// text checks that a string has a syntax, which the rest of the sentence "must
// be …" describes, and at most a number of characters.
func (c *check) text(path, value string, syntax *regexp.Regexp, maxLength int, description string) string {
	length := utf8.RuneCountInString(value)
	switch {
	case length > maxLength:
		c.errorf(path, snapshot.RuleRange, "must have at most %d characters, got %d", maxLength, length)
	case !syntax.MatchString(value):
		c.errorf(path, snapshot.RuleSyntax, "must be %s, got %q", description, value)
	}
	return value
}

// optionalText is text for a field that may be left out, for which there is the
// empty string then.
func (c *check) optionalText(path string, value *string, syntax *regexp.Regexp, maxLength int, description string) string {
	if value == nil {
		return ""
	}
	return c.text(path, *value, syntax, maxLength, description)
}

var (
	subdomainSyntax = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)
	noControls      = regexp.MustCompile(`^[^[:cntrl:]]+$`)
)

const (
	maxSubdomain          = 253
	subdomainDescription  = "a lower-case DNS subdomain"
	noControlsDescription = "text without control characters"
)

var entityNamespaceSyntax = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]*([.-][a-zA-Z][a-zA-Z0-9_]*)*$`)

// entityNamespace checks a namespace of things and policies.
func (c *check) entityNamespace(path, value string, maxLength int) string {
	return c.text(path, value, entityNamespaceSyntax, maxLength,
		"segments of letters, digits and underscores that start with a letter, joined by dots or hyphens")
}
