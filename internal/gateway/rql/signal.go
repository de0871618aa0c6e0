package rql

import (
	"regexp"
	"slices"
)

// signalFields are the properties of a thing that stand for themselves.
var signalFields = []string{"thingId", "policyId", "definition", "_namespace", "_revision", "_modified", "_created"}

var (
	// signalValue matches properties that can be compared, besides signalFields: those below a container, and those of
	// the signal itself.
	signalValue = regexp.MustCompile(`^(?:` +
		`attributes/.+|` +
		`features/[^/]+/(?:definition|(?:properties|desiredProperties)/.+)|` +
		`_metadata/.+|` +
		`topic:(?:full|namespace|entityName|group|channel|criterion|action|subject|action-subject)|` +
		`resource:(?:path|type)|` +
		`(?:entity|thing):(?:id|namespace|name)|` +
		`feature:id)$`)
	// signalContainer matches properties that hold others, of which only the presence can be asked for.
	signalContainer = regexp.MustCompile(`^features/[^/]+(?:/(?:properties|desiredProperties))?$`)
)

// CheckSignal checks that all properties of an expression are ones that a signal can have: those of the thing that it is
// about, of its topic and of its path. The error is an [*Error] with ErrProperty.
func CheckSignal(x Expression) error {
	switch x := x.(type) {
	case Comparison:
		return checkSignalProperty(x.Property, false)
	case Membership:
		return checkSignalProperty(x.Property, false)
	case Presence:
		return checkSignalProperty(x.Property, true)
	case Negation:
		return CheckSignal(x.Operand)
	case Combination:
		for _, operand := range x.Operands {
			if err := CheckSignal(operand); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkSignalProperty(p Property, presence bool) error {
	switch {
	case slices.Contains(signalFields, p.Name), signalValue.MatchString(p.Name):
		return nil
	case presence && signalContainer.MatchString(p.Name):
		return nil
	}
	return &Error{Err: ErrProperty, Found: shorten(p.Name), Offset: p.Offset}
}
