package enforcer

// ResourceType is the kind of thing that permissions are about; each has a path space of its own, and none inherits from
// another.
type ResourceType uint8

// The types of resources that permissions are asked for. Policies may name others, which never match.
const (
	Thing ResourceType = iota
	Policy
	Message

	resourceTypes = 3
)

// Permissions is a set of permissions.
type Permissions uint8

// The permissions.
const (
	Read Permissions = 1 << iota
	Write
	Execute
)

// Entry is one entry of a policy after imports and references were resolved.
type Entry struct {
	// Subjects are authorization subject ids.
	Subjects []string
	// Namespaces restricts the entry to things in these namespaces: exact ones, or "prefix.*" for descendants of prefix
	// but not prefix itself. Empty: all.
	Namespaces []string
	// Resources are what the entry grants and revokes.
	Resources []Resource
}

// Resource is what one entry says about one resource and everything below it.
type Resource struct {
	// Key is "type:/path".
	Key string
	// Grant and Revoke may overlap; a revoke wins.
	Grant, Revoke Permissions
}
