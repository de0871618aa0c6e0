package model

import (
	"strings"

	"github.com/twinway/twinway/internal/gateway/document"
	"github.com/twinway/twinway/internal/gateway/protocol"
)

func (p parser) resources(raw []byte) ([]Resource, *protocol.Error) {
	if err := expect(document.Object, memberResources, raw); err != nil {
		return nil, err
	}
	var resources []Resource
	for key, value := range document.Members(raw) {
		resource, err := p.resource(key, value)
		if err != nil {
			return nil, err
		}
		resources = append(resources, resource)
	}
	return resources, nil
}

func (p parser) resource(key string, raw []byte) (Resource, *protocol.Error) {
	if !p.stored && !isResourceKey(key) {
		return Resource{}, protocol.ErrPolicyEntryInvalid("The key of a resource must be of the form type:/path.")
	}
	if err := expect(document.Object, "The resource "+key, raw); err != nil {
		return Resource{}, err
	}
	grant, err := readPermissions(raw, memberGrant)
	if err != nil {
		return Resource{}, err
	}
	revoke, err := readPermissions(raw, memberRevoke)
	if err != nil {
		return Resource{}, err
	}
	return Resource{Key: key, Grant: grant, Revoke: revoke}, nil
}

// isResourceKey reports whether s is "type:/path". What types there are is not for policies to say. A path is no longer
// than one can be, and its segments are no longer than what they stand for.
func isResourceKey(s string) bool {
	kind, path, found := strings.Cut(s, ":")
	if !found || protocol.ValidateKey(kind) != nil || !strings.HasPrefix(path, "/") {
		return false
	}
	pointer, err := document.ParsePointer(path)
	if err != nil {
		return false
	}
	for _, segment := range pointer {
		if protocol.ValidateSubject(segment) != nil {
			return false
		}
	}
	return true
}

// readPermissions reads the permissions that are granted or revoked. Protocol rule: both members are mandatory; what is no
// string is ignored, and strings that are no permissions are kept.
func readPermissions(raw []byte, name string) ([]string, *protocol.Error) {
	value, err := required(raw, name)
	if err != nil {
		return nil, err
	}
	if err := expect(document.Array, name, value); err != nil {
		return nil, err
	}
	var names distinct[string]
	for element := range document.Elements(value) {
		if document.KindOf(element) == document.String {
			names.add(textOf(element))
		}
	}
	return names.list, nil
}
