package rql

import (
	"regexp"
	"slices"
)

// thingFields are the properties of a thing that stand for themselves.
var thingFields = []string{"thingId", "policyId", "definition", "_namespace", "_revision", "_modified", "_created"}

var (
	// thingValue matches properties that can be compared, besides thingFields: those below a container.
	thingValue = regexp.MustCompile(`^(?:` +
		`attributes/.+|` +
		`features/[^/]+/(?:definition|(?:properties|desiredProperties)/.+)|` +
		`_metadata/.+)$`)
	// thingContainer matches properties that hold others, of which only the presence can be asked for.
	thingContainer = regexp.MustCompile(`^features/[^/]+(?:/(?:properties|desiredProperties))?$`)
	// signalValue matches properties of a signal that are none of its thing.
	signalValue = regexp.MustCompile(`^(?:` +
		`topic:(?:full|namespace|entityName|group|channel|criterion|action|subject|action-subject)|` +
		`resource:(?:path|type)|` +
		`(?:entity|thing):(?:id|namespace|name)|` +
		`feature:id)$`)
)

// CheckSignal checks that all properties of an expression are ones that a signal can have: those of the thing that it is
// about, of its topic and of its path. The error is an [*Error] with ErrProperty.
func CheckSignal(x Expression) error {
	return check(x, func(name string, presence bool) bool {
		return isThingProperty(name, presence) || signalValue.MatchString(name)
	})
}

// CheckThing checks that all properties of an expression are ones that a thing can have. The error is an [*Error] with
// ErrProperty.
func CheckThing(x Expression) error { return check(x, isThingProperty) }

func isThingProperty(name string, presence bool) bool {
	return slices.Contains(thingFields, name) || thingValue.MatchString(name) || presence && thingContainer.MatchString(name)
}

// check checks that all properties of an expression are known, and may be compared unless only their presence matters.
func check(x Expression, known func(name string, presence bool) bool) error {
	switch x := x.(type) {
	case Comparison:
		return checkProperty(x.Property, known(x.Property.Name, false))
	case Membership:
		return checkProperty(x.Property, known(x.Property.Name, false))
	case Presence:
		return checkProperty(x.Property, known(x.Property.Name, true))
	case Negation:
		return check(x.Operand, known)
	case Combination:
		for _, operand := range x.Operands {
			if err := check(operand, known); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkProperty(p Property, known bool) error {
	if known {
		return nil
	}
	return &Error{Err: ErrProperty, Found: shorten(p.Name), Offset: p.Offset}
}
