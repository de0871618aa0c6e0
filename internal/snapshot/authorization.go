package snapshot

// ResourceType is a type of entity.
type ResourceType string

const (
	// ResourceThing is a thing.
	ResourceThing ResourceType = "Thing"
	// ResourcePolicy is a policy.
	ResourcePolicy ResourceType = "Policy"
)

// EntityCreation says who may create things and policies: whoever a rule of
// Grant matches and no rule of Revoke.
type EntityCreation struct {
	// Grant has at least one rule.
	Grant []CreationRule `json:"grant"`
	// Revoke wins over Grant.
	Revoke []CreationRule `json:"revoke,omitempty"`
}

// CreationRule matches the creation of an entity if each of its fields does. No
// field is empty. In patterns * stands for any number of characters, none
// included, and ? for exactly one.
type CreationRule struct {
	// ResourceTypes are the types of the entity, sorted.
	ResourceTypes []ResourceType `json:"resourceTypes"`
	// Namespaces are patterns of the namespace of the entity, sorted.
	Namespaces []string `json:"namespaces"`
	// AuthSubjects are patterns, sorted, one of which must match a subject of who
	// creates the entity.
	AuthSubjects []string `json:"authSubjects"`
	// ThingDefinitions are patterns of the definition of a thing, sorted. The
	// empty pattern, and no other, matches a thing without a definition. Policies
	// match whatever is here.
	ThingDefinitions []string `json:"thingDefinitions"`
}

// NamespaceRule opens namespaces to the sessions that meet its conditions.
// Patterns are those of a CreationRule.
type NamespaceRule struct {
	// Conditions are templates of placeholders with the prefixes jwt, header and
	// request, every one of which must resolve to something that is not empty for
	// the rule to apply. Without any it applies to every session.
	Conditions []string `json:"conditions,omitempty"`
	// ResourceTypes are the types of entities that the rule is about, sorted and
	// at least one.
	ResourceTypes []ResourceType `json:"resourceTypes"`
	// AllowedNamespaces are patterns of what the rule opens, sorted and at least
	// one.
	AllowedNamespaces []string `json:"allowedNamespaces"`
	// BlockedNamespaces are patterns, sorted, that win over AllowedNamespaces.
	BlockedNamespaces []string `json:"blockedNamespaces,omitempty"`
}
