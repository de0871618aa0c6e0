package v1alpha1

// ResourceType is a type of entity.
//
// +kubebuilder:validation:Enum=Thing;Policy
type ResourceType string

const (
	// ResourceThing is a thing.
	ResourceThing ResourceType = "Thing"
	// ResourcePolicy is a policy.
	ResourcePolicy ResourceType = "Policy"
)

// NamespacePattern matches namespaces of things and policies: * stands for any
// number of characters, none included, ? for exactly one.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-zA-Z0-9_.*?-]+$')",message="must be letters, digits, dots, hyphens, underscores and the wildcards * and ?"
type NamespacePattern string

// SubjectPattern matches authorization subjects such as "nginx:ditto": * stands
// for any number of characters, ? for exactly one.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]+$')",message="must be text without control characters"
type SubjectPattern string

// DefinitionPattern matches definitions of things: * stands for any number of
// characters, ? for exactly one. Only the empty text matches a thing without a
// definition.
//
// +kubebuilder:validation:MaxLength=512
// +kubebuilder:validation:XValidation:rule="self.matches('^[^[:cntrl:]]*$')",message="must be text without control characters"
type DefinitionPattern string

// EntityCreation says who may create things and policies: whoever a rule of
// grant matches and no rule of revoke.
type EntityCreation struct {
	// Who may create what, 1 to 32 rules. Default: [{}], everybody may create
	// everything.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Grant []CreationRule `json:"grant,omitempty"`

	// Who may not create what, whatever grant says, 1 to 32 rules.
	// Default: none.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Revoke []CreationRule `json:"revoke,omitempty"`
}

// CreationRule matches the creation of an entity if each of its fields does.
type CreationRule struct {
	// The types of the entity, 1 or 2 of them. Default: ["Thing", "Policy"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2
	ResourceTypes []ResourceType `json:"resourceTypes,omitempty"`

	// The namespaces of the entity, 1 to 32 patterns. Default: ["*"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Namespaces []NamespacePattern `json:"namespaces,omitempty"`

	// The subjects of who creates it, at least one of which must match; 1 to 32
	// patterns. Default: ["*"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	AuthSubjects []SubjectPattern `json:"authSubjects,omitempty"`

	// The definitions of a thing, 1 to 32 patterns; the empty one stands for
	// things without a definition. Policies have none, and match whatever is
	// here. Default: ["", "*"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	ThingDefinitions []DefinitionPattern `json:"thingDefinitions,omitempty"`
}

// NamespaceRule opens namespaces to the sessions that meet its conditions.
type NamespaceRule struct {
	// Conditions that a session must meet for the rule to apply, all of them; 1
	// to 8 expressions with the placeholders jwt:<claim>, header:<name> and
	// request:subjectId, as in
	// "{{ jwt:iss | fn:filter('like','https://*.example.com') }}". A condition
	// is met if something is left of it. Default: none, the rule applies to
	// every session.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=8
	Conditions []Condition `json:"conditions,omitempty"`

	// The types of entities that the rule is about, 1 or 2 of them.
	// Default: ["Thing", "Policy"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2
	ResourceTypes []ResourceType `json:"resourceTypes,omitempty"`

	// The namespaces that are open, 1 to 32 patterns. Default: ["*"].
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	AllowedNamespaces []NamespacePattern `json:"allowedNamespaces,omitempty"`

	// The namespaces that are closed, whatever allowedNamespaces of the rule
	// says; 1 to 32 patterns. Default: none.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	BlockedNamespaces []NamespacePattern `json:"blockedNamespaces,omitempty"`
}
