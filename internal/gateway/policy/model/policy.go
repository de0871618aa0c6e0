package model

import "time"

// Policy says who may do what with the entities that name it. The order of everything in it is the one in which it was
// written.
type Policy struct {
	ID      string
	Imports []Import
	Entries []Entry
	// Size is how long the document is that the policy was loaded from, in bytes; 0 if it was not loaded.
	Size int
}

// Import takes over entries of another policy.
type Import struct {
	// ID is that of the imported policy.
	ID string
	// Entries are the labels of the explicit entries that are taken over beside the implicit ones.
	Entries []string
	// TransitiveImports are the policies whose import by the imported one is followed.
	TransitiveImports []string
}

// Entry grants and revokes permissions on resources for subjects.
type Entry struct {
	Label     string
	Subjects  []Subject
	Resources []Resource
	// Importable says whether other policies can import the entry.
	Importable Importable
	// Namespaces restrict the entry to things in them; empty: all. HasNamespaces says that the member was written.
	Namespaces    []string
	HasNamespaces bool
	// AllowedAdditions are what entries that refer to this one may add; all if there is no such member.
	AllowedAdditions    []Addition
	HasAllowedAdditions bool
	// References are entries whose content this one takes over.
	References []Reference
}

// Importable is how an entry can be imported.
type Importable uint8

// Implicit entries are imported with the policy, explicit ones if the import names them, never ones never.
const (
	Implicit Importable = iota
	Explicit
	Never
)

// Addition is a part of an entry that a referring entry may add to.
type Addition uint8

// The parts.
const (
	AddSubjects Addition = iota
	AddResources
	AddNamespaces
)

// Reference names an entry of this policy or, if Import is not empty, of an imported one.
type Reference struct{ Import, Entry string }

// Subject is one authorization subject.
type Subject struct {
	ID, Type string
	// Expiry is when the subject is removed, in UTC; zero: never.
	Expiry time.Time
	// Announcement says what is announced to the subject before it is removed; nil: nothing.
	Announcement *Announcement
}

// Announcement tells a subject that it is going to be removed, or was.
type Announcement struct {
	// BeforeExpiry is how long before the expiry it is announced; HasBeforeExpiry: at all.
	BeforeExpiry    time.Duration
	HasBeforeExpiry bool
	// WhenDeleted announces removals that are no expiry.
	WhenDeleted bool
	// AckLabels are the acknowledgements without which the announcement is repeated.
	AckLabels []string
	// AckTimeout is how long one attempt waits for them; zero: the default.
	AckTimeout time.Duration
	// Randomization is the span over which announcements are spread; HasRandomization: it was written.
	Randomization    time.Duration
	HasRandomization bool
	// Raw is the announcement as it is stored and shown, canonical JSON.
	Raw []byte
}

// Resource is what an entry says about one resource.
type Resource struct {
	// Key is "type:/path".
	Key string
	// Grant and Revoke are permissions; strings that are none are kept, and mean nothing.
	Grant, Revoke []string
}
