package snapshot

import "time"

// Toggle says whether something is done.
type Toggle string

const (
	// Enabled means that it is done.
	Enabled Toggle = "Enabled"
	// Disabled means that it is not done.
	Disabled Toggle = "Disabled"
)

// Policies is how policies are kept. Durations are encoded in nanoseconds.
type Policies struct {
	// LockoutPrevention says whether changes are refused that leave nobody who
	// may change the policy.
	LockoutPrevention Toggle `json:"lockoutPrevention"`
	// SubjectExpiryGranularity is what the expiry of a subject is rounded up to.
	SubjectExpiryGranularity time.Duration `json:"subjectExpiryGranularity"`
	// Announcements is how it is announced that subjects expire.
	Announcements Announcements `json:"announcements"`
	// NamespaceRoots are the policies that hold for all policies of some
	// namespaces, sorted by pattern.
	NamespaceRoots []NamespaceRoot `json:"namespaceRoots,omitempty"`
}

// Announcements is how it is announced that subjects expire or are deleted.
type Announcements struct {
	// Granularity is what the time between announcement and expiry is rounded up
	// to.
	Granularity time.Duration `json:"granularity"`
	// GracePeriod is how long after its expiry a subject is kept at most while
	// its announcement is not acknowledged; it may be zero.
	GracePeriod time.Duration `json:"gracePeriod"`
	// Timeout is the default and the maximum of how long the acknowledgements of
	// one announcement are waited for.
	Timeout time.Duration `json:"timeout"`
}

// NamespaceRoot names policies whose implicitly importable entries hold for all
// policies of some namespaces.
type NamespaceRoot struct {
	// Pattern is a namespace, a namespace and ".*" for every namespace below it,
	// or "*" for every namespace.
	Pattern string `json:"pattern"`
	// Policies are the ids of the policies, sorted and at least one.
	Policies []string `json:"policies"`
}
