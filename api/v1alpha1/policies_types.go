package v1alpha1

// Toggle says whether something is done.
//
// +kubebuilder:validation:Enum=Enabled;Disabled
type Toggle string

const (
	// Enabled means that it is done.
	Enabled Toggle = "Enabled"
	// Disabled means that it is not done.
	Disabled Toggle = "Disabled"
)

// Policies is how policies are kept.
type Policies struct {
	// Whether a change of a policy is refused that would leave nobody who may
	// change it again: Enabled or Disabled. A change holds for commands from
	// then on. Default: Enabled.
	// +optional
	LockoutPrevention *Toggle `json:"lockoutPrevention,omitempty"`

	// What the expiry of a subject is rounded up to, 1s to 24h. A change holds
	// for subjects that are written from then on. Default: 1h.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('24h')",message="must be between 1s and 24h"
	SubjectExpiryGranularity *Duration `json:"subjectExpiryGranularity,omitempty"`

	// How it is announced that subjects expire. Default: the default of each
	// field.
	// +optional
	Announcements *Announcements `json:"announcements,omitempty"`

	// Policies whose entries hold for all policies of some namespaces; 1 to 64
	// patterns of namespaces. A namespace that several match gets the policies
	// of all of them. A change takes effect on all policies at once.
	// Default: none.
	// +optional
	// +listType=map
	// +listMapKey=pattern
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	NamespaceRoots []NamespaceRoot `json:"namespaceRoots,omitempty"`
}

// Announcements is how it is announced that subjects expire or are deleted.
type Announcements struct {
	// What the time between an announcement and the expiry is rounded up to, 1s
	// to 24h. A change holds for subjects that are written from then on.
	// Default: 1m.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('24h')",message="must be between 1s and 24h"
	Granularity *Duration `json:"granularity,omitempty"`

	// How long after its expiry a subject is kept at most while its announcement
	// has not been acknowledged, 0s to 168h. The subject keeps its permissions
	// for as long. Default: 4h.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('168h')",message="must be between 0s and 168h"
	GracePeriod *Duration `json:"gracePeriod,omitempty"`

	// How long the acknowledgements of one announcement are waited for if the
	// policy does not say it, and the longest it may ask for; 1s to 1m. What has
	// not been acknowledged is announced again. Default: 60s.
	// +optional
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1s') && duration(self) <= duration('1m')",message="must be between 1s and 1m"
	Timeout *Duration `json:"timeout,omitempty"`
}

// NamespaceRoot names policies whose implicitly importable entries hold for all
// policies of some namespaces. A policy that does not exist adds nothing, and
// none is added to itself.
type NamespaceRoot struct {
	// The namespaces: com.example is that namespace alone, com.example.* is
	// every namespace below it but not com.example itself, * is every namespace.
	// 1 to 256 characters.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self.matches('^([*]|[a-zA-Z][a-zA-Z0-9_]*([.-][a-zA-Z][a-zA-Z0-9_]*)*([.][*])?)$')",message="must be a namespace, a namespace and .*, or *"
	Pattern string `json:"pattern,omitempty"`

	// The ids of the policies, 1 to 10.
	// +required
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	Policies []PolicyID `json:"policies,omitempty"`
}

// PolicyID is the id of a policy.
//
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:XValidation:rule="self.matches('^([a-zA-Z][a-zA-Z0-9_]*([.-][a-zA-Z][a-zA-Z0-9_]*)*)?:[^[:cntrl:]/]+$')",message="must be the id of a policy, such as com.example:root"
type PolicyID string
