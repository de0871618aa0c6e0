package thing

import (
	"fmt"
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

// shape brings values into the shape of a thing or a part of it: it checks the types of members, ids and definitions, and
// leaves out what a thing does not have. It does not check names.
type shape struct {
	// patch says that the value is a merge patch: null deletes, and members of features may be patterns.
	patch bool
}

// fault is the error for a member of the wrong type.
func (s shape) fault(name string, want string, got []byte) *protocol.Error {
	reason := fmt.Sprintf("%s must be %s, not %s.", name, want, document.KindOf(got))
	if s.patch {
		return protocol.ErrMergeInvalid(reason)
	}
	return protocol.ErrJSONInvalid(reason)
}

// thing shapes the members of a thing with this id. It leaves the policy members alone: they matter only to the creation
// of a thing.
func (s shape) thing(p *parts, id string) (err *protocol.Error) {
	if p.thingID, err = s.thingID(p.thingID, id); err != nil {
		return err
	}
	if p.policyID, err = s.policyID(p.policyID); err != nil {
		return err
	}
	if p.definition, err = s.definition(p.definition); err != nil {
		return err
	}
	if p.attributes, err = s.container(memberAttributes, p.attributes); err != nil {
		return err
	}
	p.features, err = s.features(p.features)
	return err
}

// thingID checks the id in a value, which must be the one that the command addresses.
func (s shape) thingID(raw []byte, id string) ([]byte, *protocol.Error) {
	switch document.KindOf(raw) {
	case document.Invalid:
		return nil, nil
	case document.Null:
		if s.patch {
			return nil, protocol.ErrThingIDNotDeletable()
		}
		return nil, nil
	case document.String:
		if got := textOf(raw); got != id {
			return nil, protocol.ErrThingIDNotSettable(got, id)
		}
		return raw, nil
	}
	return nil, s.fault(memberThingID, "a string", raw)
}

func (s shape) policyID(raw []byte) ([]byte, *protocol.Error) {
	switch document.KindOf(raw) {
	case document.Invalid:
		return nil, nil
	case document.Null:
		if s.patch {
			return nil, protocol.ErrPolicyIDNotDeletable()
		}
		return nil, nil
	case document.String:
		return raw, validatePolicyID(textOf(raw))
	}
	return nil, s.fault(memberPolicyID, "a string", raw)
}

func (s shape) definition(raw []byte) ([]byte, *protocol.Error) {
	switch document.KindOf(raw) {
	case document.Invalid:
		return nil, nil
	case document.Null:
		return s.null(raw), nil
	case document.String:
		return raw, protocol.ValidateDefinition(textOf(raw))
	}
	return nil, s.fault(memberDefinition, "a string", raw)
}

// null keeps a null that stands for something to be deleted, and leaves out one that means nothing.
func (s shape) null(raw []byte) []byte {
	if s.patch {
		return raw
	}
	return nil
}

// container checks a member that holds what clients like. Protocol rule: it may be null, and stays so.
func (s shape) container(name string, raw []byte) ([]byte, *protocol.Error) {
	switch document.KindOf(raw) {
	case document.Invalid, document.Null, document.Object:
		return raw, nil
	}
	return nil, s.fault(name, "an object", raw)
}

func (s shape) features(raw []byte) ([]byte, *protocol.Error) {
	raw, err := s.container(memberFeatures, raw)
	if err != nil || document.KindOf(raw) != document.Object {
		return raw, err
	}
	w := newWriter(len(raw))
	for id, feature := range document.Members(raw) {
		feature, err := s.feature(feature)
		if err != nil {
			return nil, err
		}
		w.member(id, feature)
	}
	return w.object(), nil
}

func (s shape) feature(raw []byte) ([]byte, *protocol.Error) {
	raw, err := s.container("a feature", raw)
	if err != nil || document.KindOf(raw) != document.Object {
		return raw, err
	}
	w := newWriter(len(raw))
	for name, value := range document.Members(raw) {
		switch {
		case name == memberDefinition:
			value, err = s.featureDefinition(value)
		case name == memberProperties || name == memberDesiredProperties:
			value, err = s.container(name, value)
		case s.patch && isPattern(name): // deletes members that it matches
		default:
			continue
		}
		if err != nil {
			return nil, err
		}
		w.member(name, value)
	}
	return w.object(), nil
}

// featureDefinition checks the definition of a feature: at least one identifier.
func (s shape) featureDefinition(raw []byte) ([]byte, *protocol.Error) {
	switch document.KindOf(raw) {
	case document.Null:
		return s.null(raw), nil
	case document.Array:
	default:
		return nil, s.fault("the definition of a feature", "an array", raw)
	}
	if len(raw) == len(`[]`) {
		return nil, protocol.ErrFeatureDefinitionEmpty()
	}
	for identifier := range document.Elements(raw) {
		if document.KindOf(identifier) != document.String {
			return nil, s.fault("an identifier in the definition of a feature", "a string", identifier)
		}
		if err := protocol.ValidateDefinition(textOf(identifier)); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// isPattern reports whether a name in a merge patch, or in its path, may be a regular expression of names to be deleted.
func isPattern(name string) bool {
	return strings.HasPrefix(name, "{{") && strings.HasSuffix(name, "}}")
}

// validatePolicyID checks an id of the form namespace:name.
func validatePolicyID(id string) *protocol.Error {
	namespace, name, _ := strings.Cut(id, ":")
	if protocol.ValidateID(namespace, name) != nil {
		return protocol.ErrPolicyIDInvalid(id)
	}
	return nil
}
