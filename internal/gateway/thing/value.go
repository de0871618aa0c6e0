package thing

import (
	"fmt"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// checkValue checks that the value can be at the command's path, and shapes it.
func (c *Command) checkValue() *protocol.Error {
	if err := c.checkType(); err != nil {
		return err
	}
	patch := shape{patch: c.Action == protocol.Merge}
	var err *protocol.Error
	switch c.Path.Kind {
	case protocol.Root:
		if err := c.checkThing(patch); err != nil {
			return err
		}
	case protocol.PolicyID:
		c.Value, err = patch.policyID(c.Value)
	case protocol.Definition:
		c.Value, err = patch.definition(c.Value)
	case protocol.Features:
		c.Value, err = patch.features(c.Value)
	case protocol.Feature:
		c.Value, err = patch.feature(c.Value)
	case protocol.FeatureDefinition:
		c.Value, err = patch.featureDefinition(c.Value)
	}
	if err != nil {
		return err
	}
	return c.checkDepth()
}

// checkType checks that the value as a whole is of a type that the path can have.
//
// Protocol rules: attributes, features and properties may be null; in a merge null deletes.
func (c *Command) checkType() *protocol.Error {
	want, null := document.Object, true
	switch c.Path.Kind {
	case protocol.Root:
		null = false
	case protocol.PolicyID: // what null means to a merge is not a matter of type
		want, null = document.String, c.Action == protocol.Merge
	case protocol.Definition:
		want, null = document.String, c.Action == protocol.Merge
	case protocol.FeatureDefinition:
		want, null = document.Array, c.Action == protocol.Merge
	case protocol.Attribute, protocol.FeatureProperty, protocol.FeatureDesiredProperty:
		return nil
	}
	got := document.KindOf(c.Value)
	if got == document.Null && c.Path.Kind == protocol.Root && c.Action == protocol.Merge {
		return protocol.ErrMergeInvalid("A thing is not deleted by merging null.")
	}
	if got == want || null && got == document.Null {
		return nil
	}
	return protocol.ErrJSONFormatInvalid(fmt.Sprintf("The value at %s must be of type %s, not %s.", c.Path, want, got))
}

// checkThing checks the value of a command at the root.
func (c *Command) checkThing(s shape) *protocol.Error {
	c.parts = split(c.Value)
	if err := c.readInitialMetadata(); err != nil {
		return err
	}
	if err := s.thing(&c.parts, c.ID); err != nil {
		return err
	}
	if !s.patch {
		return nil
	}
	// Protocol rule: a patch is reduced to what a thing can have, and something must be left.
	c.Value = c.parts.join()
	if c.emptyPatch() && c.parts.policy == nil && c.parts.copyPolicyFrom == nil {
		return errEmptyPatch()
	}
	return nil
}

// emptyPatch reports whether a merge at the root has nothing for a thing.
func (c *Command) emptyPatch() bool {
	return len(c.Value) == len(`{}`)
}

func errEmptyPatch() *protocol.Error {
	return protocol.ErrMergeInvalid("The patch has no member that a thing can have.")
}

// checkDepth checks names and nesting of what the value brings into the thing.
func (c *Command) checkDepth() *protocol.Error {
	if c.Path.Kind == protocol.Root {
		return checkContent(1, c.parts.attributes, c.parts.features)
	}
	return checkContent(len(c.Path.Pointer), c.Value)
}

// checkContent checks the names in values that come to lie depth levels deep in a thing, and how deep they nest.
func checkContent(depth int, values ...[]byte) *protocol.Error {
	for _, value := range values {
		levels, err := checkNames(value)
		if err != nil {
			return err
		}
		if depth+levels > document.MaxDepth {
			return protocol.ErrValueInvalid("The value makes the thing nest too deeply.")
		}
	}
	return nil
}
